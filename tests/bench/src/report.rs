//! What was measured, as a table on the terminal and as `results.md`.

use std::fmt::Write as _;

use crate::machine::Machine;
use crate::measure::{Figure, Offered, median};
use crate::storm::Storm;

/// One round of one server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Round {
    /// With 16 in flight.
    pub many: Figure,
    /// With one in flight.
    pub one: Figure,
    /// At 100,000 deliveries a second, where the server can.
    pub offered: Option<Offered>,
}

/// The medians of one server.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What the table calls it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// With 16 in flight.
    pub many: Figure,
    /// With one in flight.
    pub one: Figure,
    /// At 100,000 deliveries a second, where the server can.
    pub offered: Option<Offered>,
    /// Memory of a connection that has asked for everything, in KiB.
    pub connected_kib: f64,
    /// The same after the load.
    pub loaded_kib: f64,
    /// Bytes of one delivery, with all that frames it.
    pub delivery_bytes: f64,
    /// Messages that all reached everybody.
    pub published: u64,
}

impl Row {
    /// The medians of some rounds.
    pub fn of(name: &str, version: String, rounds: &[Round]) -> Self {
        let of = |value: fn(&Round) -> f64| median(rounds.iter().map(value));
        let offered: Vec<Offered> = rounds.iter().filter_map(|round| round.offered).collect();
        let over = |value: fn(&Offered) -> f64| median(offered.iter().map(value));
        let published = rounds.iter().map(|round| {
            round.many.published + round.one.published + round.offered.map_or(0, |offered| offered.published)
        });
        Self {
            name: name.to_owned(),
            version,
            many: Figure {
                deliveries_per_second: of(|round| round.many.deliveries_per_second),
                cpu_per_million: of(|round| round.many.cpu_per_million),
                published: 0,
            },
            one: Figure {
                deliveries_per_second: of(|round| round.one.deliveries_per_second),
                cpu_per_million: of(|round| round.one.cpu_per_million),
                published: 0,
            },
            offered: (!offered.is_empty()).then(|| Offered {
                cpu_per_million: over(|offered| offered.cpu_per_million),
                p50_ms: over(|offered| offered.p50_ms),
                p99_ms: over(|offered| offered.p99_ms),
                keeps_up: offered.iter().filter(|offered| offered.keeps_up).count() * 2 > offered.len(),
                published: 0,
            }),
            published: published.sum(),
            ..Self::default()
        }
    }
}

/// How the processor does as the number of clients or teams grows.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    /// Clients.
    pub clients: usize,
    /// Teams they are spread over.
    pub teams: usize,
    /// With 16 in flight.
    pub many: Figure,
}

/// What links at rest weigh.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// How many.
    pub links: usize,
    /// Each, connected and bound, in KiB.
    pub kib: f64,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub struct Results {
    /// Clients of each server.
    pub clients: usize,
    /// Bytes of a message.
    pub message_bytes: usize,
    /// How the rounds were.
    pub rounds: String,
    /// Where server and clients ran, and how busy the machine was.
    pub conditions: Vec<String>,
    /// The servers.
    pub rows: Vec<Row>,
    /// Those that were not measured, and why.
    pub skipped: Vec<(String, String)>,
    /// Growth.
    pub grown: Vec<Grown>,
    /// Rest.
    pub idle: Option<Idle>,
    /// The storm.
    pub storm: Option<Storm>,
}

const HEADER: [&str; 10] = [
    "server",
    "16 in flight: deliveries/s",
    "CPU s/M",
    "1 in flight: deliveries/s",
    "CPU s/M",
    "at 100,000/s: CPU s/M",
    "p50 / p99 ms",
    "KiB a connection",
    "after the load",
    "bytes a delivery",
];

impl Results {
    /// The servers' table, in cells.
    fn cells(&self) -> Vec<Vec<String>> {
        let header = HEADER.iter().map(|text| (*text).to_owned()).collect();
        let rows = self.rows.iter().map(|row| {
            let offered = match row.offered {
                Some(offered) if offered.keeps_up => [
                    format!("{:.2}", offered.cpu_per_million),
                    format!("{:.1} / {:.1}", offered.p50_ms, offered.p99_ms),
                ],
                Some(_) | None => ["–".to_owned(), "cannot".to_owned()],
            };
            let [cpu, times] = offered;
            vec![
                row.name.clone(),
                grouped(row.many.deliveries_per_second),
                format!("{:.3}", row.many.cpu_per_million),
                grouped(row.one.deliveries_per_second),
                format!("{:.2}", row.one.cpu_per_million),
                cpu,
                times,
                format!("{:.1}", row.connected_kib),
                format!("{:.1}", row.loaded_kib),
                format!("{:.0}", row.delivery_bytes),
            ]
        });
        std::iter::once(header).chain(rows).collect()
    }

    /// For a terminal.
    pub fn terminal(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.setting());
        if !self.rows.is_empty() {
            out.push_str(&aligned(&self.cells()));
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(out, "{name}: skipped: {why}");
        }
        for line in self.beyond() {
            let _ = writeln!(out, "{line}");
        }
        out
    }

    /// For `results.md`. `plots` are files beside it with their captions.
    pub fn markdown(&self, machine: &Machine, plots: &[(String, String)]) -> String {
        let mut out = String::from("# What the fan-out does beside other servers\n\n");
        let _ = writeln!(
            out,
            "Written by `cargo xtask bench`. {} cores of {}, {} GiB, {}, TCP congestion control {}.\n",
            machine.cores, machine.cpu, machine.memory_gib, machine.kernel, machine.congestion_control
        );
        let _ = writeln!(out, "{}\n", self.setting());
        if !self.rows.is_empty() {
            out.push_str(&piped(&self.cells()));
            out.push('\n');
            let versions: Vec<String> = self.rows.iter().map(|row| format!("{} {}", row.name, row.version)).collect();
            let _ = writeln!(out, "Versions: {}.\n", versions.join("; "));
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(out, "* {name} was skipped: {why}");
        }
        for line in self.beyond() {
            let _ = writeln!(out, "{line}\n");
        }
        for (file, caption) in plots {
            let _ = writeln!(out, "![{caption}]({file})\n");
        }
        out
    }

    /// What was done, in a paragraph.
    fn setting(&self) -> String {
        let mut text = String::new();
        if !self.rows.is_empty() {
            let _ = write!(
                text,
                "1 publisher, {} clients of each server, messages of {} bytes (our JSON; for the others as many bytes of \
                 payload), {}. ",
                self.clients, self.message_bytes, self.rounds
            );
        }
        text.push_str(&self.conditions.join(". "));
        if !self.conditions.is_empty() {
            text.push('.');
        }
        text
    }

    /// What stands below the table.
    fn beyond(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.grown.is_empty() {
            let header = ["clients", "teams", "deliveries/s", "CPU s/M"];
            let header = header.iter().map(|text| (*text).to_owned()).collect();
            let rows = self.grown.iter().map(|grown| {
                vec![
                    grouped(grown.clients as f64),
                    grown.teams.to_string(),
                    grouped(grown.many.deliveries_per_second),
                    format!("{:.3}", grown.many.cpu_per_million),
                ]
            });
            let cells: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
            lines.push(format!(
                "The processor as clients and teams grow in number, each client in one team and sixteen changes of each team in \
                 flight:\n\n{}",
                piped(&cells)
            ));
        }
        if let Some(idle) = self.idle {
            lines.push(format!(
                "{} links at rest, connected and bound: {:.1} KiB each.",
                grouped(idle.links as f64),
                idle.kib
            ));
        }
        if let Some(storm) = self.storm {
            lines.push(format!(
                "A storm of clients, {} at a time, each of which opens a socket, connects, binds, begins to watch a team, has its \
                 snapshot and leaves: {} links/s, {:.0} µs of the server's processor time each.",
                crate::storm::AT_A_TIME,
                grouped(storm.links_per_second),
                storm.cpu_us_per_link
            ));
        }
        lines
    }
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) && digit.is_ascii_digit() {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn piped(cells: &[Vec<String>]) -> String {
    let mut out = String::new();
    for (number, row) in cells.iter().enumerate() {
        let _ = writeln!(out, "| {} |", row.join(" | "));
        if number == 0 {
            let _ = writeln!(out, "| --- {}|", "| ---: ".repeat(row.len() - 1));
        }
    }
    out
}

fn aligned(cells: &[Vec<String>]) -> String {
    let columns = cells.first().map_or(0, Vec::len);
    let wide = |column: usize| cells.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let mut out = String::new();
    for row in cells {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let _ = if column == 0 { write!(out, "{cell:<width$}") } else { write!(out, "  {cell:>width$}") };
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Results, Round, Row, grouped};
    use crate::measure::{Figure, Offered};

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(grouped(999.4), "999");
        assert_eq!(grouped(1_000.0), "1,000");
        assert_eq!(grouped(3_512_345.6), "3,512,346");
    }

    #[test]
    fn rows_hold_the_medians_and_who_cannot_keep_up_is_told() {
        let round = |deliveries, keeps_up| Round {
            many: Figure { deliveries_per_second: deliveries, cpu_per_million: 0.5, published: 10 },
            offered: Some(Offered { keeps_up, p50_ms: 1.0, ..Offered::default() }),
            ..Round::default()
        };
        let row = Row::of("one", "1".into(), &[round(1e6, true), round(3e6, false), round(2e6, false)]);
        assert_eq!((row.many.deliveries_per_second, row.published), (2e6, 30));
        let text = Results { clients: 5, rows: vec![row], ..Results::default() }.terminal();
        assert!(text.contains("2,000,000") && text.contains("cannot"), "{text}");
    }
}

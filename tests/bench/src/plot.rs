//! The figures as pictures, drawn from what was measured: SVG, whose text the reader's own fonts draw.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use crate::report::{Grown, Results, Row};

const SIZE: (u32, u32) = (900, 420);
const OURS: RGBColor = RGBColor(0x1f, 0x6f, 0xb4);
const OTHERS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
const GRID: RGBColor = RGBColor(0xdd, 0xe2, 0xe7);

/// Draws what there is into a folder; gives each file's name and caption.
pub fn draw(results: &Results, folder: &Path) -> Result<Vec<(String, String)>> {
    let mut drawn = Vec::new();
    if !results.rows.is_empty() {
        let bars: [(&str, &str, Value); 4] = [
            ("deliveries.svg", "Deliveries a second with 16 in flight (more is better)", |row| {
                Some(row.many.deliveries_per_second)
            }),
            ("cpu.svg", "Server CPU seconds per million deliveries with 16 in flight (less is better)", |row| {
                Some(row.many.cpu_per_million)
            }),
            ("latency.svg", "99 of 100 deliveries come within so many milliseconds at 100,000/s", |row| {
                row.offered.filter(|offered| offered.keeps_up).map(|offered| offered.p99_ms)
            }),
            ("memory.svg", "KiB of a connection", |row| Some(row.connected_kib)),
        ];
        for (file, caption, value) in bars {
            let values: Vec<(&str, f64)> =
                results.rows.iter().filter_map(|row| Some((row.name.as_str(), value(row)?))).collect();
            bar_chart(&folder.join(file), caption, &values).map_err(|error| anyhow!("{file}: {error}"))?;
            drawn.push((file.to_owned(), caption.to_owned()));
        }
    }
    let by_clients: Vec<&Grown> = results.grown.iter().filter(|grown| grown.teams == 1).collect();
    if by_clients.len() > 1 {
        let (file, caption) = ("growth.svg", "CPU seconds per million deliveries by clients of one team");
        line_chart(&folder.join(file), caption, &by_clients).map_err(|error| anyhow!("{file}: {error}"))?;
        drawn.push((file.to_owned(), caption.to_owned()));
    }
    Ok(drawn)
}

/// Which figure of a server a picture shows.
type Value = fn(&Row) -> Option<f64>;

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn bar_chart(file: &Path, caption: &str, values: &[(&str, f64)]) -> Drawn {
    let most = values.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let count = i32::try_from(values.len())?;
    let mut chart = ChartBuilder::on(&root)
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(210)
        .build_cartesian_2d(0.0..most * 1.15, (0..count).into_segmented())?;
    let name = |place: &SegmentValue<i32>| match place {
        SegmentValue::CenterOf(place) => usize::try_from(count - 1 - place)
            .ok()
            .and_then(|place| values.get(place))
            .map_or_else(String::new, |(name, _)| (*name).to_owned()),
        SegmentValue::Exact(_) | SegmentValue::Last => String::new(),
    };
    chart
        .configure_mesh()
        .disable_y_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .set_tick_mark_size(LabelAreaPosition::Left, 0)
        .x_labels(6)
        .x_label_formatter(&|value| shown(*value))
        .y_labels(values.len() + 1)
        .y_label_formatter(&name)
        .draw()?;
    for (place, (name, value)) in values.iter().enumerate() {
        let place = count - 1 - i32::try_from(place)?;
        let color = if *name == crate::catalogue::Kind::Processor.name() { OURS } else { OTHERS };
        let corners = [(0.0, SegmentValue::Exact(place)), (*value, SegmentValue::Exact(place + 1))];
        let mut bar = Rectangle::new(corners, color.filled());
        bar.set_margin(6, 6, 0, 0);
        chart.draw_series(std::iter::once(bar))?;
        let at = (*value, SegmentValue::CenterOf(place));
        let text = EmptyElement::at(at) + Text::new(shown(*value), (4, -6), ("sans-serif", 13));
        chart.draw_series(std::iter::once(text))?;
    }
    root.present()?;
    Ok(())
}

fn line_chart(file: &Path, caption: &str, grown: &[&Grown]) -> Drawn {
    let points: Vec<(f64, f64)> =
        grown.iter().map(|grown| (grown.clients as f64, grown.many.cpu_per_million)).collect();
    let most = points.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let last = points.iter().map(|(clients, _)| *clients).fold(10.0, f64::max);
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(60)
        .build_cartesian_2d((8.0..last * 1.3).log_scale(), 0.0..most * 1.2)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .x_desc("clients")
        .x_label_formatter(&|clients| format!("{clients:.0}"))
        .y_desc("CPU s per million")
        .y_labels(6)
        .draw()?;
    chart.draw_series(LineSeries::new(points.iter().copied(), OURS.stroke_width(2)))?;
    chart.draw_series(points.iter().map(|point| Circle::new(*point, 4, OURS.filled())))?;
    root.present()?;
    Ok(())
}

/// A value beside its bar.
fn shown(value: f64) -> String {
    match value {
        0.0 => "0".to_owned(),
        value if value >= 1e6 => format!("{:.2} M", value / 1e6),
        value if value >= 1e4 => format!("{:.0} k", value / 1e3),
        value if value >= 10.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::measure::Figure;
    use crate::report::{Grown, Results, Row};

    #[test]
    fn pictures_hold_the_names_and_figures() {
        let folder = tempfile::tempdir().unwrap();
        let many = Figure { deliveries_per_second: 2.5e6, cpu_per_million: 0.4, published: 1 };
        let row = Row { name: "a server".into(), many, ..Row::default() };
        let grown = [10, 100].map(|clients| Grown { clients, teams: 1, many }).to_vec();
        let results = Results { rows: vec![row.clone(), row], grown, ..Results::default() };
        let drawn = draw(&results, folder.path()).unwrap();
        assert_eq!(drawn.len(), 5);
        let svg = std::fs::read_to_string(folder.path().join("deliveries.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("a server") && svg.contains("2.50 M"), "{svg}");
    }
}

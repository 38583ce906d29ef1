//! `journey`: the way a call took, and the calls there were.

use std::io::{self, Write};
use std::time::Duration;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::Failed;
use super::client::{At, Client, Lost, said};
use super::people::{column, duration, plain, time_of_day};

/// `interaction-processor journey`
#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Args {
    /// The call, by the id of any of its legs
    #[arg(value_name = "CALL_ID", group = "what")]
    call: Option<String>,
    /// The last N calls instead, newest first, running ones included
    #[arg(long, value_name = "N", group = "what", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    recent: Option<u32>,
    /// With --recent: only calls from or to this number
    #[arg(long, requires = "recent")]
    number: Option<String>,
    /// One JSON object a line, and nothing else
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    at: At,
}

/// Asks and prints.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let mut client = Client::connect(&args.at).await?;
    let answer = ask(&mut client, &args).await;
    let server_now_ms = client.server_now_ms();
    client.disconnect().await;
    let lines = match answer {
        Ok(Ok(lines)) => lines,
        Ok(Err(failure)) => return Err(Failed::refused(said(&failure))),
        Err(Lost::Socket(why)) => return Err(Failed::no_server(&args.at.url, why)),
        Err(Lost::Ended(why)) => return Err(Failed::refused(why)),
    };
    let mut out = io::stdout().lock();
    let printed = if args.json {
        lines.iter().try_for_each(|line| writeln!(out, "{line}"))
    } else if args.recent.is_some() {
        print_calls(&mut out, &lines, server_now_ms)
    } else {
        print_steps(&mut out, &lines)
    };
    // Whoever reads may have seen enough.
    let _ = printed.and_then(|()| out.flush());
    Ok(())
}

async fn ask(client: &mut Client, args: &Args) -> Result<Result<Vec<Value>, Value>, Lost> {
    let reports = match client.reports().await? {
        Ok(reports) => reports,
        Err(failure) => return Ok(Err(failure)),
    };
    let (command, data, list) = match (&args.call, args.recent) {
        (Some(call), _) => ("report.calljourney", json!({"CallId": call}), "CallJourney"),
        (None, limit) => {
            let mut data = json!({"limit": limit});
            if let Some(number) = &args.number {
                data["number"] = json!(number);
            }
            ("report.calljourney.recent", data, "Calls")
        }
    };
    let answer = client.ask(&reports, command, data).await?;
    Ok(answer.map(|answer| answer["data"][list].as_array().cloned().unwrap_or_default()))
}

fn print_calls(out: &mut impl Write, calls: &[Value], now_ms: u64) -> io::Result<()> {
    if calls.is_empty() {
        return writeln!(out, "No calls yet: they appear as soon as one begins.");
    }
    writeln!(
        out,
        "{}  {}  {}  {}  call",
        column("began", 9),
        column("lasted", 8),
        column("from", 16),
        column("to", 16)
    )?;
    for call in calls {
        let began = call["StartedAt"].as_u64().unwrap_or(0);
        let (ended, running) = match call["EndedAt"].as_u64() {
            Some(ended) => (ended, ""),
            None => (now_ms, "  running"),
        };
        let lasted = duration(Duration::from_millis(ended.saturating_sub(began)));
        writeln!(
            out,
            "{}  {lasted:>8}  {}  {}  {}{running}",
            column(&time_of_day(began), 9),
            column(text(call, "From"), 16),
            column(text(call, "To"), 16),
            plain(text(call, "CallId"))
        )?;
    }
    Ok(())
}

fn print_steps(out: &mut impl Write, steps: &[Value]) -> io::Result<()> {
    if steps.is_empty() {
        return writeln!(out, "The call is known, and took no steps yet.");
    }
    writeln!(
        out,
        "{}  {}  {}  {}  what happened",
        column("began", 9),
        column("lasted", 9),
        column("device", 24),
        column("kind", 8)
    )?;
    let mut leg = text(&steps[0], "CallId").to_owned();
    writeln!(out, "call {}", plain(&leg))?;
    for step in steps {
        if text(step, "CallId") != leg {
            text(step, "CallId").clone_into(&mut leg);
            writeln!(out, "call {}", plain(&leg))?;
        }
        let joined = if step["Partial"] == true { " (seen from the middle)" } else { "" };
        writeln!(
            out,
            "{}  {}  {}  {}  {}{joined}",
            column(&time_of_day(step["StartedAt"].as_u64().unwrap_or(0)), 9),
            column(text(step, "Duration"), 9),
            column(text(step, "Device"), 24),
            column(text(step, "DeviceType"), 8),
            plain(text(step, "Description"))
        )?;
    }
    Ok(())
}

fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or("")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{print_calls, print_steps};

    #[test]
    fn calls_show_what_runs() {
        let calls = [
            json!({"CallId": "c2", "StartedAt": 1_790_000_060_000_u64, "From": "+1 555", "To": "8000"}),
            json!({"CallId": "c1", "StartedAt": 1_790_000_000_000_u64, "EndedAt": 1_790_000_030_000_u64,
                   "From": "\u{1b}[2J", "To": "8000"}),
        ];
        let mut out = Vec::new();
        print_calls(&mut out, &calls, 1_790_000_065_000).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert!(lines[1].contains("14:14:20Z") && lines[1].contains("0:05") && lines[1].ends_with("c2  running"));
        assert!(lines[2].contains("0:30") && lines[2].ends_with("c1") && !lines[2].contains('\u{1b}'));
    }

    #[test]
    fn steps_stand_under_their_leg() {
        let step = |call: &str, device: &str| {
            json!({"CallId": call, "Device": device, "DeviceType": "Agent", "Description": "Talking",
                   "Duration": "00:00:07", "StartedAt": 1_790_000_000_000_u64, "Partial": true})
        };
        let mut out = Vec::new();
        print_steps(&mut out, &[step("a", "2001"), step("a", "2002"), step("b", "2003")]).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out.lines().filter(|line| line.starts_with("call ")).collect::<Vec<_>>(), ["call a", "call b"]);
        assert!(out.contains("Talking (seen from the middle)"));
    }
}

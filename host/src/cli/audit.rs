//! `audit`: who signed in, was refused, took over, acted on others and left, read from the store itself.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args as ClapArgs;
use interaction_core::audit::{AuditActor, AuditCause, AuditRecord};
use interaction_core::time::Time;
use serde_json::json;

use super::people::{column, date_and_time, moment, plain, span};
use super::{Failed, serve};
use crate::clock::Clock;
use crate::store::{self, AuditFilter, Place};

/// `interaction-processor audit`
#[derive(Debug, ClapArgs)]
pub(super) struct Args {
    /// Only what concerns this agent, or what it did as a supervisor
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only from then on: 30m, 12h or 7d ago, a date such as 2026-03-31, or 2026-03-31T08:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// The newest N only
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    limit: u32,
    /// One JSON object a line, and nothing else
    #[arg(long)]
    json: bool,
    /// The server's configuration file: it says where the store is
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Reads and prints.
pub(super) async fn run(args: Args) -> Result<(), Failed> {
    let settings = serve::settings(args.config.as_deref(), None)?;
    let place = Place::existing(&settings).map_err(Failed::usage)?.ok_or_else(|| {
        Failed::usage("`store.kind` is \"memory\": the audit trail is gone with the server that kept it")
    })?;
    let since = args.since.as_deref().map(|text| since(text, Clock::start().now())).transpose()?;
    let filter = AuditFilter { agent: args.agent, since, limit: args.limit };
    let records = store::read_audits(&place, &filter).await.map_err(Failed::new)?;
    let mut out = io::stdout().lock();
    let printed = if args.json {
        records.iter().try_for_each(|record| writeln!(out, "{}", object(record)))
    } else {
        print(&mut out, &records)
    };
    // Whoever reads may have seen enough.
    let _ = printed.and_then(|()| out.flush());
    Ok(())
}

/// So long before `now`, or a moment.
fn since(text: &str, now: Time) -> Result<Time, Failed> {
    let said = span(text).map(|ago| now - ago);
    said.or_else(|| moment(text)).ok_or_else(|| {
        Failed::usage(format!(
            "--since {text}: write 30m, 12h or 7d, a date such as 2026-03-31, or 2026-03-31T08:00:00Z"
        ))
    })
}

fn object(record: &AuditRecord) -> serde_json::Value {
    json!({
        "at": record.at.as_millis(),
        "action": record.action.as_str(),
        "agent": record.agent.as_str(),
        "actor": kind_of(&record.actor),
        "actorId": actor(record),
        "cause": record.cause.map(AuditCause::as_str),
        "client": record.client,
        "peer": record.peer,
        "note": record.note,
    })
}

const fn kind_of(actor: &AuditActor) -> &'static str {
    match actor {
        AuditActor::Agent => "agent",
        AuditActor::Supervisor(_) => "supervisor",
        AuditActor::Platform => "platform",
        AuditActor::Server => "server",
    }
}

/// Who did it, by id where it is a person.
fn actor(record: &AuditRecord) -> Option<&str> {
    match &record.actor {
        AuditActor::Agent => Some(record.agent.as_str()),
        AuditActor::Supervisor(id) => Some(id.as_str()),
        AuditActor::Platform | AuditActor::Server => None,
    }
}

fn print(out: &mut impl Write, records: &[AuditRecord]) -> io::Result<()> {
    if records.is_empty() {
        return writeln!(out, "Nothing to tell: nobody signed in, was refused or left in that time.");
    }
    let columns = [("when", 20), ("what", 11), ("agent", 14), ("by", 14), ("cause", 12), ("from", 20)];
    for (title, width) in columns {
        write!(out, "{}  ", column(title, width))?;
    }
    writeln!(out, "note")?;
    for record in records {
        let from = match (&*record.client, &*record.peer) {
            ("", peer) => peer.to_owned(),
            (client, "") => client.to_owned(),
            (client, peer) => format!("{client} {peer}"),
        };
        let by = match &record.actor {
            AuditActor::Agent => "itself",
            AuditActor::Supervisor(id) => id.as_str(),
            AuditActor::Platform | AuditActor::Server => kind_of(&record.actor),
        };
        writeln!(
            out,
            "{}  {}  {}  {}  {}  {}  {}",
            column(&date_and_time(record.at.as_millis()), 20),
            column(record.action.as_str(), 11),
            column(record.agent.as_str(), 14),
            column(by, 14),
            column(record.cause.map_or("", AuditCause::as_str), 12),
            column(&from, 20),
            plain(&record.note)
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use interaction_core::audit::AuditAction;

    use super::*;

    fn record(actor: AuditActor) -> AuditRecord {
        let mut record =
            AuditRecord::new(Time::from_millis(1_790_000_000_000), AuditAction::Logout, "1001".into(), actor);
        record.cause = Some(AuditCause::Supervisor);
        record.note = "\u{1b}[2J".into();
        record
    }

    #[test]
    fn a_record_is_a_line_that_acts_on_no_terminal() {
        let mut out = Vec::new();
        print(&mut out, &[record(AuditActor::Supervisor("2001".into()))]).unwrap();
        let out = String::from_utf8(out).unwrap();
        let line = out.lines().nth(1).unwrap();
        for word in ["2026-09-21 14:13:20Z", "logout", "1001", "2001", "supervisor"] {
            assert!(line.contains(word), "no {word} in {line}");
        }
        assert!(!line.contains('\u{1b}'));
    }

    #[test]
    fn a_record_is_an_object_with_milliseconds() {
        let object = object(&record(AuditActor::Platform));
        assert_eq!((object["at"].as_u64(), object["actor"].as_str()), (Some(1_790_000_000_000), Some("platform")));
        assert_eq!((object["actorId"].is_null(), object["cause"].as_str()), (true, Some("supervisor")));
    }

    #[test]
    fn since_is_a_time_ago_or_a_moment() {
        let now = Time::from_millis(1_790_000_000_000);
        for (text, ms) in [
            ("90s", 1_790_000_000_000 - 90_000),
            ("2h", 1_790_000_000_000 - 7_200_000),
            ("1d", 1_790_000_000_000 - 86_400_000),
            ("2026-09-21", 1_789_948_800_000),
            ("2026-09-21T14:13:20Z", 1_790_000_000_000),
        ] {
            assert_eq!(since(text, now).unwrap().as_millis(), ms, "{text}");
        }
        for text in ["", "h", "-1h", "1w", "2026-13-01", "2026-02-30", "yesterday", "2026-09-21T25:00:00Z", "1é"] {
            assert!(since(text, now).is_err(), "{text}");
        }
    }
}

//! Finds a contact and everything that belongs to it.

use std::collections::BTreeMap;
use std::fmt;

use super::cell::CellError;
use super::rows::{Connection, Consult, Csq, Hold, Leg, Queueing, Resource, Rows, Trigger, party};
use super::table::{Database, Filter, Value};
use super::{ROWS_MAX, steps};
use crate::ids::CallId;
use crate::input::RecentCall;
use crate::report::journey::JourneyRecord;
use crate::time::Time;

/// Why there is no answer.
#[derive(Debug)]
pub enum HistoryError<E> {
    /// The database could not be asked.
    Database(E),
    /// A cell is not what its column holds.
    Cell(CellError),
}

impl<E: fmt::Display> fmt::Display for HistoryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => error.fmt(f),
            Self::Cell(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for HistoryError<E> {}

/// Everything known of one contact.
#[derive(Debug, Default)]
pub(super) struct Contact {
    /// Its legs, in their order.
    pub(super) legs: Vec<Leg>,
    pub(super) connections: Vec<Connection>,
    pub(super) queueings: Vec<Queueing>,
    pub(super) holds: Vec<Hold>,
    pub(super) consults: Vec<Consult>,
    /// The rows of each person, the one that is active first.
    pub(super) people: BTreeMap<i64, Vec<Resource>>,
    /// Names of queues by record.
    pub(super) queues: BTreeMap<i64, Box<str>>,
    /// Names of triggers by number.
    pub(super) triggers: BTreeMap<Box<str>, Box<str>>,
    /// Whether more rows exist than were read.
    pub(super) is_cut: bool,
}

/// The journey of the contact `call` names, if the database has it: its `contactid`, or `<nodeID>-<sessionID>`.
///
/// # Errors
/// When the database cannot be asked, or is not of the schema this reads.
pub fn read<D: Database>(database: &mut D, call: &CallId) -> Result<Option<JourneyRecord>, HistoryError<D::Error>> {
    // Contacts without an id have an empty one.
    if call.as_str().is_empty() {
        return Ok(None);
    }
    let mut reader = Reader { database, is_cut: false };
    let mut legs: Vec<Leg> = reader.rows(&[("contactid", Value::Text(call.as_str()))])?;
    if legs.is_empty()
        && let Some((node, session)) = session_of(call.as_str())
    {
        legs = reader.rows(&[("sessionID", Value::Number(session)), ("nodeID", Value::Number(node))])?;
    }
    if legs.is_empty() {
        return Ok(None);
    }
    legs.sort_by_key(|leg| (leg.started, leg.session, leg.seq));
    let mut contact = Contact { legs, ..Contact::default() };
    reader.details(&mut contact)?;
    reader.names(&mut contact)?;
    contact.is_cut = reader.is_cut;
    Ok(steps::journey(&contact))
}

/// Contacts that began at or after `since`, newest first, at most `limit`; with `number`, those from or to it.
///
/// # Errors
/// As [`read`].
pub fn recent<D: Database>(
    database: &mut D,
    since: Time,
    limit: usize,
    number: Option<&str>,
) -> Result<Vec<RecentCall>, HistoryError<D::Error>> {
    let mut legs: Vec<Leg> = Vec::new();
    let columns: &[Option<&'static str>] =
        if number.is_some() { &[Some("originatorDN"), Some("calledNumber")] } else { &[None] };
    for column in columns {
        let mut equal = vec![("sessionSeqNum", Value::Number(0))];
        if let (Some(column), Some(number)) = (column, number) {
            equal.push((column, Value::Text(number)));
        }
        let filter = Filter {
            equal: &equal,
            not_before: Some(("startDateTime", since)),
            newest_by: Some("startDateTime"),
            limit,
        };
        let rows = database.select(Leg::TABLE, filter).map_err(HistoryError::Database)?;
        for row in &rows {
            let leg = Leg::read(row).map_err(HistoryError::Cell)?;
            if !legs.iter().any(|known| (known.session, known.node) == (leg.session, leg.node)) {
                legs.push(leg);
            }
        }
    }
    let mut calls: Vec<RecentCall> = legs.iter().filter_map(line).collect();
    calls.sort_by(|a, b| b.started.cmp(&a.started).then_with(|| b.call.cmp(&a.call)));
    calls.dedup_by(|a, b| a.call == b.call);
    calls.truncate(limit);
    Ok(calls)
}

fn line(leg: &Leg) -> Option<RecentCall> {
    let started = leg.started?;
    Some(RecentCall {
        call: leg.call(),
        started,
        ended: leg.ended.unwrap_or(started),
        from: leg.originator_dn.clone(),
        to: leg.called().into(),
        partial: false,
    })
}

impl Leg {
    /// The id it is asked for by.
    pub(super) fn call(&self) -> CallId {
        if self.contact.is_empty() { session_id(self.node, self.session) } else { (&*self.contact).into() }
    }

    /// The number that was called.
    pub(super) fn called(&self) -> &str {
        if self.called_number.is_empty() { &self.destination_dn } else { &self.called_number }
    }
}

/// The id of a session that has no contact id.
pub(super) fn session_id(node: i64, session: i64) -> CallId {
    format!("{node}-{session}").into()
}

fn session_of(call: &str) -> Option<(i64, i64)> {
    let (node, session) = call.split_once('-')?;
    let number = |text: &str| {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| text.parse::<i64>().ok()).flatten()
    };
    Some((number(node)?, number(session)?))
}

struct Reader<'a, D: Database> {
    database: &'a mut D,
    is_cut: bool,
}

impl<D: Database> Reader<'_, D> {
    fn rows<R: Rows>(&mut self, equal: &[(&'static str, Value<'_>)]) -> Result<Vec<R>, HistoryError<D::Error>> {
        let rows = self.database.select(R::TABLE, Filter::equal(equal)).map_err(HistoryError::Database)?;
        self.is_cut |= rows.len() >= ROWS_MAX;
        rows.iter().take(ROWS_MAX).map(R::read).collect::<Result<_, _>>().map_err(HistoryError::Cell)
    }

    /// What happened on each session of the contact.
    fn details(&mut self, contact: &mut Contact) -> Result<(), HistoryError<D::Error>> {
        let mut sessions: Vec<(i64, i64)> = contact.legs.iter().map(|leg| (leg.node, leg.session)).collect();
        sessions.sort_unstable();
        sessions.dedup();
        for (node, session) in sessions {
            let of_node = [("sessionID", Value::Number(session)), ("nodeID", Value::Number(node))];
            contact.connections.extend(self.rows::<Connection>(&of_node)?);
            contact.queueings.extend(self.rows::<Queueing>(&of_node)?);
            contact.holds.extend(self.rows::<Hold>(&[("sessionID", Value::Number(session))])?);
        }
        let mut consults: Vec<i64> =
            contact.connections.iter().map(|row| row.consult_session).filter(|session| *session > 0).collect();
        consults.sort_unstable();
        consults.dedup();
        for session in consults {
            contact.consults.extend(self.rows::<Consult>(&[("sessionid", Value::Number(session))])?);
        }
        Ok(())
    }

    /// What people and things of it are called.
    fn names(&mut self, contact: &mut Contact) -> Result<(), HistoryError<D::Error>> {
        let of_legs = contact.legs.iter().flat_map(|leg| {
            let originator = (leg.originator_type == party::AGENT).then_some(leg.originator);
            let destination = (leg.destination_type == party::AGENT).then_some(leg.destination);
            originator.into_iter().chain(destination)
        });
        let mut ids: Vec<i64> = of_legs
            .chain(contact.connections.iter().map(|row| row.resource))
            .chain(contact.consults.iter().flat_map(|row| [row.source, row.destination]))
            .chain(contact.queueings.iter().filter(|row| row.target_type != 0).map(|row| row.target))
            .filter(|id| *id >= 0)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let mut rows: Vec<Resource> = self.rows(&[("resourceID", Value::Number(id))])?;
            rows.sort_by_key(|row| row.inactive.unwrap_or(Time::MAX));
            contact.people.insert(id, rows);
        }
        let mut queues: Vec<i64> =
            contact.queueings.iter().filter(|row| row.target_type == 0).map(|row| row.target).collect();
        queues.sort_unstable();
        queues.dedup();
        for record in queues {
            if let Some(queue) = self.rows::<Csq>(&[("recordID", Value::Number(record))])?.into_iter().next() {
                contact.queues.insert(queue.record, queue.name);
            }
        }
        let mut numbers: Vec<Box<str>> = contact.legs.iter().map(|leg| leg.called_number.clone()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers.iter().filter(|number| !number.is_empty()) {
            if let Some(trigger) = self.rows::<Trigger>(&[("misc1", Value::Text(number))])?.into_iter().next() {
                contact.triggers.insert(trigger.number, trigger.name);
            }
        }
        Ok(())
    }
}

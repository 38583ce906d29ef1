//! The tables that are read, each as a type. A number that is missing is -1, a text empty, as UCCX itself writes them.

use super::cell::{Cell, CellError};
use super::table::{Row, Table};
use crate::time::Time;

/// A row type of a table.
pub(super) trait Rows: Sized {
    /// Its table.
    const TABLE: &'static Table;

    /// Reads one row.
    fn read(row: &Row) -> Result<Self, CellError>;
}

macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident = $table:literal { $($field:ident: $type:ty = $column:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(super) struct $name {
            $(pub(super) $field: $type,)*
        }

        impl Rows for $name {
            const TABLE: &'static Table = &Table { name: $table, columns: &[$($column),*] };

            fn read(row: &Row) -> Result<Self, CellError> {
                let mut cells = row.iter().map(Option::as_deref);
                $(
                    let $field = <$type as Cell>::read(cells.next().flatten()).ok_or(CellError {
                        table: $table,
                        column: $column,
                        expected: <$type as Cell>::EXPECTED,
                    })?;
                )*
                Ok(Self { $($field),* })
            }
        }
    )*};
}

tables! {
    /// One leg of a contact: a new one for each transfer and redirection, none for the hop from port to agent.
    Leg = "ContactCallDetail" {
        session: i64 = "sessionID",
        seq: i64 = "sessionSeqNum",
        node: i64 = "nodeID",
        contact_type: i64 = "contactType",
        disposition: i64 = "contactDisposition",
        reason: Box<str> = "dispositionReason",
        originator_type: i64 = "originatorType",
        originator: i64 = "originatorID",
        originator_dn: Box<str> = "originatorDN",
        destination_type: i64 = "destinationType",
        destination: i64 = "destinationID",
        destination_dn: Box<str> = "destinationDN",
        started: Option<Time> = "startDateTime",
        ended: Option<Time> = "endDateTime",
        called_number: Box<str> = "calledNumber",
        task: i64 = "applicationTaskID",
        application: Box<str> = "applicationName",
        transfer: bool = "transfer",
        contact: Box<str> = "contactid",
    }
    /// One agent on one leg.
    Connection = "AgentConnectionDetail" {
        session: i64 = "sessionID",
        seq: i64 = "sessionSeqNum",
        node: i64 = "nodeID",
        resource: i64 = "resourceID",
        started: Option<Time> = "startDateTime",
        ended: Option<Time> = "endDateTime",
        ring: i64 = "ringTime",
        talk: i64 = "talkTime",
        hold: i64 = "holdTime",
        work: i64 = "workTime",
        wrapup: Box<str> = "callWrapupData",
        no_answer: bool = "rna",
        consult_session: i64 = "consultsessionid",
    }
    /// One queue, or one agent waited for, on one leg.
    Queueing = "ContactQueueDetail" {
        session: i64 = "sessionID",
        seq: i64 = "sessionSeqNum",
        node: i64 = "nodeID",
        target: i64 = "targetID",
        target_type: i64 = "targetType",
        order: i64 = "queueOrder",
        disposition: i64 = "disposition",
        waited: i64 = "queueTime",
        started: Option<Time> = "startDateTime",
        ended: Option<Time> = "endDateTime",
    }
    /// One hold.
    Hold = "ContactHoldDetail" {
        session: i64 = "sessionID",
        seq: i64 = "sessionSeqNum",
        resource: i64 = "resourceid",
        kind: i64 = "type",
        started: Option<Time> = "startDateTime",
        ended: Option<Time> = "endDateTime",
    }
    /// One consultation.
    Consult = "ConsultLegDetail" {
        session: i64 = "sessionid",
        node: i64 = "nodeid",
        source: i64 = "sourceresourceid",
        destination: i64 = "destinationresourceid",
        started: Option<Time> = "startdatetime",
        ended: Option<Time> = "enddatetime",
    }
    /// A person. A changed row is closed and written anew under the same id.
    Resource = "Resource" {
        id: i64 = "resourceID",
        login: Box<str> = "resourceLoginID",
        name: Box<str> = "resourceName",
        extension: Box<str> = "extension",
        inactive: Option<Time> = "dateInactive",
    }
    /// A queue, by the record id that rows of its time point to.
    Csq = "ContactServiceQueue" {
        record: i64 = "recordID",
        name: Box<str> = "CSQName",
    }
    /// A route point's trigger.
    Trigger = "CrsTrigger" {
        name: Box<str> = "triggerName",
        number: Box<str> = "misc1",
    }
}

/// What Cisco's guide calls the kinds of a party of a leg.
pub(super) mod party {
    /// An agent.
    pub(in super::super) const AGENT: i64 = 1;
    /// A device: a port for a destination, a phone of nobody who is logged in for an originator.
    pub(in super::super) const DEVICE: i64 = 2;
}

/// `ContactCallDetail.contactDisposition`.
pub(super) mod disposition {
    /// The caller gave up.
    pub(in super::super) const ABANDONED: i64 = 1;
    /// Somebody, or a script, handled it.
    pub(in super::super) const HANDLED: i64 = 2;
}

/// Why a contact was rejected, by `contactDisposition`; none for one that was not.
pub(super) const fn rejection(disposition: i64) -> Option<&'static str> {
    Some(match disposition {
        5 => "no trigger",
        6 => "channels not ready",
        7 => "trigger timed out",
        8 => "channels busy",
        9 => "no channel licence",
        10 => "remote side timed out",
        11 => "software error",
        12 => "trigger has its most sessions",
        13 => "trigger failed",
        14 => "setup timed out",
        15 => "setup failed",
        16 => "resource invalid",
        17 => "resource does not acknowledge",
        18 => "resource busy",
        19 => "contact not offered",
        20 => "internal error",
        21 => "by the script",
        22 => "by the agent",
        23 => "skipped by the agent",
        24 => "reservation cancelled by the agent",
        _ => return None,
    })
}

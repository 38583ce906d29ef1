//! What the database holds of journeys that are about to be replaced, and whether more than their rows changes.

use interaction_core::report::journey::JourneyRecord;

use super::{Database, Trouble, bind_all, places, read, sized, text};

/// What is known of a journey that is about to be replaced.
pub(super) struct Stored {
    pub(super) call: String,
    /// By which it was found.
    pub(super) leg: String,
    /// This run wrote it.
    pub(super) is_own: bool,
    pub(super) record: Option<JourneyRecord>,
    /// What runs before the one that wrote it knew.
    pub(super) earlier: Option<JourneyRecord>,
}

impl Stored {
    /// Whether all that leads to it leads to what replaces it, so that its row alone changes: while a call goes on that is the
    /// rule.
    pub(super) fn is_found_as(&self, own: &JourneyRecord) -> bool {
        let same =
            |old: &JourneyRecord| old.legs == own.legs && old.numbers == own.numbers && old.started == own.started;
        self.is_own && self.earlier.is_none() && self.record.as_ref().is_some_and(same)
    }
}

/// The journeys that these legs lead to, each once. It is one question with one row for each: what costs is their way here.
pub(super) async fn found(database: &mut Database, run: &str, legs: &[&str]) -> Result<Vec<Stored>, Trouble> {
    let sql = format!(
        "SELECT l.call, MIN(l.leg), COALESCE(j.run, ''), COALESCE(j.record, ''), COALESCE(j.earlier, '') \
         FROM interaction_journey_legs l LEFT JOIN interaction_journeys j ON j.call = l.call WHERE l.leg IN ({}) \
         GROUP BY l.call, j.call",
        places(legs.len(), 1)
    );
    let rows = database.rows(bind_all(sized(sql, legs.len()), legs.iter().copied())).await?;
    let stored = rows.iter().map(|row| {
        let is_own = text(row, 2)? == run;
        let (record, earlier) = (read(&text(row, 3)?), read(&text(row, 4)?));
        Ok(Stored { call: text(row, 0)?, leg: text(row, 1)?, is_own, record, earlier })
    });
    stored.collect()
}

//! A database in memory, filled from the file of rows.

use std::convert::Infallible;

use super::super::cell::{Cell, written};
use super::super::{Database, Filter, Row, Table, Value};
use crate::time::Time;

/// Rows as the file names them.
#[derive(Debug)]
pub(super) struct Memory {
    rows: Vec<(String, Vec<(String, String)>)>,
    /// How often it was asked.
    pub(super) asked: usize,
}

impl Memory {
    /// Reads the lines of a file of rows.
    pub(super) fn of(text: &str) -> Self {
        let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
            let mut parts = line.split(" | ");
            let table = parts.next().expect("a table").to_owned();
            let cells = parts.map(|part| part.split_once('=').expect("column=value"));
            (table, cells.map(|(column, value)| (column.to_owned(), value.to_owned())).collect())
        });
        Self { rows: rows.collect(), asked: 0 }
    }

    /// Replaces the value of a column everywhere in a table.
    pub(super) fn set(&mut self, table: &str, column: &str, value: &str) {
        for (_, cells) in self.rows.iter_mut().filter(|(name, _)| name == table) {
            cells.retain(|(name, _)| name != column);
            cells.push((column.to_owned(), value.to_owned()));
        }
    }
}

fn cell<'a>(cells: &'a [(String, String)], column: &str) -> Option<&'a str> {
    cells.iter().find(|(name, _)| name == column).map(|(_, value)| &**value)
}

impl Database for Memory {
    type Error = Infallible;

    fn select(&mut self, table: &'static Table, filter: Filter<'_>) -> Result<Vec<Row>, Infallible> {
        self.asked += 1;
        let mut found: Vec<&[(String, String)]> = self
            .rows
            .iter()
            .filter(|(name, _)| name == table.name)
            .map(|(_, cells)| &**cells)
            .filter(|cells| {
                filter.equal.iter().all(|(column, value)| match value {
                    Value::Text(text) => cell(cells, column) == Some(text),
                    Value::Number(number) => <i64 as Cell>::read(cell(cells, column)) == Some(*number),
                })
            })
            .filter(|cells| {
                filter
                    .not_before
                    .is_none_or(|(column, at)| cell(cells, column).is_some_and(|text| text >= &*written(at)))
            })
            .collect();
        if let Some(column) = filter.newest_by {
            found.sort_by_key(|cells| std::cmp::Reverse(<Option<Time>>::read(cell(cells, column))));
        }
        let row = |cells: &&[(String, String)]| {
            table.columns.iter().map(|column| cell(cells, column).map(str::to_owned)).collect()
        };
        Ok(found.iter().take(filter.limit).map(row).collect())
    }
}

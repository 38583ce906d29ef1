//! What is asked of the database, and what it answers: rows of named columns, in text.

use super::cell::written;
use crate::time::Time;

/// A table, with the columns that are read of it, in the order in which a row holds them.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns.
    pub columns: &'static [&'static str],
}

/// A row: one cell for each of the table's columns; `None` is null.
pub type Row = Vec<Option<String>>;

/// Something a column is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text: hand it over as a parameter, never within the statement.
    Text(&'a str),
    /// A number.
    Number(i64),
}

/// Which rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// Columns and what they equal, all of them. Never empty.
    pub equal: &'a [(&'static str, Value<'a>)],
    /// A column of moments and the earliest one.
    pub not_before: Option<(&'static str, Time)>,
    /// A column by which the newest rows come first.
    pub newest_by: Option<&'static str>,
    /// At most so many rows.
    pub limit: usize,
}

impl<'a> Filter<'a> {
    /// All rows whose columns equal these values, within the bound of one contact.
    pub const fn equal(equal: &'a [(&'static str, Value<'a>)]) -> Self {
        Self { equal, not_before: None, newest_by: None, limit: super::ROWS_MAX }
    }

    /// The statement for `table`: a `?` stands for each text of [`Filter::texts`], in order. Plain SQL of every database:
    /// the limit is kept by fetching no more.
    pub fn statement(&self, table: &Table) -> String {
        let mut sql = format!("SELECT {} FROM {} WHERE ", table.columns.join(", "), table.name);
        for (index, (column, value)) in self.equal.iter().enumerate() {
            if index > 0 {
                sql.push_str(" AND ");
            }
            match value {
                Value::Text(_) => sql.push_str(&format!("{column} = ?")),
                Value::Number(number) => sql.push_str(&format!("{column} = {number}")),
            }
        }
        if let Some((column, at)) = self.not_before {
            sql.push_str(&format!(" AND {column} >= '{}'", written(at)));
        }
        if let Some(column) = self.newest_by {
            sql.push_str(&format!(" ORDER BY {column} DESC"));
        }
        sql
    }

    /// The texts that stand for the statement's parameters.
    pub fn texts(&self) -> impl Iterator<Item = &'a str> {
        self.equal.iter().filter_map(|(_, value)| match value {
            Value::Text(text) => Some(*text),
            Value::Number(_) => None,
        })
    }
}

/// Where rows come from.
pub trait Database {
    /// Why a question cannot be answered.
    type Error;

    /// The rows of `table` that `filter` lets through, at most as many as it says.
    fn select(&mut self, table: &'static Table, filter: Filter<'_>) -> Result<Vec<Row>, Self::Error>;
}

//! JSON Schema of everything that is spoken: made of the types in `interaction_core::protocol`, one file a direction.

pub mod kinds;

use interaction_core::protocol::{ClientMessage, ServerMessage};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Who sends a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Clients.
    Client,
    /// The server.
    Server,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// The name of the direction's file in `docs/schema`.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Client => "client-message.json",
            Self::Server => "server-message.json",
        }
    }

    /// The schema of every message that is sent this way: draft 2020-12.
    pub fn schema(self) -> Value {
        match self {
            Self::Client => schema_of::<ClientMessage>("Every message a client sends"),
            Self::Server => schema_of::<ServerMessage>("Every message the server sends"),
        }
    }

    /// The schema as its file holds it.
    ///
    /// # Panics
    /// Never: JSON of this shape has a text.
    pub fn text(self) -> String {
        let mut text = serde_json::to_string_pretty(&self.schema()).expect("a schema is JSON");
        text.push('\n');
        text
    }

    /// Reads a message with the protocol's types and writes it again.
    ///
    /// # Errors
    /// The types cannot read it, or what they write is not the same: they know something in it by another name or not at all.
    pub fn round_trip(self, message: &Value) -> Result<(), String> {
        let again = match self {
            Self::Client => again::<ClientMessage>(message),
            Self::Server => again::<ServerMessage>(message),
        }?;
        if again == *message { Ok(()) } else { Err(format!("reads as {again}")) }
    }
}

fn again<T: serde::Serialize + serde::de::DeserializeOwned>(message: &Value) -> Result<Value, String> {
    // Through text, as a client gets it.
    let read: T = serde_json::from_str(&message.to_string()).map_err(|error| error.to_string())?;
    serde_json::to_value(&read).map_err(|error| error.to_string())
}

fn schema_of<T: JsonSchema>(title: &str) -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let mut schema = Value::from(schema);
    schema["title"] = json!(title);
    schema
}

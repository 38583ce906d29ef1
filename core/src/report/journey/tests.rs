//! Flows as platforms tell them, and the journeys they make.

mod bounds;
mod flows;
mod joins;
mod live;
mod property;
mod resyncs;
mod stored;
mod world;

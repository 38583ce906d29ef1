//! Every bound of what a component may take, each with its reason. Units stand last in the names.

use std::time::Duration;

/// The largest file that is read: the largest adapter there is has some 2 MB.
pub(super) const FILE_BYTES_MAX: u64 = 64 << 20;

/// What a component may hold in its memory, unless the operator says otherwise: the UCCX adapter with 10,000 agents and as many
/// calls stays below a tenth of it.
pub(crate) const MEMORY_BYTES: u32 = 256 << 20;
/// The most an operator can grant: all that 32-bit addresses reach.
pub(super) const MEMORY_BYTES_MAX: usize = 1 << 32;

/// What one call of an adapter that runs may add to its memory: the largest answer, and half as much again to make it. Pages that
/// are taken and given back cost everybody on the machine.
pub(super) const GROWTH_BYTES_MAX: usize = ANSWER_BYTES_MAX + ANSWER_BYTES_MAX / 2;

/// How long one call of an adapter may take, unless the operator says otherwise: a full resynchronisation of a large centre takes
/// tens of milliseconds, and a platform that waits for longer begins to miss heartbeats.
pub(crate) const CALL_MS: u32 = 1_000;
/// How long making an adapter may take: it reads its configuration, and no more.
pub(super) const MAKE_WITHIN: Duration = Duration::from_secs(5);
/// How often it is seen whether a call is over its time: calls end at most so much too late.
pub(super) const TICK: Duration = Duration::from_millis(10);
/// Units of work of one call where time may decide nothing: about a second's worth.
pub(super) const FUEL: u64 = 1_000_000_000;

/// Stack of a call: native adapters use a tenth of it. Beyond is a recursion without end.
pub(super) const STACK_BYTES: usize = 512 << 10;
/// Functions that are called by a table: the adapters here have 2,000.
pub(super) const TABLE_ELEMENTS_MAX: usize = 65_536;
/// Modules within one component: tools make four at most.
pub(super) const MODULES_MAX: u32 = 8;
/// Memories and tables of one component: one each is used, tools add one.
pub(super) const PARTS_MAX: u32 = 4;
/// Components that run at a time: an adapter, the engine, one that takes over from it, and one that goes away.
pub(super) const COMPONENTS_MAX: u32 = 4;
/// Memories, and tables, of all that run at a time: addresses are set aside for each.
pub(super) const PARTS_IN_ALL_MAX: u32 = 8;
/// Objects a component may hand out at a time: an adapter hands out itself.
pub(super) const HANDLES_MAX: usize = 16;

/// What one call may return, as it lies in this server's memory: a centre of 20,000 agents, told at once.
pub(super) const ANSWER_BYTES_MAX: usize = 64 << 20;
/// What one call of the engine may return: a snapshot of 10,000 links, each with all it may keep in an hour that is bad.
pub(super) const ENGINE_ANSWER_BYTES_MAX: usize = 1 << 30;
/// Outputs of one call: records, states, queues and teams of 20,000 agents.
pub(super) const OUTPUTS_MAX: usize = 65_536;
/// Bytes of one message to a platform: the longest of any protocol here is far below.
pub(super) const SEND_BYTES_MAX: usize = 1 << 20;
/// Connections at a time: two nodes, and a session for each of some hundred agents.
pub(super) const CONNECTIONS_MAX: usize = 1_024;
/// Commands it may leave unanswered; beyond them they are refused. A platform takes some hundred a second.
pub(super) const COMMANDS_MAX: usize = 512;
/// How long it may leave one unanswered: above the 120 s in which the engine gives up a logout.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(180);

/// A name or reason, and what people are told: the roster's bound of texts.
pub(super) const TEXT_BYTES_MAX: usize = interaction_core::limits::TEXT_BYTES_MAX;
/// Reasons and codes of a platform, each kind: administrators set some tens.
pub(super) const REASONS_MAX: usize = 1_000;

/// The shortest time between two calls for time's sake: whatever it asks for, it does not spin.
pub(super) const REST: Duration = Duration::from_millis(1);
/// How often the log is told that it wants what it may not: it may want it a thousand times a second.
pub(super) const WARN_EVERY: Duration = Duration::from_secs(1);

/// Values it may count of itself: the adapters here have 30.
pub(super) const COUNTS_MAX: usize = 64;
/// The name of one.
pub(super) const COUNT_NAME_BYTES_MAX: usize = 64;
/// How often they are read: as often as anybody looks.
pub(super) const COUNTS_EVERY: Duration = Duration::from_secs(1);

/// Compiled components that are kept: those of some configurations and their last versions.
pub(super) const CACHED_MAX: usize = 16;

/// How long one turn of the engine may take in a component: turns take a millisecond; beyond this it does not end at all.
pub(crate) const TURN_WITHIN: Duration = Duration::from_secs(10);

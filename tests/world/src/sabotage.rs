//! Faults put between the engine and the comparison: what an engine that breaks a promise would look like. Each must be
//! noticed.

use interaction_core::cti::Command;
use interaction_core::output::{CloseCode, Sending, Status};
use interaction_trace::Seen;

/// A fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// An event is lost.
    Lost,
    /// An event comes twice.
    Twice,
    /// Two messages to one socket change places.
    Swapped,
    /// A number is one too high.
    WrongNumber,
    /// A session's action is shown disabled that is enabled.
    WrongEnablement,
    /// A message comes one input late.
    Late,
    /// A password is in a replay.
    LeakedPassword,
    /// A command goes out without its password.
    MissingPassword,
    /// A member's status is what it was not.
    WrongStatus,
    /// A ping is not sent.
    NoPing,
    /// A socket is closed for another reason.
    WrongClose,
    /// A claim is never given back.
    KeptClaim,
    /// A failure has another code.
    WrongCode,
    /// An object of a session is in a state it is not in.
    WrongState,
    /// An action of an object is shown enabled that is not.
    WrongAction,
    /// That a contact ended is not told.
    LostEnd,
    /// An object is disposed of twice.
    TwiceDisposed,
    /// A contact ended for another reason.
    WrongCause,
    /// Somebody in a conversation goes by another address.
    WrongMember,
    /// A contact's data is another.
    WrongData,
    /// A channel is available in another way.
    WrongAvailability,
    /// The platform is not asked for what a client asked.
    LostCommand,
    /// The platform is asked about another call.
    WrongCall,
    /// A request to a session succeeds that fails.
    WrongSuccess,
    /// Nobody waits in a queue, and somebody is told.
    WrongQueue,
    /// A request by HTTP is answered by another status.
    WrongAnswer,
    /// A poll is not answered.
    LostAnswer,
    /// A poll or a stream goes on with a hole.
    Hole,
    /// A step of a journey is shown on another leg of it.
    WrongLeg,
    /// A step of a joined call is lost.
    LostStep,
    /// Somebody waits in a queue since another moment.
    WrongWait,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: [Self; 31] = [
        Self::Lost,
        Self::Twice,
        Self::Swapped,
        Self::WrongNumber,
        Self::WrongEnablement,
        Self::Late,
        Self::LeakedPassword,
        Self::MissingPassword,
        Self::WrongStatus,
        Self::NoPing,
        Self::WrongClose,
        Self::KeptClaim,
        Self::WrongCode,
        Self::WrongState,
        Self::WrongAction,
        Self::LostEnd,
        Self::TwiceDisposed,
        Self::WrongCause,
        Self::WrongMember,
        Self::WrongData,
        Self::WrongAvailability,
        Self::LostCommand,
        Self::WrongCall,
        Self::WrongSuccess,
        Self::WrongQueue,
        Self::WrongAnswer,
        Self::LostAnswer,
        Self::Hole,
        Self::WrongLeg,
        Self::LostStep,
        Self::WrongWait,
    ];
}

/// What shows the logout enabled.
const LOGOUT_ENABLED: &str = r#"{"name":"session.logout","type":"enable"}"#;

/// What shows that holding is not allowed.
const HOLD_DISABLED: &str = r#"{"name":"conversation.hold","type":"disable"}"#;

/// What shows that nobody waits in a queue.
const NOBODY_WAITS: &str = r#""waiting":0"#;

/// What shows since when one waits.
const WAITS_SINCE: &str = r#""longestWaitSince":"#;

/// How a step on a leg that consults begins.
const STEP_OF_CONSULTATION: &str = r#"{"CallId":"consult-"#;

/// A fault that strikes once, when it can.
#[derive(Clone, Debug)]
pub(crate) struct Sabotage {
    fault: Fault,
    /// How many times it could have struck and did not.
    spared: u32,
    has_struck: bool,
    delayed: Option<Seen>,
}

impl Sabotage {
    /// Strikes when it can for the `after`th time.
    pub(crate) fn new(fault: Fault, after: u32) -> Self {
        Self { fault, spared: after, has_struck: false, delayed: None }
    }

    /// Whether it has struck.
    pub(crate) fn has_struck(&self) -> bool {
        self.has_struck
    }

    pub(crate) fn spoil(&mut self, seen: &mut Vec<Seen>) {
        if let Some(late) = self.delayed.take() {
            seen.insert(0, late);
        }
        let Some(place) = seen.iter().position(|one| self.strikes(one)) else { return };
        if self.has_struck {
            return;
        }
        if self.fault == Fault::Swapped {
            let socket = socket_of(&seen[place]);
            let Some(other) = (place + 1..seen.len()).find(|other| socket_of(&seen[*other]) == socket) else { return };
            if self.is_spared() {
                return;
            }
            seen.swap(place, other);
            return;
        }
        if !self.is_spared() {
            self.strike(seen, place);
        }
    }

    fn is_spared(&mut self) -> bool {
        if self.spared > 0 {
            self.spared -= 1;
            return true;
        }
        self.has_struck = true;
        false
    }

    fn strikes(&self, seen: &Seen) -> bool {
        let text = match seen {
            Seen::Message { text, .. } => text.as_str(),
            _ => "",
        };
        let is_replay = matches!(seen, Seen::Message { sending: Sending::Replay, .. });
        match self.fault {
            Fault::Lost | Fault::Twice | Fault::Late => text.contains("\"event\":"),
            Fault::Swapped | Fault::WrongNumber => text.contains("\"seq\":"),
            Fault::WrongEnablement => text.contains(LOGOUT_ENABLED),
            Fault::LeakedPassword => is_replay && text.contains("\"password\":null"),
            Fault::MissingPassword => matches!(seen, Seen::Cti { password: Some(_), .. }),
            Fault::WrongStatus => text.contains("\"status\":\"not_ready\""),
            Fault::NoPing => matches!(seen, Seen::Ping { .. }),
            Fault::WrongClose => matches!(seen, Seen::Closed { .. }),
            Fault::KeptClaim => matches!(seen, Seen::Release { .. }),
            Fault::WrongCode => text.contains("\"code\":\"binding.required\""),
            Fault::WrongState => text.contains("\"state\":\"STARTED\""),
            Fault::WrongAction => text.contains(HOLD_DISABLED),
            Fault::LostEnd => text.contains("\"interaction.ended\""),
            Fault::TwiceDisposed => text.contains("\"interaction.disposed\""),
            Fault::WrongCause => text.contains("\"cause\":\"normal\""),
            Fault::WrongMember => text.contains("\"address\":\"+4930"),
            Fault::WrongData => text.contains("\"ani\":\"+4930"),
            Fault::WrongAvailability => text.contains("\"availability\":{\"state\":\"BUSY\""),
            Fault::LostCommand => matches!(seen, Seen::Cti { command: Command::Answer { .. }, .. }),
            Fault::WrongCall => matches!(seen, Seen::Cti { command: Command::Hold { .. }, .. }),
            Fault::WrongSuccess => text.contains("\"result\":\"failure\"") && text.contains("\"channel."),
            Fault::WrongQueue => text.contains(NOBODY_WAITS),
            Fault::WrongAnswer => matches!(seen, Seen::Answered { .. }),
            Fault::LostAnswer => matches!(seen, Seen::Answered { status: Status::Done, .. }),
            Fault::Hole => matches!(seen, Seen::Message { sending: Sending::Replay, .. }),
            Fault::WrongLeg | Fault::LostStep => step_of_consultation(text).is_some(),
            Fault::WrongWait => text.contains(WAITS_SINCE),
        }
    }

    fn strike(&mut self, seen: &mut Vec<Seen>, place: usize) {
        match self.fault {
            Fault::Lost
            | Fault::NoPing
            | Fault::KeptClaim
            | Fault::LostEnd
            | Fault::LostCommand
            | Fault::LostAnswer
            | Fault::Hole => {
                seen.remove(place);
            }
            Fault::Late => self.delayed = Some(seen.remove(place)),
            Fault::Twice | Fault::TwiceDisposed => seen.insert(place, seen[place].clone()),
            Fault::Swapped => {}
            Fault::WrongNumber => edit(&mut seen[place], |text| text.replacen("\"seq\":", "\"seq\":1", 1)),
            Fault::WrongEnablement => {
                let disabled = LOGOUT_ENABLED.replace("enable", "disable");
                edit(&mut seen[place], |text| text.replacen(LOGOUT_ENABLED, &disabled, 1));
            }
            Fault::LeakedPassword => {
                edit(&mut seen[place], |text| text.replacen("\"password\":null", "\"password\":\"secret-of-1001\"", 1));
            }
            Fault::WrongStatus => edit(&mut seen[place], |text| text.replacen("\"not_ready\"", "\"ready\"", 1)),
            Fault::WrongCode => edit(&mut seen[place], |text| text.replacen("binding.required", "access.denied", 1)),
            Fault::WrongState => edit(&mut seen[place], |text| text.replacen("\"STARTED\"", "\"ALERTING\"", 1)),
            Fault::WrongAction => {
                let enabled = HOLD_DISABLED.replace("disable", "enable");
                edit(&mut seen[place], |text| text.replacen(HOLD_DISABLED, &enabled, 1));
            }
            Fault::WrongCause => edit(&mut seen[place], |text| text.replacen("\"normal\"", "\"other\"", 1)),
            Fault::WrongMember => {
                edit(&mut seen[place], |text| text.replacen("\"address\":\"+4930", "\"address\":\"0", 1));
            }
            Fault::WrongData => edit(&mut seen[place], |text| text.replacen("\"ani\":\"+4930", "\"ani\":\"0", 1)),
            Fault::WrongAvailability => edit(&mut seen[place], |text| text.replacen("\"BUSY\"", "\"READY\"", 1)),
            Fault::WrongQueue => edit(&mut seen[place], |text| text.replacen(NOBODY_WAITS, "\"waiting\":1", 1)),
            Fault::WrongAnswer => {
                if let Seen::Answered { status, .. } = &mut seen[place] {
                    *status = if *status == Status::Restart { Status::Done } else { Status::Restart };
                }
            }
            Fault::WrongLeg => edit(&mut seen[place], |text| {
                let (from, _) = step_of_consultation(text).unwrap_or_default();
                [&text[..from], &text[from..].replacen("consult-", "call-", 1)].concat()
            }),
            Fault::LostStep => edit(&mut seen[place], |text| {
                let (from, to) = step_of_consultation(text).unwrap_or_default();
                [&text[..from], &text[to..]].concat()
            }),
            Fault::WrongWait => edit(&mut seen[place], |text| text.replacen(WAITS_SINCE, "\"longestWaitSince\":1", 1)),
            Fault::WrongSuccess => edit(&mut seen[place], |text| text.replacen("\"failure\"", "\"success\"", 1)),
            Fault::WrongCall => {
                if let Seen::Cti { command: Command::Hold { call, .. }, .. } = &mut seen[place] {
                    *call = "another".into();
                }
            }
            Fault::MissingPassword => {
                if let Seen::Cti { password, .. } = &mut seen[place] {
                    *password = None;
                }
            }
            Fault::WrongClose => {
                if let Seen::Closed { code, .. } = &mut seen[place] {
                    *code = if *code == CloseCode::Slow { CloseCode::Normal } else { CloseCode::Slow };
                }
            }
        }
    }
}

/// Where a step of a consultation stands that others follow in the journey.
fn step_of_consultation(text: &str) -> Option<(usize, usize)> {
    let steps = text.find(r#""CallJourney":["#)?;
    let from = steps + text[steps..].find(STEP_OF_CONSULTATION)?;
    let len = text[from..].find("},{")? + 2;
    Some((from, from + len))
}

fn socket_of(seen: &Seen) -> Option<u64> {
    match seen {
        Seen::Message { socket, .. } => Some(*socket),
        _ => None,
    }
}

fn edit(seen: &mut Seen, change: impl Fn(&str) -> String) {
    if let Seen::Message { text, .. } = seen {
        *text = change(text);
    }
}

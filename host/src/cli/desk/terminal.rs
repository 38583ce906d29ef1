//! Where lines come from and go to: a terminal with line editing below a state line, or a script's standard input and output.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use reedline::{ExternalPrinter, Prompt, PromptEditMode, PromptHistorySearch, Reedline, Signal as Typed};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use serde_json::Value;
use tokio::sync::mpsc;

use super::mirror::Mirror;

/// Lines that wait to be taken: a script is read as fast as it is done.
const LINES_MAX: usize = 16;
/// Lines that wait to be shown.
const SHOWN_MAX: usize = 1_024;

/// The two ends.
pub(super) struct Terminal {
    lines: tokio::sync::Mutex<mpsc::Receiver<String>>,
    shown: Shown,
    is_json: bool,
    state: Arc<Mutex<String>>,
    last: RefCell<String>,
    /// How the terminal was before its lines were edited.
    before: Option<Termios>,
}

enum Shown {
    /// Above the line that is being typed.
    Above(SyncSender<String>),
    /// One after the other.
    Plain,
}

impl Terminal {
    /// Opens what there is.
    pub(super) fn open(is_json: bool, agent: &str) -> Self {
        let (tell, lines) = mpsc::channel(LINES_MAX);
        let state = Arc::new(Mutex::new(agent.to_owned()));
        let is_terminal = !is_json && io::stdin().is_terminal() && io::stdout().is_terminal();
        let before = if is_terminal { tcgetattr(io::stdin()).ok() } else { None };
        let shown = if is_terminal {
            let printer = ExternalPrinter::new(SHOWN_MAX);
            let (above, prompt) = (printer.sender(), StateLine(Arc::clone(&state)));
            thread::spawn(move || edit(&tell, printer, &prompt));
            Shown::Above(above)
        } else {
            thread::spawn(move || read(&tell));
            Shown::Plain
        };
        let lines = tokio::sync::Mutex::new(lines);
        Self { lines, shown, is_json, state, last: RefCell::default(), before }
    }

    /// The next line typed; none at the end.
    pub(super) async fn line(&self) -> Option<String> {
        self.lines.lock().await.recv().await
    }

    /// Whether nobody sits there.
    pub(super) const fn is_script(&self) -> bool {
        matches!(self.shown, Shown::Plain)
    }

    /// Asks a question; only a person can say yes.
    pub(super) async fn confirms(&self, question: &str) -> bool {
        if self.is_script() {
            return false;
        }
        self.say(&format!("{question} Take it over? [y/N]"));
        self.line().await.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes"))
    }

    /// A line for people.
    pub(super) fn say(&self, line: &str) {
        if self.is_json {
            return;
        }
        match &self.shown {
            // Nobody waits for a terminal: what it cannot show in time stays unshown, and so is one that is gone.
            Shown::Above(above) => drop(above.try_send(line.to_owned())),
            Shown::Plain => print(line),
        }
    }

    /// What is wrong.
    pub(super) fn complain(&self, what: &str) {
        match &self.shown {
            Shown::Above(_) => self.say(what),
            Shown::Plain => eprintln!("{what}"),
        }
    }

    /// An event or an answer, for programs.
    pub(super) fn json(&self, value: &Value) {
        if self.is_json {
            print(&value.to_string());
        }
    }

    /// The state line, when it changed.
    pub(super) fn state(&self, mirror: &Mirror) {
        let verbs = mirror.verbs().join(" ");
        let line = format!("{}\n[{verbs}]", mirror.summary());
        if *self.last.borrow() == line {
            return;
        }
        self.last.borrow_mut().clone_from(&line);
        match &self.shown {
            Shown::Above(_) => *self.state.lock().unwrap_or_else(PoisonError::into_inner) = line,
            Shown::Plain if !self.is_json => print(&format!("= {}", line.replace('\n', " "))),
            Shown::Plain => {}
        }
    }

    /// Gives the terminal back as it was: its lines may be edited yet when this program ends.
    pub(super) fn close(&self) {
        if let Some(before) = &self.before
            && tcsetattr(io::stdin(), OptionalActions::Now, before).is_ok()
        {
            print("");
        }
    }

    /// The last words, when nothing is typed any more.
    pub(super) fn farewell(&self, line: &str) {
        if !self.is_json {
            print(&format!("\r{line}"));
        }
    }
}

/// Whoever read this may have gone.
fn print(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Reads lines until there are no more, or nobody wants them.
fn read(tell: &mpsc::Sender<String>) {
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { return };
        if tell.blocking_send(line).is_err() {
            return;
        }
    }
}

/// The same with an editor.
fn edit(tell: &mpsc::Sender<String>, printer: ExternalPrinter<String>, prompt: &StateLine) {
    let mut editor = Reedline::create().with_external_printer(printer);
    while let Ok(typed) = editor.read_line(prompt) {
        let Typed::Success(line) = typed else { return };
        if tell.blocking_send(line).is_err() {
            return;
        }
    }
}

/// The state and what is possible, above the line that is typed.
struct StateLine(Arc<Mutex<String>>);

impl Prompt for StateLine {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Cow::Owned(format!("{state}\n"))
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed("> ")
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        Cow::Owned(format!("(search: {}) ", search.term))
    }
}

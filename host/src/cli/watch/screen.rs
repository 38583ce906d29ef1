//! The view on a terminal: one table a team, as many lines as there are.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use super::board::{Board, State, Team};
use crate::cli::people::{column, duration, plain, time_of_day};

/// A terminal that shows the view on its other page, and gets its own back at the end.
#[derive(Debug)]
pub(super) struct Screen {
    colours: bool,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn open() -> Self {
        show("\x1b[?1049h\x1b[?25l");
        Self { colours: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    /// Draws everything anew, in place.
    pub(super) fn draw(&mut self, board: &Board, agent: &str, state: &str, now_ms: u64) {
        let (columns, rows) = size();
        let lines = lines(board, agent, state, now_ms, columns, rows, self.colours);
        let mut frame = String::from("\x1b[H");
        for line in lines {
            frame.push_str(&line);
            frame.push_str("\x1b[K\r\n");
        }
        frame.push_str("\x1b[J");
        show(&frame);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        show("\x1b[?25h\x1b[?1049l");
    }
}

fn show(text: &str) {
    let mut out = io::stdout().lock();
    // A terminal that is gone ends the program by its own signal.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col.into(), size.ws_row.into()),
        Ok(_) | Err(_) => (80, 24),
    }
}

/// The view as lines, at most `rows - 1` of them.
fn lines(
    board: &Board,
    agent: &str,
    state: &str,
    now_ms: u64,
    columns: usize,
    rows: usize,
    colours: bool,
) -> Vec<String> {
    let teams = board.teams();
    let mut lines =
        vec![column(&format!("Teams of {} · {state} · {}", plain(agent), time_of_day(now_ms)), columns), String::new()];
    if teams.is_empty() {
        lines.push("No teams: this agent is in none and supervises none.".to_owned());
    }
    let queues = board.queues.lines(now_ms, columns);
    if !queues.is_empty() {
        lines.extend(queues);
        lines.push(String::new());
    }
    for (place, team) in teams.iter().enumerate() {
        if place > 0 {
            lines.push(String::new());
        }
        lines.push(title(team, colours));
        let mut members: Vec<_> = team.members.iter().collect();
        members.sort_by_key(|(id, member)| (member.state, member.since_ms, *id));
        for (id, member) in members {
            let mark = mark(member.state, colours);
            let time = duration(Duration::from_millis(now_ms.saturating_sub(member.since_ms)));
            let word = column(member.state.word(), 10);
            let room = columns.saturating_sub(44).clamp(8, 40);
            let reason = if member.reason.is_empty() { String::new() } else { format!("  {}", plain(&member.reason)) };
            lines.push(format!(
                "  {mark} {word} {time:>9}  {}  {}{}",
                column(&member.name, room),
                column(id, 8),
                column(&reason, 8).trim_end()
            ));
        }
    }
    let most = rows.saturating_sub(1).max(1);
    if lines.len() > most {
        let hidden = lines.len() - (most - 1);
        lines.truncate(most - 1);
        lines.push(format!("… {hidden} more lines: make the window taller"));
    }
    lines
}

fn title(team: &Team, colours: bool) -> String {
    let name = plain(&team.name);
    let mut title = if colours { format!("\x1b[1m{name}\x1b[0m") } else { name };
    for state in State::ALL {
        let count = team.members.values().filter(|member| member.state == state).count();
        if count > 0 {
            // INVARIANT: writing to memory does not fail.
            let _ = write!(title, "  {} {count} {}", mark(state, colours), state.word());
        }
    }
    title
}

/// A mark of its own for each state, told apart without colour too.
fn mark(state: State, colours: bool) -> String {
    let (mark, colour) = match state {
        State::Ready => ('●', 32),
        State::Reserved => ('▣', 34),
        State::Talking => ('■', 34),
        State::Hold => ('▤', 34),
        State::Work => ('◐', 35),
        State::NotReady => ('○', 33),
        State::LoggedOut => ('–', 90),
    };
    if colours { format!("\x1b[{colour}m{mark}\x1b[0m") } else { mark.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::board::Board;
    use super::lines;

    fn board(members: usize) -> Board {
        let mut board = Board::default();
        let members: Vec<_> = (0..members)
            .map(|n| {
                let state = ["talking", "ready", "notready"][n % 3];
                json!({"memberId": n.to_string(), "memberName": format!("Name {n}"), "state": state, "reason": "17",
                       "since": 10_000 + n})
            })
            .collect();
        board.apply(&json!({"name": "report.teamstatus.teamadded", "at": 0, "data": {"agentId": "1001",
            "team": {"teamId": "7", "teamName": "Sales", "members": members}}}));
        board
    }

    #[test]
    fn who_is_free_stands_first_and_the_longest_of_them() {
        let lines = lines(&board(6), "1001", "live", 72_000, 80, 40, false);
        assert!(lines[0].starts_with("Teams of 1001 · live · 00:01:12Z"), "{}", lines[0]);
        assert_eq!(lines[2], "Sales  ● 2 ready  ■ 2 talking  ○ 2 not ready");
        assert!(lines[3].contains("● ready") && lines[3].contains("1:01") && lines[3].contains("Name 1"));
        assert!(lines[4].contains("Name 4") && lines[5].contains("■ talking"));
        assert_eq!(lines.len(), 9);
    }

    #[test]
    fn it_fits_the_window() {
        let lines = lines(&board(100), "1001", "live", 0, 80, 24, true);
        assert_eq!(lines.len(), 23);
        assert!(lines[22].contains("81 more lines"), "{}", lines[22]);
    }

    #[test]
    fn nothing_to_show_is_said() {
        assert!(lines(&Board::default(), "9", "live", 0, 80, 24, false)[2].contains("No teams"));
    }
}

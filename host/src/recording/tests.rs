//! The recording's thread before disks that are slow, full or gone.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use interaction_core::config::{Config, Seed};
use interaction_core::ids::SocketId;
use interaction_core::input::{Frame, Input};
use interaction_core::journal::{Decoder, Encoder, End, Ended, Header, Item, Keeps};
use interaction_core::output::Output;
use interaction_core::time::Time;

use super::writer::Disk;
use super::{Progress, RecordTo, Recorder, WAITING_BYTES_MAX};

/// A disk in memory.
#[derive(Clone, Default)]
struct Memory {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// It takes so many bytes.
    room: Option<usize>,
    /// It waits here before each write, until there is something or nobody on the other side.
    gate: Option<Arc<Mutex<Receiver<()>>>>,
}

impl Memory {
    /// A disk that stands still until the sender is gone.
    fn stuck() -> (Self, Sender<()>) {
        let (release, gate) = mpsc::channel();
        (Self { gate: Some(Arc::new(Mutex::new(gate))), ..Self::default() }, release)
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(gate) = &self.gate {
            let _ = gate.lock().unwrap().recv();
        }
        let mut kept = self.bytes.lock().unwrap();
        let room = self.room.map_or(bytes.len(), |room| room.saturating_sub(kept.len()).min(bytes.len()));
        kept.extend_from_slice(&bytes[..room]);
        if room == 0 && !bytes.is_empty() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(room) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk for Memory {
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().truncate(usize::try_from(len).unwrap());
        Ok(())
    }

    fn settle(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn record(disk: &Memory, bytes_max: u64) -> (Recorder, super::Done) {
    let to = RecordTo { file: PathBuf::new(), keeps: Keeps::Outputs, bytes_max };
    let header = Header::of_new(Config::default(), Seed(1), Time::ZERO, to.keeps);
    let mut opening = Vec::new();
    let encoder = Encoder::begin(&header, &mut opening);
    disk.bytes.lock().unwrap().extend_from_slice(&opening);
    Recorder::run(disk.clone(), &opening, encoder, &to).unwrap()
}

/// One turn with an input of about so many bytes, and an output.
fn turn(recorder: &mut Recorder, bytes: usize) {
    let text = format!("\"{}\"", "x".repeat(bytes));
    let frame = Frame::Text { text: text.into(), secrets: (&[][..]).into(), claims: None };
    recorder.input(Time::ZERO, &Input::Frame { socket: SocketId(1), frame });
    recorder.output(&Output::Ping { socket: SocketId(1) });
    recorder.said(Ok(()));
    recorder.hand_over();
}

/// What is on the disk: inputs, outputs, outcomes and the end.
fn read(disk: &Memory) -> (u64, u64, u64, Option<End>) {
    let mut decoder = Decoder::new();
    decoder.push(&disk.bytes.lock().unwrap());
    let (mut outputs, mut outcomes) = (0, 0);
    while let Some(item) = decoder.next_item().expect("whole records") {
        match item {
            Item::Output(_) => outputs += 1,
            Item::Outcome(outcome) => {
                assert_eq!(outcome.outputs, 1);
                outcomes += 1;
            }
            Item::Header(_) | Item::Snapshot(_) | Item::Input { .. } | Item::End(_) => {}
        }
    }
    let end = decoder.finish().expect("whole records");
    (decoder.inputs(), outputs, outcomes, end)
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_a_turn_held_is_on_the_disk_and_the_end_after_it() {
    let disk = Memory::default();
    let (mut recorder, done) = record(&disk, 0);
    for _ in 0..3 {
        turn(&mut recorder, 10);
    }
    wait_until("the inputs are written", || recorder.seen().inputs == 3);
    assert_eq!(recorder.seen().progress, Progress::Recording);
    recorder.end(Ended::ShutDown);
    done.blocking_recv().unwrap();
    assert_eq!(read(&disk), (3, 3, 3, Some(End { why: Ended::ShutDown, inputs: 3 })));
    let seen = recorder.seen();
    assert_eq!((seen.progress, seen.waiting), (Progress::Done, 0));
    assert_eq!(seen.bytes, disk.bytes.lock().unwrap().len() as u64);
    // Nothing comes after the end.
    turn(&mut recorder, 10);
    drop(recorder);
    assert_eq!(read(&disk).0, 3);
}

#[test]
fn a_disk_that_stands_still_ends_the_recording_and_holds_nobody_up() {
    let (disk, release) = Memory::stuck();
    let (mut recorder, done) = record(&disk, 0);
    let large = 8 << 20;
    let mut turns = 0;
    while recorder.batches.is_some() {
        turn(&mut recorder, large);
        turns += 1;
        assert!(turns * large as u64 <= WAITING_BYTES_MAX + 2 * large as u64, "what waits is bounded");
    }
    assert!(turns > 2);
    turn(&mut recorder, large);
    drop(release);
    done.blocking_recv().unwrap();
    assert_eq!(read(&disk), (turns, turns, turns, Some(End { why: Ended::Behind, inputs: turns })));
    assert_eq!(recorder.seen().progress, Progress::Failed);
}

#[test]
fn a_full_disk_ends_the_recording_after_a_whole_record() {
    for room in [1_500, 1_501, 1_555, 4_000] {
        let disk = Memory { room: Some(room), ..Memory::default() };
        let (mut recorder, done) = record(&disk, 0);
        for _ in 0..100 {
            let seen = recorder.seen();
            turn(&mut recorder, 100);
            wait_until("it is written, or cannot be", || {
                recorder.seen().progress == Progress::Failed || recorder.seen().inputs > seen.inputs
            });
        }
        done.blocking_recv().unwrap();
        let (inputs, _, outcomes, end) = read(&disk);
        assert!(inputs < 100 && inputs == outcomes && end.is_none(), "room for {room}: {inputs} inputs");
        assert_eq!(recorder.seen().progress, Progress::Failed);
        assert!(recorder.batches.is_none());
    }
}

#[test]
fn a_bound_ends_the_recording_below_it() {
    let disk = Memory::default();
    let (mut recorder, done) = record(&disk, 5_000);
    for _ in 0..200 {
        turn(&mut recorder, 100);
    }
    done.blocking_recv().unwrap();
    let (inputs, _, outcomes, end) = read(&disk);
    assert!(inputs > 3 && inputs == outcomes, "{inputs}");
    assert_eq!(end, Some(End { why: Ended::Full, inputs }));
    let len = disk.bytes.lock().unwrap().len();
    assert!((4_500..=5_000 + 400).contains(&len), "{len}: the input that reaches the bound is the last");
    assert_eq!(recorder.seen().progress, Progress::Failed);
}

#[test]
fn a_loop_that_panics_leaves_the_input_that_did_it() {
    let disk = Memory::default();
    let (mut recorder, done) = record(&disk, 0);
    turn(&mut recorder, 10);
    recorder.input(Time::ZERO, &Input::Tick);
    drop(recorder);
    done.blocking_recv().unwrap();
    assert_eq!(read(&disk), (2, 1, 1, Some(End { why: Ended::Fault, inputs: 2 })));
}

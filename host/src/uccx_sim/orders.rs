//! Orders of people and of tests: lines of standard input, and of an admin port.

use std::io::BufRead;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, oneshot};

/// The longest order, in bytes.
const LINE_BYTES_MAX: u64 = 200;
/// Who may give orders at a time, by the admin port.
const ADMINS_MAX: usize = 8;

/// One line.
#[derive(Debug)]
pub(crate) struct Order {
    pub(super) text: String,
    /// Where its answer goes; that of standard input is printed.
    pub(super) reply: Option<oneshot::Sender<String>>,
}

/// Reads lines of standard input on a thread of their own, which ends with the process: such a read cannot be taken back.
pub(super) fn read_stdin(orders: mpsc::Sender<Order>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            let text: String = line.trim().chars().take(200).collect();
            if !text.is_empty() && orders.blocking_send(Order { text, reply: None }).is_err() {
                return;
            }
        }
    });
}

/// Accepts who gives orders, as long as anybody takes them.
pub(super) async fn accept(listener: TcpListener, orders: mpsc::Sender<Order>) {
    let room = Arc::new(Semaphore::new(ADMINS_MAX));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let orders = orders.clone();
        tokio::spawn(async move {
            // A line that cannot be read or answered ends the connection, and nothing else.
            let _ = take(stream, &orders).await;
            drop(place);
        });
    }
}

/// Answers each line with one: `ok`, or what is wrong with it.
async fn take(stream: TcpStream, orders: &mpsc::Sender<Order>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = String::new();
        let len = (&mut read).take(LINE_BYTES_MAX).read_line(&mut line).await?;
        if len == 0 || !line.ends_with('\n') {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        let order = Order { text: line.trim().to_owned(), reply: Some(reply) };
        if orders.send(order).await.is_err() {
            return Ok(());
        }
        let Ok(answer) = answer.await else { return Ok(()) };
        write.write_all(format!("{answer}\n").as_bytes()).await?;
    }
}

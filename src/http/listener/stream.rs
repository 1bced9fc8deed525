//! A socket that records the state of its connection, and fails when its client does not read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::connections::Slot;
use crate::runtime::slow_peer::StallTimeout;

/// A socket with its connection slot: the slot is free again when the socket is closed, no matter who owns the socket
/// then.
pub struct Stream {
    socket: TcpStream,
    stall: Stall,
    slot: Slot,
}

impl Stream {
    /// A socket whose writes may wait for `patience` in total; faster writes earn time back.
    pub fn new(socket: TcpStream, slot: Slot, patience: Duration) -> Self {
        Self {
            socket,
            stall: Stall::new(patience),
            slot,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.slot.activity().has_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.slot.activity().stalls(written.is_pending());
        self.stall.note(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, pieces);
        self.slot.activity().stalls(written.is_pending());
        self.stall.note(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        self.slot.activity().has_flushed();
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

/// A write that waits for the client.
struct Stall {
    patience: StallTimeout,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    fn new(patience: Duration) -> Self {
        Self {
            patience: StallTimeout::new(patience),
            since: None,
            timer: None,
        }
    }

    fn note(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(count)) => {
                if let Some(since) = self.since.take() {
                    self.patience.spend(since.elapsed());
                }
                self.patience.earn(*count);
                written
            }
            Poll::Ready(Err(_)) => written,
            Poll::Pending => {
                let timer = match (&mut self.timer, self.since) {
                    (Some(timer), Some(_)) => timer,
                    (timer, _) => {
                        let now = Instant::now();
                        let deadline = now + self.patience.left();
                        self.since = Some(now);
                        let timer = timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
                        timer.as_mut().reset(deadline);
                        timer
                    }
                };
                ready!(timer.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

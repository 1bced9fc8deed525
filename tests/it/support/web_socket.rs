//! A low-level `graphql-transport-ws` client, with which a test can violate the protocol.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Timeout for a server message.
const SOON: Duration = Duration::from_secs(10);

pub struct WebSocket(BufReader<TcpStream>);

/// A server message.
#[derive(Debug, PartialEq)]
pub enum Received {
    Message(Value),
    /// The connection was closed with this code.
    Closed(u16),
}

impl WebSocket {
    /// Opens a connection; returns the HTTP status if it is refused.
    pub async fn open(address: SocketAddr) -> Result<Self, String> {
        let mut socket = BufReader::new(TcpStream::connect(address).await.unwrap());
        socket
            .write_all(
                b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
            )
            .await
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(timeout(SOON, socket.read_u8()).await.unwrap().unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        if head.starts_with("HTTP/1.1 101") {
            Ok(Self(socket))
        } else {
            Err(head.lines().next().unwrap().to_owned())
        }
    }

    /// Opens and initialises a connection; returns the answer.
    pub async fn initialised(address: SocketAddr, token: &str) -> (Self, Received) {
        let mut socket = Self::open(address).await.unwrap();
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        socket
            .send(&json!({ "type": "connection_init", "payload": payload }))
            .await;
        let answer = socket.receive().await;
        (socket, answer)
    }

    /// Sends a message; a closed connection is detected on receive.
    pub async fn send(&mut self, message: &Value) {
        let bytes = message.to_string().into_bytes();
        let mut frame = vec![0x81];
        match bytes.len() {
            length @ 0..126 => frame.push(0x80 | length as u8),
            length @ 126..0x1_0000 => {
                frame.push(0x80 | 126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(0x80 | 127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        // A zero mask leaves the payload unchanged.
        frame.extend([0; 4]);
        frame.extend(bytes);
        let _closed = self.0.write_all(&frame).await;
    }

    pub async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(&json!({ "type": "subscribe", "id": id, "payload": { "query": query } }))
            .await;
    }

    /// Receives the next message or the close.
    pub async fn receive(&mut self) -> Received {
        timeout(SOON, self.next()).await.unwrap()
    }

    async fn next(&mut self) -> Received {
        loop {
            let Ok(kind) = self.0.read_u8().await else {
                return Received::Closed(0);
            };
            let length = match self.0.read_u8().await.unwrap() {
                126 => u64::from(self.0.read_u16().await.unwrap()),
                127 => self.0.read_u64().await.unwrap(),
                length => u64::from(length),
            };
            let mut bytes = vec![0; length as usize];
            self.0.read_exact(&mut bytes).await.unwrap();
            match kind {
                0x81 => return Received::Message(serde_json::from_slice(&bytes).unwrap()),
                0x88 => return Received::Closed(u16::from_be_bytes([bytes[0], bytes[1]])),
                _ => {}
            }
        }
    }
}

//! Sends a document over each transport.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::make::Document;

/// Response timeout, with slack for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Maximum request size of the server. During a longer request it may close the connection.
const LONGEST: usize = 1 << 20;
/// Maximum length of a document in a URL.
const ADDRESS: usize = 8_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Post,
    Get,
    Events,
    Persisted,
    WebSocket,
}

pub const WAYS: [Way; 5] = [Way::Post, Way::Get, Way::Events, Way::Persisted, Way::WebSocket];

/// A response: its status and results.
pub struct Answer {
    pub status: u16,
    pub results: Vec<String>,
}

fn body(document: &Document, extensions: &Value) -> String {
    // Built manually, as the variables may be invalid JSON.
    format!(
        "{{\"query\":{},\"variables\":{},\"extensions\":{extensions}}}",
        json!(document.query),
        document.variables
    )
}

pub fn send(address: &str, way: Way, document: &Document, token: Option<&str>) -> io::Result<Answer> {
    let refused = Answer {
        status: 413,
        results: Vec::new(),
    };
    match try_send(address, way, document, token) {
        Err(error) if body(document, &json!({})).len() + 100 > LONGEST => match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Ok(refused),
            _ => Err(error),
        },
        answer => answer,
    }
}

fn try_send(address: &str, way: Way, document: &Document, token: Option<&str>) -> io::Result<Answer> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let authorization = token.map_or_else(String::new, |token| format!("authorization: Bearer {token}\r\n"));
    let common = format!("host: {address}\r\nconnection: close\r\n{authorization}");
    let post = |accept: &str, body: &str| {
        format!(
            "POST /graphql HTTP/1.1\r\n{common}accept: {accept}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    match way {
        Way::WebSocket if token.is_some() => over_websocket(stream, &common, document),
        Way::Get if document.query.len() <= ADDRESS && document.variables.len() <= ADDRESS => {
            let written = |text: &str| {
                text.bytes()
                    .map(|byte| format!("%{byte:02X}"))
                    .collect::<String>()
            };
            let (query, variables) = (written(&document.query), written(&document.variables));
            let request =
                format!("GET /graphql?query={query}&variables={variables} HTTP/1.1\r\n{common}\r\n");
            over_http(stream, &request)
        }
        Way::Events => over_http(stream, &post("text/event-stream", &body(document, &json!({})))),
        Way::Persisted => {
            let hash: String = Sha256::digest(&document.query)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let about = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } });
            over_http(stream, &post("application/json", &body(document, &about)))
        }
        _ => over_http(stream, &post("application/json", &body(document, &json!({})))),
    }
}

fn over_http(mut stream: TcpStream, request: &str) -> io::Result<Answer> {
    // A server that refuses a body by its length answers without reading all of it.
    let written = stream.write_all(request.as_bytes());
    let mut reader = BufReader::new(stream);
    let (status, events) = head(&mut reader).map_err(|error| written.err().unwrap_or(error))?;
    let mut results = Vec::new();
    if events {
        // Only the first event: a subscription does not end.
        for line in reader.lines() {
            if let Some(data) = line?.strip_prefix("data: ") {
                results.push(data.to_owned());
                break;
            }
        }
    } else {
        let mut text = Vec::new();
        match reader.read_to_end(&mut text) {
            Ok(_) => {}
            Err(_) if status == 413 => {}
            Err(error) => return Err(error),
        }
        results.push(String::from_utf8_lossy(&text).into_owned());
    }
    Ok(Answer { status, results })
}

/// The status, and whether the response is an event stream.
fn head(reader: &mut impl BufRead) -> io::Result<(u16, bool)> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("no status: {line:?}")))?;
    let mut events = false;
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line)?;
        events |= line.contains("text/event-stream");
    }
    Ok((status, events))
}

/// Authenticates by header, subscribes, and waits for the first message.
fn over_websocket(mut stream: TcpStream, common: &str, document: &Document) -> io::Result<Answer> {
    let common = common.replace("connection: close", "connection: upgrade");
    let handshake = format!(
        "GET /graphql HTTP/1.1\r\n{common}upgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes())?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (status, _) = head(&mut reader)?;
    let mut results = Vec::new();
    if status == 101 {
        let payload = body(document, &json!({}));
        write_frame(&mut stream, "{\"type\":\"connection_init\"}")?;
        let subscribe = format!("{{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{payload}}}");
        write_frame(&mut stream, &subscribe)?;
        while let Some(message) = read_frame(&mut reader)? {
            let message: Value = serde_json::from_str(&message).map_err(io::Error::other)?;
            match message["type"].as_str() {
                Some("next") => results.push(message["payload"].to_string()),
                Some("error") => results.push(json!({ "errors": message["payload"] }).to_string()),
                Some("complete") => {}
                _ => continue,
            }
            break;
        }
    }
    Ok(Answer { status, results })
}

fn write_frame(stream: &mut TcpStream, text: &str) -> io::Result<()> {
    // A text frame with a zero mask.
    let mut frame = vec![0x81];
    match text.len() {
        length @ 0..126 => frame.push(0x80 | length as u8),
        length @ 126..65_536 => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    stream.write_all(&frame)
}

/// The next text message; `None` when the connection is closed.
fn read_frame(reader: &mut impl Read) -> io::Result<Option<String>> {
    loop {
        let mut head = [0; 2];
        match reader.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
        let length = match head[1] & 0x7F {
            126 => {
                let mut length = [0; 2];
                reader.read_exact(&mut length)?;
                u64::from(u16::from_be_bytes(length))
            }
            127 => {
                let mut length = [0; 8];
                reader.read_exact(&mut length)?;
                u64::from_be_bytes(length)
            }
            length => u64::from(length),
        };
        let mut payload = vec![0; length as usize];
        reader.read_exact(&mut payload)?;
        match head[0] & 0x0F {
            1 => return Ok(Some(String::from_utf8_lossy(&payload).into_owned())),
            8 => return Ok(None),
            _ => {}
        }
    }
}

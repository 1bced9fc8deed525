//! Responses are compressed when the client accepts it and it is worthwhile, and never when they could contain a
//! secret.
//!
//! The length of a compressed response reveals repetitions in it (BREACH). Only mutations return secrets, so their
//! responses are not compressed.

use std::io::{self, Write};

use axum::http::HeaderMap;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::accept::Encoding;
use crate::runtime::compute;

/// Shorter responses fit into a packet or two uncompressed.
const WORTH_IT: usize = 1_024;
/// Longer bodies are not compressed on a thread that serves requests.
const LONG: usize = 32 << 10;
/// A higher level would cost more time than it saves in transfer.
const GZIP: u32 = 4;
const BROTLI: i32 = 4;
/// Size of the Brotli window, as a power of two: it bounds the memory for each response.
const BROTLI_WINDOW: i32 = 18;

/// The body of a response without secrets, and its encoding.
pub async fn compress(body: Vec<u8>, headers: &HeaderMap) -> (Vec<u8>, Option<Encoding>) {
    let Some(encoding) = Encoding::of(headers).filter(|_| body.len() > WORTH_IT) else {
        return (body, None);
    };
    let compressed = match body.len() {
        ..=LONG => Ok(encode(&body, encoding)),
        _ => {
            let body = body.clone();
            compute::run(move || encode(&body, encoding)).await
        }
    };
    match compressed {
        Ok(Ok(compressed)) => (compressed, Some(encoding)),
        Ok(Err(cause)) => {
            tracing::error!(%cause, "an answer could not be compressed");
            (body, None)
        }
        Err(cause) => {
            tracing::error!(?cause, "an answer could not be compressed");
            (body, None)
        }
    }
}

fn encode(body: &[u8], encoding: Encoding) -> io::Result<Vec<u8>> {
    let out = Vec::with_capacity(body.len() / 4);
    match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(out, Compression::new(GZIP));
            encoder.write_all(body)?;
            encoder.finish()
        }
        Encoding::Brotli => {
            let parameters = brotli::enc::BrotliEncoderParams {
                quality: BROTLI,
                lgwin: BROTLI_WINDOW,
                size_hint: body.len(),
                ..Default::default()
            };
            let mut out = out;
            brotli::BrotliCompress(&mut &*body, &mut out, &parameters)?;
            Ok(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use axum::http::{HeaderValue, header};

    use super::*;

    #[tokio::test]
    async fn what_is_compressed_can_be_read() {
        for length in [WORTH_IT, WORTH_IT + 1, LONG, 20 * LONG] {
            let body: Vec<u8> = (0..length).map(|n| b"handover, "[n % 10]).collect();
            for accepts in ["", "gzip", "br"] {
                let mut headers = HeaderMap::new();
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(accepts));
                let (sent, encoding) = compress(body.clone(), &headers).await;
                let mut read = Vec::new();
                match encoding {
                    None => read.clone_from(&sent),
                    Some(Encoding::Gzip) => {
                        flate2::read::GzDecoder::new(&*sent)
                            .read_to_end(&mut read)
                            .unwrap();
                    }
                    Some(Encoding::Brotli) => brotli::BrotliDecompress(&mut &*sent, &mut read).unwrap(),
                }
                assert_eq!(read, body, "{length} {accepts}");
                assert_eq!(encoding.is_some(), length > WORTH_IT && !accepts.is_empty());
                assert!(encoding.is_none() || sent.len() < length / 10);
            }
        }
    }
}

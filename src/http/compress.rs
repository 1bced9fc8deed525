//! Answers are compressed where the client takes it and it is worth it, and never where they could hold a secret.
//!
//! What is compressed together tells by its length how much of it is alike (BREACH). Secrets are shown by mutations
//! alone, so the answers of mutations go out as they are.

use std::io::{self, Write};

use axum::http::HeaderMap;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::accept::Encoding;
use crate::runtime::compute;

/// Shorter answers fit into a packet or two as they are.
const WORTH_IT: usize = 1_024;
/// What is longer is not compressed by a thread that answers requests.
const LONG: usize = 32 << 10;
/// More would cost more time than it saves on the way.
const GZIP: u32 = 4;
const BROTLI: i32 = 4;
/// How far back a repetition is looked for, as a power of two: it bounds the memory for each answer.
const BROTLI_WINDOW: i32 = 18;

/// The body of an answer without secrets, and how it is compressed.
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

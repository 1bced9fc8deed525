//! Revisions: fingerprints of what a client has read, which it sends back with a change to find out whether something
//! else has changed it since.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::error::{Code, Outcome, refuse};

/// Bytes of the hash that a revision shows: enough that no two states of an object share one.
const BYTES: usize = 12;

/// A revision under construction.
#[derive(Default)]
pub struct Revision(Sha256);

impl Revision {
    /// Adds a value in its stored form.
    pub fn add(&mut self, value: impl AsRef<[u8]>) {
        self.0.update(value);
    }

    /// Returns the revision, in hexadecimal.
    pub fn finish(self) -> String {
        let hash = self.0.finalize();
        hash.iter()
            .take(BYTES)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Returns the revision of an object that is described by one value.
pub fn of(object: &Value) -> String {
    let mut revision = Revision::default();
    revision.add(object.to_string());
    revision.finish()
}

/// Checks the revision that a client expects, if any, against the `current` one.
///
/// # Errors
/// [`Code::ChangedMeanwhile`] when they differ.
pub fn expect(expected: Option<&str>, current: impl FnOnce() -> String) -> Outcome<()> {
    match expected {
        Some(expected) if expected != current() => {
            let message = "it has been changed since you read it: read it again, and repeat your change";
            refuse(Code::ChangedMeanwhile, "expectedRevision", message)
        }
        _ => Ok(()),
    }
}

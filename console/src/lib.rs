//! The page on which the API is tried out: GraphiQL, bundled from npm packages and part of the binary.
//!
//! The bundle is made when this crate is built. On a machine without npm it is empty, and the server says what to do.

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name, with the hash of its content in it.
    pub name: &'static str,
    /// Its content, gzipped.
    pub gzipped: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The page itself; `None` when it could not be bundled.
pub fn page() -> Option<&'static Asset> {
    find("page.html")
}

/// A file of the page.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

impl Asset {
    /// What kind of bytes it holds.
    pub fn media_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("html") => "text/html; charset=utf-8",
            Some("ttf") => "font/ttf",
            _ => "application/octet-stream",
        }
    }
}

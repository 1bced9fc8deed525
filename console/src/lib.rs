//! The pages for browsers, bundled from npm packages and part of the binary: the console, and GraphiQL as the playground.
//!
//! The bundle is made when this crate is built. On a machine without npm it is empty, and the server says what to do.

/// A file of the pages.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Its name, with the hash of its content in it.
    pub name: &'static str,
    /// Its content, compressed with gzip.
    pub gzipped: &'static [u8],
    /// Its content, compressed with brotli.
    pub brotli: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The page of the console; `None` when it could not be bundled.
pub fn console() -> Option<&'static Asset> {
    find("console.html")
}

/// The page of the playground; `None` when it could not be bundled.
pub fn playground() -> Option<&'static Asset> {
    find("playground.html")
}

/// A file of the pages.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

impl Asset {
    /// The media type of the content.
    pub fn media_type(&self) -> &'static str {
        match self.name.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("html") => "text/html; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("ttf") => "font/ttf",
            _ => "application/octet-stream",
        }
    }
}

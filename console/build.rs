//! Bundles the page with npm. Whatever goes wrong, the build goes on: the server then has no page, and says so.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the page is made of.
const SOURCES: [&str; 8] = [
    "package.json",
    "package-lock.json",
    "build.mjs",
    "examples.mjs",
    "page.css",
    "page.html",
    "page.jsx",
    "session.mjs",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    let names = match bundle(&out) {
        Ok(names) => names,
        Err(cause) => {
            // A file that is never there: the next build tries again.
            println!("cargo::rerun-if-changed=web/.not-built");
            println!("cargo::warning=the server is built without its page for trying queries: {cause}");
            Vec::new()
        }
    };
    let mut list = String::from("/// The files of the page.\npub const ASSETS: &[Asset] = &[\n");
    for name in names {
        let file = out.join("assets").join(&name);
        list += &format!("    Asset {{ name: {name:?}, gzipped: include_bytes!({file:?}) }},\n");
    }
    list += "];\n";
    fs::write(out.join("assets.rs"), list)?;
    Ok(())
}

/// Works on a copy: nothing appears beside the sources.
fn bundle(out: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let (copy, assets) = (out.join("web"), out.join("assets"));
    fs::create_dir_all(&copy)?;
    for source in SOURCES {
        fs::copy(Path::new("web").join(source), copy.join(source))?;
    }
    if assets.exists() {
        fs::remove_dir_all(&assets)?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm)
        .args(["ci", "--silent", "--no-audit", "--no-fund"])
        .current_dir(&copy))?;
    run(Command::new("node")
        .arg("build.mjs")
        .arg(&assets)
        .current_dir(&copy))?;
    let list = fs::read_to_string(assets.join("files.txt"))?;
    Ok(list.lines().map(str::to_owned).collect())
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|cause| format!("{program}: {cause}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program}: {}", said.lines().last().unwrap_or("it failed")).into())
}

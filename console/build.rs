//! Bundles the pages with npm. Whatever goes wrong, the build goes on: the server then has no pages, and says so.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files and folders that the bundle is made of.
const SOURCES: [&str; 5] = [
    "package.json",
    "package-lock.json",
    "build.mjs",
    "console",
    "playground",
];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    let (names, build) = match bundle(&out) {
        Ok(bundled) => bundled,
        Err(cause) => {
            // A file that is never there: the next build tries again.
            println!("cargo::rerun-if-changed=web/.not-built");
            println!("cargo::warning=the server is built without its pages for browsers: {cause}");
            (Vec::new(), String::new())
        }
    };
    let mut list = String::from("/// The files of the pages.\npub const ASSETS: &[Asset] = &[\n");
    for name in names {
        let [gzipped, brotli] =
            ["gz", "br"].map(|ending| out.join("assets").join(format!("{name}.{ending}")));
        list += &format!(
            "    Asset {{ name: {name:?}, gzipped: include_bytes!({gzipped:?}), brotli: include_bytes!({brotli:?}) }},\n"
        );
    }
    list += "];\n";
    list += &format!("/// The hash of all files.\npub const BUILD: &str = {build:?};\n");
    fs::write(out.join("assets.rs"), list)?;
    Ok(())
}

/// Works on a copy: nothing appears beside the sources. Returns the names of the files, and the hash of all of them.
fn bundle(out: &Path) -> Result<(Vec<String>, String), Box<dyn Error>> {
    let (copy, assets) = (out.join("web"), out.join("assets"));
    fs::create_dir_all(&copy)?;
    for source in SOURCES {
        let copied = copy_all(&Path::new("web").join(source), &copy.join(source));
        copied.map_err(|cause| format!("{source}: {cause}"))?;
    }
    if assets.exists() {
        fs::remove_dir_all(&assets)?;
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    run(Command::new(npm)
        .args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&copy))?;
    run(Command::new("node")
        .arg("build.mjs")
        .arg(&assets)
        .current_dir(&copy))?;
    let list = fs::read_to_string(assets.join("files.txt"))?;
    let build = fs::read_to_string(assets.join("build.txt"))?;
    Ok((list.lines().map(str::to_owned).collect(), build.trim().to_owned()))
}

/// Copies a file or a folder; what has been removed from the folder is removed from its copy.
fn copy_all(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    if from.is_file() {
        fs::copy(from, to)?;
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
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

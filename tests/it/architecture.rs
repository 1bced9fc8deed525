//! The layers of the source: imports point downwards, and libraries stay in their layer. See ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers, lowest first. A module may use modules of its own and of earlier lines.
const LAYERS: [&[&str]; 9] = [
    &["clock", "error"],
    &["runtime", "egress"],
    &["store"],
    &["domain"],
    &["graphql"],
    &["http", "worker"],
    &["config", "server"],
    &["check", "demo", "import"],
    &["cli"],
];

/// Maximum size of an import cycle, in files.
const LARGEST_CIRCLE: usize = 2;

type Graph = BTreeMap<String, BTreeSet<String>>;

/// The source files by module path, without unit tests and comments.
fn sources() -> BTreeMap<String, String> {
    fn read(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let module = match name {
                "mod" => prefix.trim_end_matches("::").to_owned(),
                _ => format!("{prefix}{name}"),
            };
            if path.is_dir() {
                read(&path, &format!("{module}::"), found);
            } else if !matches!(module.as_str(), "lib" | "main") {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("\n#[cfg(test)]\n").next().unwrap();
                let code = text.lines().map(|line| line.split("//").next().unwrap());
                found.insert(module, code.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let mut found = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut found);
    assert!(found.len() > 200, "the source was not found");
    found
}

/// The paths used in a text, with `{…}` expanded.
fn paths(text: &str) -> Vec<String> {
    fn take_apart(prefix: &str, rest: &str, found: &mut Vec<String>) {
        let end = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
            .unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        if !after.starts_with('{') || !path.ends_with("::") {
            found.push(format!("{prefix}{path}"));
            return;
        }
        let (mut depth, mut part) = (0, 1);
        for (place, c) in after.char_indices() {
            depth += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            if (c == ',' && depth == 1) || depth == 0 {
                take_apart(&format!("{prefix}{path}"), after[part..place].trim(), found);
                part = place + 1;
            }
            if depth == 0 {
                break;
            }
        }
    }
    let mut found = Vec::new();
    for root in ["crate::", "super::"] {
        for (place, _) in text.match_indices(root) {
            let before = text[..place].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                take_apart("", &text[place..], &mut found);
            }
        }
    }
    found
}

/// The import graph of files.
fn graph(sources: &BTreeMap<String, String>) -> Graph {
    let resolve = |module: &str, path: &str| {
        let mut at: Vec<&str> = module.split("::").collect();
        let mut parts: Vec<&str> = path.split("::").collect();
        if parts[0] == "crate" {
            at.clear();
            parts.remove(0);
        }
        while parts.first() == Some(&"super") {
            at.pop();
            parts.remove(0);
        }
        at.extend(parts);
        // The longest prefix of the path that is a file.
        let known = (1..=at.len()).rev().map(|n| at[..n].join("::"));
        known.into_iter().find(|known| sources.contains_key(known))
    };
    let uses = |(module, text): (&String, &String)| {
        let used = paths(text).into_iter().filter_map(|path| resolve(module, &path));
        (module.clone(), used.filter(|used| used != module).collect())
    };
    sources.iter().map(uses).collect()
}

fn layer(module: &str) -> usize {
    let first = module.split("::").next().unwrap();
    LAYERS
        .iter()
        .position(|layer| layer.contains(&first))
        .unwrap_or_else(|| panic!("{module} is in no layer: add it to LAYERS"))
}

#[test]
fn imports_point_downwards() {
    let mut upwards = Vec::new();
    for (module, used) in graph(&sources()) {
        for used in used {
            if layer(&used) > layer(&module) {
                upwards.push(format!("{module} uses {used}"));
            }
        }
    }
    assert_eq!(upwards, [""; 0]);
}

#[test]
fn files_form_no_large_circle() {
    let graph = graph(&sources());
    let reach = |from: &String| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from]);
        while let Some(next) = left.pop() {
            for used in &graph[next] {
                if seen.insert(used.clone()) {
                    left.push(used);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        graph.keys().map(|module| (module, reach(module))).collect();
    for module in graph.keys() {
        let circle: Vec<&String> = reached[module]
            .iter()
            .filter(|other| reached[other].contains(module))
            .collect();
        assert!(circle.len() <= LARGEST_CIRCLE, "these use each other: {circle:?}");
    }
}

/// The fast path of lists writes plain columns without the library, which alone knows guards.
#[test]
fn no_field_has_a_guard() {
    for (module, text) in sources() {
        assert!(
            !text.contains("(guard =") && !text.contains(", guard ="),
            "{module}: check the permission in the resolver or the operation"
        );
    }
}

#[test]
fn test_names_are_unique() {
    fn read(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            for rest in text.split("test]\n").skip(1) {
                let rest = rest.lines().find(|line| line.contains("fn ")).unwrap_or_default();
                let name = rest.split("fn ").nth(1).and_then(|name| name.split('(').next());
                let file = path.display().to_string();
                found.extend(name.map(|name| (name.trim().to_owned(), file)));
            }
        }
    }
    let mut found = Vec::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"),
        &mut found,
    );
    assert!(found.len() > 200, "the tests were not found");
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (name, file) in found {
        if let Some(other) = seen.insert(name.clone(), file.clone()) {
            panic!("{name} is a test of {other} and of {file}");
        }
    }
}

#[test]
fn libraries_stay_in_their_layer() {
    type Belongs = fn(&str) -> bool;
    let rules: [(&str, Belongs); 4] = [
        ("async_graphql", |module| module.starts_with("graphql")),
        ("axum", |module| module.starts_with("http") || module == "server"),
        ("sea_orm", |module| {
            !module.starts_with("graphql") && !module.starts_with("http")
        }),
        ("tokio::spawn", |module| module == "worker"),
    ];
    let mut wrong = Vec::new();
    for (module, text) in sources() {
        for (library, belongs) in rules {
            let named = text.match_indices(library).any(|(place, _)| {
                let end = text[place + library.len()..].chars().next();
                let begin = text[..place].chars().next_back();
                let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                !part(begin) && !part(end)
            });
            if named && !belongs(&module) {
                wrong.push(format!("{module} names {library}"));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

use super::rules::REFERENCES;

/// A reference that a migration makes and this file forgets would never be checked.
#[test]
fn every_reference_of_the_tables_is_checked() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migration/src");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let script: String = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let mut table = "";
    let mut found = 0;
    for line in script.lines() {
        let named = line
            .strip_prefix("CREATE TABLE ")
            .or(line.strip_prefix("ALTER TABLE "));
        if let Some(rest) = named {
            table = rest.split(' ').next().unwrap();
        }
        if let Some((before, after)) = line.split_once(" REFERENCES ") {
            let column = before.rsplit("ADD COLUMN ").next().unwrap();
            let column = column.split_whitespace().next().unwrap();
            let other = after.split(' ').next().unwrap();
            found += 1;
            assert!(
                REFERENCES
                    .iter()
                    .any(|r| r.0 == table && r.2 == column && r.3 == other),
                "{table}.{column} -> {other}"
            );
        }
    }
    assert!(found > 20);
}

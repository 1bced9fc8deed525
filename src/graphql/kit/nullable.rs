//! Fields that may be null: when such a field fails, it is null, its error says why, and all else is answered.
//!
//! The library does that for an option of a result alone. Of a result of an option it takes the failure for that of the
//! object around the field, up to the next object that may be null: one unreadable id would empty a whole answer.

use crate::error::Error;

/// What the resolver of a nullable field answers: nothing, or a value that may have failed. `?` on an option ends it with
/// null; a `Result<Option<T>, Error>` becomes one by `transpose`.
pub type Nullable<T> = Option<Result<T, Error>>;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Resolvers that answer a result of an option, in a file or in those of a folder.
    fn wrong(path: &Path, found: &mut Vec<String>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                wrong(&entry.unwrap().path(), found);
            }
            return;
        }
        let text = fs::read_to_string(path).unwrap();
        for block in text.split("Object]\nimpl").skip(1) {
            let block = block.split("\n}\n").next().unwrap_or_default();
            for function in block.split("    async fn ").skip(1) {
                let (signature, _) = function.split_once(" {\n").unwrap();
                if signature.contains("-> Result<Option<") {
                    found.push(format!("{}: {signature}", path.display()));
                }
            }
        }
    }

    #[test]
    fn no_resolver_fails_for_its_siblings() {
        let mut found = Vec::new();
        wrong(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        assert_eq!(found, [""; 0], "answer a `Nullable`");
    }
}

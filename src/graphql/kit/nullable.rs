//! Nullable fields: when such a field fails, it is null, the error has its path, and the other fields are returned.
//!
//! The library does so only for an `Option<Result<_>>`. For a `Result<Option<_>>` it propagates the error to the parent
//! object, up to the next nullable one: one unreadable id would make the whole response null.

use crate::error::Error;

/// The return type of a resolver of a nullable field: null, or a value that may have failed. `?` on an option returns
/// null; a `Result<Option<T>, Error>` is converted by `transpose`.
pub type Nullable<T> = Option<Result<T, Error>>;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// Resolvers that return `Result<Option<_>>`, in a file or in the files of a folder.
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

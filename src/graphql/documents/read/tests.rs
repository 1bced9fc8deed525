use super::*;

fn merges(text: &str) -> Result<bool, String> {
    Read::bounded(text)
        .map(|(read, _)| read.merges)
        .map_err(|error| error.message)
}

#[test]
fn what_is_asked_for_in_two_places_is_merged() {
    let users = |asked: &str| format!("{{ users {{ {asked} }} }} ");
    for plain in [
        users("nodes { id name department { id } } pageInfo { endCursor }"),
        users("nodes { id id ...Named ... on User { id email } }") + "fragment Named on User { id name }",
        users("a: nodes { id } b: nodes { id }"),
    ] {
        assert_eq!(merges(&plain), Ok(false), "{plain}");
    }
    for merged in [
        users("nodes { id } nodes { name }"),
        users("nodes { id } ...More") + "fragment More on UserConnection { nodes { name } }",
        users("nodes { ...Unknown }"),
        users("...Round") + "fragment Round on UserConnection { ...Round }",
    ] {
        assert_eq!(merges(&merged), Ok(true), "{merged}");
    }
}

#[test]
fn fragments_that_multiply_are_too_large() {
    let chain = |from: usize, to: usize, last: &str| -> String {
        let fragment = |n: usize| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1);
        let fragments: String = (from..to).map(fragment).collect();
        format!("{fragments} fragment F{to} on Query {{ {last} }}")
    };
    let list = format!("__typename @skip(if: [{}])", "1 ".repeat(100));
    for large in [
        "{ ...F0 }".to_owned() + &chain(0, 29, "__typename"),
        // Named by nothing.
        "{ __typename }".to_owned() + &chain(0, 29, "__typename"),
        // Few fields, but many values, and much text.
        "{ ...F0 }".to_owned() + &chain(0, 9, &list),
        format!(
            "{{ ...F0 }} {}",
            chain(0, 9, &format!("user(id: \"{}\") {{ id }}", "x".repeat(20_000)))
        ),
        "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A ...A }".to_owned(),
    ] {
        assert!(merges(&large).unwrap_err().contains("written out"), "{large}");
    }
    assert_eq!(
        merges(&format!("{{ ...F0 }} {}", chain(0, 9, "__typename"))),
        Ok(false)
    );
}

#[test]
fn variables_count_as_often_as_they_are_named() {
    let (read, _) = Read::bounded(
        "query($a: [Int!]) { ...F ...F ...F } fragment F on Query { users(first: $a) { totalCount } }",
    )
    .unwrap();
    let variables = |length: usize| {
        Variables::from_json(serde_json::json!({ "a": vec![1; length], "unused": vec![1; 1_000_000] }))
    };
    assert!(read.check_variables(&variables(80_000)).is_ok());
    let error = read.check_variables(&variables(90_000)).unwrap_err();
    assert!(error.message.contains("variables"), "{}", error.message);
}

#[test]
fn a_mutation_runs_each_of_its_fields_once() {
    let asked = |text: &str| {
        let (read, _) = Read::bounded(text).map_err(|error| error.message)?;
        let (_, operation) = read.document.operations.iter().next().unwrap();
        let mut asked = Vec::new();
        let selection = &operation.node.selection_set.node;
        fields(&read.document, selection, 0, &mut |field, _| {
            let below = &field.node.selection_set.node.items;
            asked.push((field.node.response_key().node.to_string(), below.len()));
            Ok(())
        })
        .unwrap();
        Ok::<_, String>((asked, read.merges))
    };
    let out = "signOut { userErrors { code } }";
    for (text, fields, merges) in [
        (format!("mutation {{ {out} {out} }}"), vec![("signOut", 2)], true),
        (
            format!(
                "mutation {{ a: {out} ...A ... {{ {out} }} }} fragment A on Mutation {{ {out} __typename }}"
            ),
            vec![("a", 1), ("signOut", 2), ("__typename", 0)],
            true,
        ),
        (
            format!("mutation {{ a: {out} {out} __typename __typename }}"),
            vec![("a", 1), ("signOut", 1), ("__typename", 0), ("__typename", 0)],
            false,
        ),
    ] {
        let fields = fields
            .into_iter()
            .map(|(key, below)| (key.to_owned(), below))
            .collect();
        assert_eq!(asked(&text), Ok((fields, merges)), "{text}");
    }
    for refused in [
        format!("mutation {{ {out} signOut @skip(if: true) {{ userErrors {{ code }} }} }}"),
        format!("mutation($a: Boolean!) {{ {out} ... @include(if: $a) {{ {out} }} }}"),
        format!("mutation {{ {out} ...A }} fragment A on Mutation {{ {out} ...A }}"),
    ] {
        assert!(asked(&refused).unwrap_err().contains("directives"), "{refused}");
    }
}

#[test]
fn strangers_may_sign_in_and_ask_for_names() {
    let audience = |text: &str| Read::bounded(text).unwrap().0.operations[0].audience;
    let sign_in = "signIn(input: {email: \"a\", password: \"b\"}) { accessToken }";
    for (text, expected) in [
        ("{ __typename }".to_owned(), Audience::Everybody),
        (
            "{ ... { ...F } } fragment F on Query { __schema { queryType { name } } }".to_owned(),
            Audience::Everybody,
        ),
        (
            "{ __typename viewer { user { id } } }".to_owned(),
            Audience::SignedIn,
        ),
        (
            format!("mutation {{ {sign_in} __typename }}"),
            Audience::SigningIn,
        ),
        (
            format!("mutation {{ ...F }} fragment F on Mutation {{ {sign_in} }}"),
            Audience::SigningIn,
        ),
        (
            format!("mutation {{ {sign_in} ... {{ signOut {{ userErrors {{ code }} }} }} }}"),
            Audience::SignedIn,
        ),
        ("mutation { __typename }".to_owned(), Audience::Everybody),
        // An alias is no name.
        (
            "mutation { signIn: signOut { userErrors { code } } }".to_owned(),
            Audience::SignedIn,
        ),
        ("{ signIn }".to_owned(), Audience::SignedIn),
    ] {
        assert_eq!(audience(&text), expected, "{text}");
    }
}

#[test]
fn a_syntax_error_says_where_and_quotes_nothing() {
    let errors = Read::new("{ users(filter: {search: \"secret\"}) { totalCount } ]").err();
    let error = &errors.unwrap()[0];
    assert!(
        error.message.starts_with("syntax error: expected"),
        "{}",
        error.message
    );
    assert!(!error.message.contains("secret"), "{}", error.message);
    assert_eq!(error.locations[0].column, 52);
}

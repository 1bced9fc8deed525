use proptest::prelude::*;

use super::*;

fn attribute(name: &str, sub: Option<&str>) -> AttributePath {
    AttributePath {
        schema: None,
        name: name.to_owned(),
        sub: sub.map(str::to_owned),
    }
}

fn compare(name: &str, operator: Operator, value: impl Into<Value>) -> Filter {
    Filter::Compare(attribute(name, None), operator, value.into())
}

#[test]
fn filters_of_clients() {
    use Operator::{Co, Eq, Sw};
    let user_name = || compare("userName", Eq, "ann@example.com");
    let work = || Box::new(compare("type", Eq, "work"));
    for (text, expected) in [
        ("userName eq \"ann@example.com\"", user_name()),
        (" userName EQ \"ann@example.com\" ", user_name()),
        ("userName eq ann@example.com", user_name()),
        ("(userName eq \"ann@example.com\")", user_name()),
        ("active eq True", compare("active", Eq, true)),
        ("externalId eq 0042", compare("externalId", Eq, "0042")),
        ("externalId eq 42", compare("externalId", Eq, 42)),
        ("externalId eq 1e5", compare("externalId", Eq, "1e5")),
        (
            "externalId eq 12345678901234567890123",
            compare("externalId", Eq, "12345678901234567890123"),
        ),
        (
            "emails[type eq \"work\"]",
            Filter::Element(attribute("emails", None), work(), None),
        ),
        (
            "emails[type eq \"work\"].value eq \"x\"",
            Filter::Element(
                attribute("emails", None),
                work(),
                Some(Box::new(compare("value", Eq, "x"))),
            ),
        ),
        (
            "a co \"1\" or b sw \"2\" and not(c pr)",
            Filter::Or(vec![
                compare("a", Co, "1"),
                Filter::And(vec![
                    compare("b", Sw, "2"),
                    Filter::Not(Box::new(Filter::Present(attribute("c", None)))),
                ]),
            ]),
        ),
        (
            "name.familyName pr",
            Filter::Present(attribute("name", Some("familyName"))),
        ),
        ("a eq \"x \\\"y\\\"\"", compare("a", Eq, "x \"y\"")),
    ] {
        assert_eq!(parse(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn urns_end_at_the_last_colon() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let path = parse_path(&format!("{urn}:manager.value")).unwrap();
    assert_eq!(path.attribute.schema.as_deref(), Some(urn));
    assert_eq!(path.attribute.name, "manager");
    assert_eq!(path.attribute.sub.as_deref(), Some("value"));
    let whole = parse_path(urn).unwrap();
    assert_eq!(whole.attribute.name, "User");
}

#[test]
fn invalid_filters_tell_where() {
    for (text, detail) in [
        ("", "expected an attribute at character 1"),
        ("userName", "expected an operator at character 9"),
        ("userName eq", "expected a value at character 12"),
        ("userName is \"x\"", "expected an operator at character 10"),
        ("userName eq \"x", "expected a text in quotes at character 13"),
        ("(userName pr", "expected ) at character 13"),
        ("userName pr)", "expected the end at character 12"),
        ("userName gt abc", "expected a value at character 13"),
        ("a[b pr", "expected ] at character 7"),
        ("ä eq 1", "expected an attribute at character 1"),
        ("userName pr or", "expected an attribute at character 15"),
        ("a[b[c pr]]", "expected an operator at character 4"),
    ] {
        let problem = parse(text).unwrap_err();
        assert_eq!(
            (problem.kind, problem.detail.as_str()),
            (Kind::InvalidFilter, detail),
            "{text}"
        );
    }
    let deep = format!("{}a pr{}", "(".repeat(33), ")".repeat(33));
    assert!(parse(&deep).is_err());
    let shallow = format!("{}a pr{}", "(".repeat(31), ")".repeat(31));
    assert!(parse(&shallow).is_ok());
    let wide = vec!["a pr"; 201].join(" or ");
    assert!(parse(&wide).is_err());
    let most = vec!["(a pr)"; 200].join(" or ");
    assert!(parse(&most).is_ok());
    assert!(parse(&"a".repeat(8_193)).is_err());
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,60}") {
        let _ = parse(&text);
        let _ = parse_path(&text);
    }
}

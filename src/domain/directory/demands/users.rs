//! What users are held to.

use super::*;

#[test]
fn d5_a_duplicate_is_a_conflict_of_uniqueness() {
    let body = Problem::new(Kind::Uniqueness, "userName is taken").to_json();
    assert_eq!(
        (&body["status"], &body["scimType"]),
        (&json!("409"), &json!("uniqueness"))
    );
}

#[test]
fn d6_the_user_name_is_kept_as_sent() {
    let document = posted(&USERS, json!({ "userName": "Ann.Archer@X.example" })).unwrap();
    assert_eq!(map(&document).unwrap().user_name, "Ann.Archer@X.example");
}

#[test]
fn d7_active_is_understood_in_every_spelling_or_refused() {
    for value in [json!(false), json!("False"), json!("FALSE"), json!("false")] {
        let operations = json!([{ "op": "Replace", "path": "active", "value": value }]);
        assert_eq!(
            user(json!({ "active": true }), operations),
            json!({ "active": false })
        );
        assert_eq!(
            posted(&USERS, json!({ "active": value })).unwrap()["active"],
            false
        );
    }
    for value in [json!(true), json!("True"), json!("TRUE"), json!("true")] {
        let operations = json!([{ "op": "replace", "value": { "active": value } }]);
        assert_eq!(
            user(json!({ "active": false }), operations),
            json!({ "active": true })
        );
    }
    for value in [
        json!("no"),
        json!(0),
        json!(1),
        json!(null),
        json!(""),
        json!([]),
        json!({}),
    ] {
        for operation in [
            json!({ "op": "replace", "path": "active", "value": value }),
            json!({ "op": "add", "value": { "active": value } }),
        ] {
            let problem = patched(&USERS, json!({ "active": true }), json!([operation])).unwrap_err();
            assert_eq!(problem.kind, Kind::InvalidValue, "{operation}");
        }
        assert_eq!(
            posted(&USERS, json!({ "active": value })).unwrap_err().kind,
            Kind::InvalidValue,
            "{value}"
        );
    }
}

#[test]
fn d8_active_is_stored_as_a_boolean() {
    let document = posted(&USERS, json!({ "userName": "ann@x.example", "active": "True" })).unwrap();
    assert_eq!(document["active"], true);
    assert_eq!(map(&document).unwrap().active, Some(true));
}

#[test]
fn d10_a_missing_element_is_made_with_its_type() {
    let expected = json!({ "emails": [{ "type": "work", "value": "a@x.example" }] });
    for op in ["add", "Replace"] {
        let operations =
            json!([{ "op": op, "path": "emails[type eq \"work\"].value", "value": "a@x.example" }]);
        assert_eq!(user(json!({}), operations), expected);
        let whole =
            json!([{ "op": op, "path": "emails[type eq \"work\"]", "value": { "value": "a@x.example" } }]);
        assert_eq!(user(json!({}), whole), expected);
    }
    let both = json!([{ "op": "add", "path": "emails[type eq \"work\" and primary eq true].value", "value": "a@x.example" }]);
    let expected = json!({ "emails": [
        { "type": "home", "value": "h@x.example", "primary": false },
        { "type": "work", "primary": true, "value": "a@x.example" },
    ] });
    let before = json!({ "emails": [{ "type": "home", "value": "h@x.example", "primary": true }] });
    assert_eq!(user(before, both), expected);
    for filter in [
        "type sw \"w\"",
        "not (type eq \"work\")",
        "type eq \"a\" or type eq \"b\"",
        "type eq null",
    ] {
        let operations =
            json!([{ "op": "replace", "path": format!("emails[{filter}].value"), "value": "x" }]);
        let problem = patched(
            &USERS,
            json!({ "emails": [{ "type": "work", "value": "y" }] }),
            operations.clone(),
        );
        match filter {
            "type sw \"w\"" => assert_eq!(problem.unwrap()["emails"][0]["value"], "x"),
            _ => assert_eq!(problem.unwrap_err().kind, Kind::NoTarget, "{operations}"),
        }
    }
}

#[test]
fn d11_the_address_may_be_the_user_name() {
    let mapped = |body: Value| map(&posted(&USERS, body).unwrap());
    assert_eq!(
        mapped(json!({ "userName": "a@x.example" })).unwrap().email,
        "a@x.example"
    );
    let problem =
        mapped(json!({ "userName": "ann", "emails": [{ "type": "work", "value": null }] })).unwrap_err();
    assert_eq!(problem.kind, Kind::InvalidValue);
    assert!(problem.detail.contains("emails"), "{}", problem.detail);
}

#[test]
fn d13_extensions_are_named_by_their_urn() {
    let sales = || json!({ ENTERPRISE: { "department": "Sales" } });
    let upper = ENTERPRISE.to_uppercase();
    for operation in [
        json!({ "op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales" }),
        json!({ "op": "replace", "path": format!("{upper}:Department"), "value": "Sales" }),
        json!({ "op": "add", "path": ENTERPRISE, "value": { "department": "Sales" } }),
        json!({ "op": "replace", "path": upper, "value": { "DEPARTMENT": "Sales" } }),
        json!({ "op": "replace", "value": { ENTERPRISE: { "department": "Sales" } } }),
        json!({ "op": "add", "value": { format!("{ENTERPRISE}:department"): "Sales" } }),
    ] {
        assert_eq!(user(json!({}), json!([operation])), sales(), "{operation}");
    }
    assert_eq!(Value::Object(posted(&USERS, sales()).unwrap()), sales());
    for operation in [
        json!({ "op": "remove", "path": ENTERPRISE }),
        json!({ "op": "remove", "path": format!("{ENTERPRISE}:department") }),
        json!({ "op": "replace", "path": ENTERPRISE, "value": null }),
    ] {
        assert_eq!(
            user(sales(), json!([operation, operation])),
            json!({}),
            "{operation}"
        );
    }
    let unknown = json!([{ "op": "add", "path": "urn:x:1.0:User:shoe", "value": 1 }]);
    assert_eq!(user(sales(), unknown), sales());
    let misspelt = json!([{ "op": "add", "path": format!("{ENTERPRISE}:departmnt"), "value": "x" }]);
    assert_eq!(
        patched(&USERS, sales(), misspelt).unwrap_err().kind,
        Kind::InvalidPath
    );
}

#[test]
fn d14_a_manager_is_a_text_an_object_or_nobody() {
    let path = format!("{ENTERPRISE}:manager");
    let before =
        || json!({ ENTERPRISE: { "manager": { "value": "7", "$ref": "../Users/7", "displayName": "Bob" } } });
    let now = |manager: Value| json!({ ENTERPRISE: { "manager": manager } });
    for (value, after) in [
        (json!("8"), now(json!({ "value": "8" }))),
        (json!({ "value": "8" }), now(json!({ "value": "8" }))),
        (
            json!({ "value": "8", "displayName": "Cat" }),
            now(json!({ "value": "8", "displayName": "Cat" })),
        ),
        (json!("7"), before()),
        (json!(""), json!({})),
        (json!(null), json!({})),
        (json!({ "value": "" }), before()),
    ] {
        let operations = json!([{ "op": "Replace", "path": path, "value": value }]);
        let empty = value == json!({ "value": "" });
        let after = if empty { json!({}) } else { after };
        assert_eq!(user(before(), operations), after, "{value}");
    }
    let sub = json!([{ "op": "replace", "path": format!("{path}.value"), "value": "8" }]);
    assert_eq!(user(before(), sub), now(json!({ "value": "8" })));
    for value in [json!("8"), json!({ "value": "8" })] {
        let body = json!({ ENTERPRISE: { "manager": value } });
        assert_eq!(
            Value::Object(posted(&USERS, body).unwrap()),
            now(json!({ "value": "8" }))
        );
    }
    for value in [json!(""), json!(null), json!({})] {
        assert!(
            posted(&USERS, json!({ ENTERPRISE: { "manager": value } }))
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn d18_external_ids_are_found_in_both_quotings() {
    let found = |filter: &str| match parse(filter).unwrap() {
        Filter::Compare(path, Operator::Eq, value) if path.name == "externalId" => value,
        other => panic!("{other:?}"),
    };
    assert_eq!(found("externalId eq \"0a-7\""), "0a-7");
    assert_eq!(found("externalId eq 0a-7"), "0a-7");
    assert_eq!(found("externalId eq 1e5"), "1e5");
}

#[test]
fn d24_roles_say_nothing_of_administrators() {
    let document = posted(
        &USERS,
        json!({ "userName": "a@x.example", "roles": ["admin"], "groups": [{ "value": "1" }] }),
    );
    let document = document.unwrap();
    let plain = posted(&USERS, json!({ "userName": "a@x.example" })).unwrap();
    assert_eq!(map(&document).unwrap(), map(&plain).unwrap());
    assert!(document.get("groups").is_none());
}

#[test]
fn d30_the_same_content_changes_nothing() {
    let before = json!({
        "userName": "ann", "active": true, "name": { "givenName": "Ann" },
        "emails": [{ "value": "a@x.example", "type": "work", "primary": true }, { "value": "b@x.example", "type": "home" }],
        ENTERPRISE: { "department": "Sales", "manager": { "value": "7", "displayName": "Bob" } },
    });
    for op in ["add", "replace"] {
        let whole = json!([{ "op": op, "value": before }]);
        assert_eq!(user(before.clone(), whole), before);
        let parts = json!([
            { "op": op, "path": "active", "value": "True" },
            { "op": op, "path": "emails[type eq \"work\"].value", "value": "a@x.example" },
            { "op": op, "path": "emails[type eq \"work\"].primary", "value": true },
            { "op": op, "path": "emails[type eq \"work\"]", "value": { "value": "a@x.example", "primary": true } },
            { "op": op, "path": format!("{ENTERPRISE}:manager"), "value": "7" },
            { "op": "remove", "path": "title" },
        ]);
        assert_eq!(user(before.clone(), parts), before);
    }
    let mut body = object(before.clone());
    body.insert("schemas".to_owned(), json!([USER, ENTERPRISE]));
    assert_eq!(Value::Object(read(&USERS, &body).unwrap().document), before);
}

//! What groups and their members are held to.

use super::*;

#[test]
fn d1_remove_with_a_value_array_takes_out_exactly_those() {
    for value in [
        json!([{ "value": "2" }, { "value": "9" }]),
        json!([{ "$ref": null, "value": "2" }]),
        json!([{ "value": "2", "display": "Bob", "type": "User" }]),
        json!(["2"]),
        json!({ "value": "2" }),
        json!("2"),
    ] {
        let remove = json!([{ "op": "Remove", "path": "members", "value": value }]);
        assert_eq!(
            group(team(&["1", "2", "3"]), remove.clone()),
            team(&["1", "3"]),
            "{remove}"
        );
    }
    let nobody = json!([{ "op": "remove", "path": "members", "value": [] }]);
    assert_eq!(group(team(&["1", "2"]), nobody), team(&["1", "2"]));
    let upper = json!([{ "op": "remove", "path": "members", "value": [{ "value": "AB" }] }]);
    assert_eq!(group(team(&["ab", "cd"]), upper), team(&["cd"]));
    let unclear = json!([{ "op": "remove", "path": "members", "value": [{ "display": "Bob" }] }]);
    assert_eq!(
        patched(&GROUPS_SCHEMA, team(&["1"]), unclear).unwrap_err().kind,
        Kind::InvalidValue
    );
}

#[test]
fn d1_remove_without_a_value_takes_out_all_and_with_a_filter_one() {
    for (operation, left) in [
        (json!({ "op": "remove", "path": "members" }), team(&[])),
        (
            json!({ "op": "remove", "path": "members", "value": null }),
            team(&[]),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"2\"]" }),
            team(&["1", "3"]),
        ),
        (
            json!({ "op": "remove", "path": format!("{GROUP}:members[value eq \"2\"]") }),
            team(&["1", "3"]),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"9\"]" }),
            team(&["1", "2", "3"]),
        ),
    ] {
        assert_eq!(
            group(team(&["1", "2", "3"]), json!([operation])),
            left,
            "{operation}"
        );
    }
}

#[test]
fn d2_members_that_are_not_named_are_not_touched() {
    for operation in [
        json!({ "op": "replace", "value": { "displayName": "Crew" } }),
        json!({ "op": "replace", "value": { "id": "9", "displayName": "Crew", "schemas": [GROUP] } }),
        json!({ "op": "replace", "value": { GROUP: { "displayName": "Crew" } } }),
        json!({ "op": "Replace", "path": "displayName", "value": "Crew" }),
    ] {
        let after = group(team(&["1", "2"]), json!([operation]));
        assert_eq!(after["displayName"], "Crew", "{operation}");
        assert_eq!(after["members"], team(&["1", "2"])["members"], "{operation}");
    }
}

#[test]
fn d3_replacing_members_with_nobody_empties() {
    for operation in [
        json!({ "op": "replace", "path": "members", "value": [] }),
        json!({ "op": "Replace", "path": "members", "value": null }),
        json!({ "op": "replace", "value": { "members": [] } }),
    ] {
        assert_eq!(group(team(&["1"]), json!([operation])), team(&[]), "{operation}");
    }
}

#[test]
fn d19_groups_are_patched_in_any_spelling() {
    for path in [
        "members",
        "Members",
        "MEMBERS",
        &format!("{GROUP}:members"),
        &format!("{}:Members", GROUP.to_uppercase()),
    ] {
        for op in ["add", "Add", "ADD"] {
            let operations = json!([{ "op": op, "path": path, "value": [{ "Value": "2" }] }]);
            assert_eq!(group(team(&["1"]), operations), team(&["1", "2"]), "{op} {path}");
        }
    }
    let body = object(json!({ "operations": [{ "OP": "add", "Path": "members", "VALUE": "2" }] }));
    let mut document = object(team(&["1"]));
    apply(&GROUPS_SCHEMA, "9", &mut document, &body).unwrap();
    assert_eq!(Value::Object(document), team(&["1", "2"]));
}

#[test]
fn d20_adding_twice_is_adding_once() {
    let add = || json!({ "op": "add", "path": "members", "value": [{ "value": "2" }, { "value": "2", "type": "User" }] });
    let once = group(team(&["1"]), json!([add()]));
    assert_eq!(once["members"].as_array().unwrap().len(), 2);
    assert_eq!(
        group(once.clone(), json!([add(), add()]))["members"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let before = json!({
        "emails": [{ "value": "A@x.example", "type": "work", "primary": true, "display": "Ann" }],
        "addresses": [{ "type": "work", "country": "DE" }],
    });
    let again = json!([{ "op": "add", "value": {
        "emails": [{ "value": "A@x.example", "type": "work" }], "addresses": [{ "type": "work", "country": "DE" }],
    } }]);
    assert_eq!(user(before.clone(), again), before);
}

#[test]
fn d28_members_of_whole_groups_are_read() {
    let body =
        json!({ "schemas": [GROUP], "displayName": "Team", "members": [{ "value": "1" }, { "value": "2" }] });
    assert_eq!(
        Value::Object(posted(&GROUPS_SCHEMA, body).unwrap()),
        team(&["1", "2"])
    );
}

#[test]
fn d29_members_may_have_extra_keys_or_be_texts() {
    let members =
        json!(["1", { "value": "2", "$ref": null, "display": "Bob", "type": null, "colour": "red" }, null]);
    let body = json!({ "displayName": "Team", "members": members });
    assert_eq!(
        Value::Object(posted(&GROUPS_SCHEMA, body).unwrap()),
        team(&["1", "2"])
    );
    let add = json!([{ "op": "add", "path": "members", "value": members }]);
    assert_eq!(group(team(&[]), add), team(&["1", "2"]));
}

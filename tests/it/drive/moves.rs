//! A move grants nobody more access, unless the mover has FULL on both sides.

use std::collections::HashMap;

use entity::UserId;
use entity::drive_share::ShareAccess;
use entity::user::Role;
use handover::domain::drive::{access, list};
use serde_json::json;
use uuid::Uuid;

use super::{drive_of, folder, item, share, upload};
use crate::support::{Person, TestApp};

async fn shifted(app: &TestApp, who: &Person, id: &str, to: &str) -> String {
    let query = "mutation($i: MoveDriveItemsInput!) { moveDriveItems(input: $i) { userErrors { code } } }";
    let input = json!({ "i": { "itemIds": [id], "toFolderId": to } });
    let (_, answer) = app.ask(Some(&who.token), query, input).await;
    let refused = &answer["data"]["moveDriveItems"]["userErrors"][0]["code"];
    let code = &answer["errors"][0]["extensions"]["code"];
    code.as_str().or(refused.as_str()).unwrap_or("none").to_owned()
}

/// Two people with partial access can't combine it to do what neither may.
#[tokio::test]
async fn a_mover_without_full_access_grants_nobody_access() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (bob, mal, eve) = (
        app.employee("bob").await,
        app.employee("mal").await,
        app.employee("eve").await,
    );
    let team = folder(&app, &bob, &drive_of(&bob), "Team").await;
    let plans = folder(&app, &bob, &team, "Plans").await;
    let file = upload(&app, &bob, &plans, "plan.txt", b"plan").await;
    assert!(share(&app, &bob, &team, &mal, "EDIT").await.is_empty());
    let trap = folder(&app, &eve, &drive_of(&eve), "Trap").await;
    assert!(share(&app, &eve, &trap, &mal, "EDIT").await.is_empty());
    for id in [&plans, &file] {
        assert_eq!(shifted(&app, &mal, id, &trap).await, "FORBIDDEN");
        assert!(item(&app, &eve, id).await.is_null());
    }
    // Nor into a folder of the same drive that more people can see.
    let open = folder(&app, &bob, &team, "Open").await;
    assert!(share(&app, &bob, &open, &eve, "READ").await.is_empty());
    assert_eq!(shifted(&app, &mal, &plans, &open).await, "FORBIDDEN");
    // EDIT is enough if nobody gains access.
    let kept = folder(&app, &bob, &team, "Kept").await;
    assert_eq!(shifted(&app, &mal, &plans, &kept).await, "none");
    // A mover who may share both folders is free to move.
    assert_eq!(shifted(&app, &bob, &plans, &open).await, "none");
    assert_eq!(item(&app, &eve, &file).await["name"], "plan.txt");
    app.sound().await;
}

/// The access of every person to every item.
async fn levels(app: &TestApp, people: &[Person], ids: &[Uuid]) -> HashMap<(UserId, Uuid), ShareAccess> {
    let mut levels = HashMap::new();
    for person in people {
        let actor = TestApp::actor(person, Role::Employee);
        let ways = list::paths_up(app.db().read(), person.id, ids).await.unwrap();
        for (id, up) in ways {
            if let Some(level) = access::level(&actor, &up) {
                levels.insert((person.id, id), level);
            }
        }
    }
    levels
}

/// Random moves in a company where everybody shares with everybody.
#[tokio::test]
async fn a_move_widens_access_only_with_full_access_on_both_sides() {
    let app = TestApp::new().await;
    app.administrator().await;
    // A fixed seed.
    let mut seed = 0x5eed_u64;
    let mut pick = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let mut people = Vec::new();
    for name in ["ann", "bob", "eve", "mal"] {
        people.push(app.employee(name).await);
    }
    let mut folders: Vec<String> = people.iter().map(drive_of).collect();
    let (mut ids, access) = (Vec::new(), ["READ", "ADD", "EDIT", "FULL"]);
    for n in 0..24 {
        let (parent, maker) = (folders[pick(folders.len())].clone(), &people[pick(4)]);
        let input = json!({ "i": { "parentId": parent, "name": format!("folder {n}") } });
        let query = "mutation($i: CreateFolderInput!) { createFolder(input: $i) { folder { id } } }";
        let (_, answer) = app.ask(Some(&maker.token), query, input).await;
        let Some(id) = answer["data"]["createFolder"]["folder"]["id"].as_str() else {
            continue;
        };
        folders.push(id.to_owned());
        ids.push(id.parse::<entity::FolderId>().unwrap().0);
        for _ in 0..2 {
            let (with, level) = (&people[pick(4)], access[pick(4)]);
            let query = "mutation($i: ShareFolderInput!) { shareFolder(input: $i) { userErrors { code } } }";
            let input = json!({ "i": { "folderId": id, "with": [with.id()], "access": level } });
            app.ask(Some(&maker.token), query, input).await;
        }
    }
    let (mut moved, mut refused, mut gained) = (0, 0, 0);
    let mut before = levels(&app, &people, &ids).await;
    for _ in 0..300 {
        let (mover, id) = (&people[pick(4)], &folders[4 + pick(folders.len() - 4)]);
        let to = &folders[pick(folders.len())];
        let uuid = |id: &String| id.parse::<entity::FolderId>().unwrap().0;
        let full = |id: &String| {
            let own = uuid(id) == mover.id.0;
            own || before.get(&(mover.id, uuid(id))) == Some(&ShareAccess::Full)
        };
        let both = full(id) && full(to);
        match shifted(&app, mover, id, to).await.as_str() {
            "none" => moved += 1,
            "FORBIDDEN" => refused += 1,
            _ => {}
        }
        let after = levels(&app, &people, &ids).await;
        let gains = after.iter().any(|(of, level)| before.get(of) < Some(level));
        assert!(both || !gains, "{} moved {id} to {to}", mover.email);
        gained += usize::from(gains);
        before = after;
    }
    assert!(
        moved > 10 && refused > 10 && gained > 0,
        "{moved} {refused} {gained}"
    );
    app.sound().await;
}

//! Access rules for folders and files, all in one place.
//!
//! | | read, download | add items | change and move items | share |
//! | --- | --- | --- | --- | --- |
//! | owner of it, or of a folder above | yes | yes | yes | yes |
//! | shared at READ, here or above | yes | | | |
//! | shared at ADD | yes | yes | | |
//! | shared at EDIT | yes | yes | yes | |
//! | shared at FULL | yes | yes | yes | yes |
//! | administrators | yes | yes | yes | yes |
//! | integrations with READ_WORK | yes (contents: READ_FILES) | | | |
//! | everybody else | | | | |
//!
//! A move gives nobody more access to the item, unless the mover has FULL access both to it and to its target: then
//! they could have shared it.
//!
//! If several levels apply to a person, the most permissive one counts. Items that a person adds to somebody else's
//! folder belong to that person; items directly in a My Drive belong to its owner.

use std::collections::HashMap;

use entity::UserId;
use entity::drive_share::ShareAccess;
use uuid::Uuid;

use crate::domain::auth::{Actor, Permission};

/// A folder or file, or a folder above it, with the access of one person.
#[derive(Debug, Clone)]
pub struct Link {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Owner.
    pub owner_id: UserId,
    /// How it is shared with that person.
    pub share: Option<ShareAccess>,
}

impl Link {
    fn gives(&self, actor: &Actor) -> Option<ShareAccess> {
        if actor.is_administrator() || self.owner_id == actor.user_id {
            Some(ShareAccess::Full)
        } else if actor.may(Permission::ReadWork) {
            Some(ShareAccess::Read)
        } else {
            self.share
        }
    }
}

/// Returns the actor's access to an item, given its path up to the My Drive that contains it.
pub fn level(actor: &Actor, up: &[Link]) -> Option<ShareAccess> {
    up.iter().filter_map(|link| link.gives(actor)).max()
}

/// A folder or file with the access of everybody.
#[derive(Debug, Clone)]
pub struct Grants {
    /// Owner.
    pub owner_id: UserId,
    /// Shares.
    pub shares: Vec<(UserId, ShareAccess)>,
}

/// Returns everybody's access to an item, administrators excepted, given the grants of its path up to a My Drive.
pub fn levels<'a>(up: impl IntoIterator<Item = &'a Grants>) -> HashMap<UserId, ShareAccess> {
    let mut levels = HashMap::new();
    for grants in up {
        let owner = (grants.owner_id, ShareAccess::Full);
        for (person, access) in grants.shares.iter().copied().chain([owner]) {
            let level = levels.entry(person).or_insert(access);
            *level = access.max(*level);
        }
    }
    levels
}

/// Returns whether a move gives anybody more access to an item, and so to everything below it. Items below need no
/// check: their path up begins with what is moved.
pub fn anyone_gains(before: &HashMap<UserId, ShareAccess>, after: &HashMap<UserId, ShareAccess>) -> bool {
    after
        .iter()
        .any(|(person, level)| before.get(person) < Some(level))
}

/// Returns the part of the path that the actor may see: up to the highest folder they have access to.
pub fn visible<'a>(actor: &Actor, up: &'a [Link]) -> &'a [Link] {
    let highest = up.iter().rposition(|link| link.gives(actor).is_some());
    &up[..highest.map_or(0, |place| place + 1)]
}

#[cfg(test)]
mod tests {
    use entity::SessionId;
    use entity::user::Role;
    use proptest::prelude::*;

    use super::*;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn actor(role: Role) -> Actor {
        Actor {
            user_id: person(1),
            session_id: SessionId(Uuid::nil()),
            role,
            email: String::new(),
            dismissed_shown: true,
            may_read_replica: false,
            integration: None,
        }
    }

    fn link(owner: u128, share: Option<ShareAccess>) -> Link {
        Link {
            id: Uuid::nil(),
            name: String::new(),
            owner_id: person(owner),
            share,
        }
    }

    #[test]
    fn the_table() {
        use ShareAccess::{Add, Edit, Full, Read};
        // The path up: the item itself, a folder, a My Drive.
        for (up, expected, seen) in [
            ([link(2, None), link(2, None), link(2, None)], None, 0),
            ([link(1, None), link(2, None), link(2, None)], Some(Full), 1),
            ([link(2, None), link(1, None), link(2, None)], Some(Full), 2),
            ([link(2, None), link(2, None), link(1, None)], Some(Full), 3),
            ([link(2, None), link(2, Some(Read)), link(2, None)], Some(Read), 2),
            (
                [link(2, Some(Add)), link(2, Some(Read)), link(2, None)],
                Some(Add),
                2,
            ),
            (
                [link(2, Some(Read)), link(2, Some(Edit)), link(2, None)],
                Some(Edit),
                2,
            ),
            ([link(2, None), link(2, None), link(2, Some(Full))], Some(Full), 3),
        ] {
            assert_eq!(level(&actor(Role::Employee), &up), expected, "{up:?}");
            assert_eq!(visible(&actor(Role::Employee), &up).len(), seen, "{up:?}");
            assert_eq!(level(&actor(Role::Administrator), &up), Some(Full));
            assert_eq!(visible(&actor(Role::Administrator), &up).len(), 3);
        }
        assert!(Read < Add && Add < Edit && Edit < Full);
    }

    /// Generates a tree: for each node its parent, which precedes it, and its grants.
    fn tree() -> impl Strategy<Value = Vec<(usize, Grants)>> {
        let access = prop_oneof![
            Just(ShareAccess::Read),
            Just(ShareAccess::Add),
            Just(ShareAccess::Edit),
            Just(ShareAccess::Full)
        ];
        let share = ((0..4_u128).prop_map(person), access);
        let grants = ((0..4_u128).prop_map(person), prop::collection::vec(share, 0..3))
            .prop_map(|(owner_id, shares)| Grants { owner_id, shares });
        prop::collection::vec((any::<prop::sample::Index>(), grants), 3..12).prop_map(|nodes| {
            let place = |(n, (above, grants)): (usize, (prop::sample::Index, Grants))| {
                (if n == 0 { 0 } else { above.index(n) }, grants)
            };
            nodes.into_iter().enumerate().map(place).collect()
        })
    }

    fn up(tree: &[(usize, Grants)], mut at: usize) -> Vec<usize> {
        let mut up = vec![at];
        while at != 0 {
            at = tree[at].0;
            up.push(at);
        }
        up
    }

    proptest! {
        /// Checking the moved item covers everything below it.
        #[test]
        fn a_move_without_gains_gives_nobody_more_access(
            tree in tree(), item in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(),
        ) {
            let item = 1 + item.index(tree.len() - 1);
            let to = to.index(tree.len());
            let at = |tree: &[(usize, Grants)], node| levels(up(tree, node).into_iter().map(|n| &tree[n].1));
            prop_assume!(!up(&tree, to).contains(&item));
            let mut moved = tree.clone();
            moved[item].0 = to;
            let gains = |node| anyone_gains(&at(&tree, node), &at(&moved, node));
            let anywhere = (0..tree.len()).any(gains);
            prop_assert_eq!(gains(item), anywhere);
        }
    }
}

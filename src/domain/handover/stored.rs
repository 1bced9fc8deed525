//! Stored form of moves: kept until a scheduled dismissal, and hashed for the revision of a preview.
//!
//! The form is JSON and outlives the version that wrote it: fields are only ever added. Unknown content is an error,
//! never guessed.

use std::str::FromStr;

use entity::drive_share::ShareAccess;
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId};
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Move, Part, Recipient, Share, kinds};
use crate::error::Error;

/// The moves of a request, and the recipient of the rest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Moves {
    /// Moves; `None` if the request has no list of them.
    pub moves: Option<Vec<Move>>,
    /// Recipient of the rest.
    pub rest: Option<Recipient>,
}

impl Moves {
    /// Returns the stored form.
    ///
    /// # Errors
    /// [`Error::Internal`] when it can't be written as JSON.
    pub fn to_json(&self) -> Result<String, Error> {
        let stored = StoredMoves {
            moves: self
                .moves
                .as_ref()
                .map(|moves| moves.iter().map(StoredMove::from).collect()),
            rest: self.rest.as_ref().map(StoredRecipient::from),
        };
        serde_json::to_string(&stored).map_err(Error::internal)
    }
}

impl FromStr for Moves {
    type Err = Error;

    /// Parses the [stored form](Self::to_json), or the bare list of moves that earlier versions wrote.
    fn from_str(text: &str) -> Result<Self, Error> {
        let stored = match serde_json::from_str(text).map_err(Error::internal)? {
            AnyVersion::Moves(moves) => StoredMoves {
                moves: Some(moves),
                rest: None,
            },
            AnyVersion::Current(stored) => stored,
        };
        let moves = stored.moves.map(|moves| {
            let moves = moves.into_iter().enumerate();
            moves
                .map(|(place, stored)| stored.read(place))
                .collect::<Result<_, Error>>()
        });
        Ok(Self {
            moves: moves.transpose()?,
            rest: stored.rest.map(Recipient::from),
        })
    }
}

impl Share {
    /// Returns the stored form.
    ///
    /// # Errors
    /// [`Error::Internal`] when it can't be written as JSON.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string(&StoredShare::from(self)).map_err(Error::internal)
    }

    /// Parses the [stored form](Self::to_json).
    ///
    /// # Errors
    /// [`Error::Internal`] for anything else.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let stored: StoredShare = serde_json::from_str(text).map_err(Error::internal)?;
        stored.read()
    }
}

/// Returns what the revision of a preview depends on, for one part: what moves where, the current number of items, and
/// their last change. Contains no names of types or fields of the program: a preview survives an upgrade.
pub(super) fn counted(part: &Part, movable: i64, changed: Option<Timestamp>) -> Result<Vec<u8>, Error> {
    let unreachable = part.out_of_reach.iter().map(|some| {
        let (work, records) = (some.work.to_value(), some.records.to_value());
        (work, records, some.needed.to_value(), some.count, &some.sample)
    });
    let counted = CountedPart {
        kind: kinds::name(part.kind),
        to: part.recipients.iter().map(|id| id.0).collect(),
        ids: part.ids.as_deref(),
        except: &part.except,
        closed: part.include_closed,
        observer: part.keep_as_observer,
        share: part.share.as_ref().map(StoredShare::from),
        unreachable: unreachable.collect(),
        movable,
        changed: changed.map(|time| time.timestamp_micros()),
    };
    serde_json::to_vec(&counted).map_err(Error::internal)
}

#[derive(Serialize)]
struct CountedPart<'a> {
    kind: String,
    to: Vec<Uuid>,
    ids: Option<&'a [Uuid]>,
    except: &'a [Uuid],
    closed: bool,
    observer: bool,
    share: Option<StoredShare>,
    unreachable: Vec<(String, String, String, i64, &'a Vec<Uuid>)>,
    movable: i64,
    changed: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnyVersion {
    Moves(Vec<StoredMove>),
    Current(StoredMoves),
}

#[derive(Serialize, Deserialize)]
struct StoredMoves {
    moves: Option<Vec<StoredMove>>,
    rest: Option<StoredRecipient>,
}

#[derive(Serialize, Deserialize)]
struct StoredMove {
    kind: String,
    to: StoredRecipient,
    ids: Option<Vec<Uuid>>,
    closed: bool,
    observer: bool,
    share: Option<StoredShare>,
}

impl From<&Move> for StoredMove {
    fn from(wanted: &Move) -> Self {
        Self {
            kind: kinds::name(wanted.kind),
            to: StoredRecipient::from(&wanted.to),
            ids: wanted.ids.clone(),
            closed: wanted.include_closed,
            observer: wanted.keep_as_observer,
            share: wanted.share.as_ref().map(StoredShare::from),
        }
    }
}

impl StoredMove {
    fn read(self, place: usize) -> Result<Move, Error> {
        Ok(Move {
            place,
            kind: WorkKind::try_from_value(&self.kind)?,
            to: Recipient::from(self.to),
            ids: self.ids,
            // Refused for what is stored.
            matching: None,
            include_closed: self.closed,
            keep_as_observer: self.observer,
            share: self.share.map(StoredShare::read).transpose()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StoredRecipient {
    User(Uuid),
    Evenly(Vec<Uuid>),
    /// Always true: every variant has a value in the stored form.
    Head(bool),
}

impl From<&Recipient> for StoredRecipient {
    fn from(recipient: &Recipient) -> Self {
        match recipient {
            Recipient::User(person) => Self::User(person.0),
            Recipient::EvenlyAmong(people) => Self::Evenly(people.iter().map(|id| id.0).collect()),
            Recipient::HeadOfDepartment => Self::Head(true),
        }
    }
}

impl From<StoredRecipient> for Recipient {
    fn from(stored: StoredRecipient) -> Self {
        match stored {
            StoredRecipient::User(id) => Self::User(UserId(id)),
            StoredRecipient::Evenly(ids) => Self::EvenlyAmong(ids.into_iter().map(UserId).collect()),
            StoredRecipient::Head(_) => Self::HeadOfDepartment,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StoredShare {
    name: Option<String>,
    with: Vec<Uuid>,
    access: String,
}

impl From<&Share> for StoredShare {
    fn from(share: &Share) -> Self {
        Self {
            name: share.folder_name.clone(),
            with: share.with.iter().map(|id| id.0).collect(),
            access: share.access.to_value(),
        }
    }
}

impl StoredShare {
    fn read(self) -> Result<Share, Error> {
        Ok(Share {
            folder_name: self.name,
            with: self.with.into_iter().map(UserId).collect(),
            access: ShareAccess::try_from_value(&self.access)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn moves() -> Moves {
        let one = |place, kind, to| Move {
            place,
            kind,
            to,
            ids: None,
            matching: None,
            include_closed: false,
            keep_as_observer: true,
            share: None,
        };
        let share = Share {
            folder_name: Some("From Ann".to_owned()),
            with: vec![UserId(id(3))],
            access: ShareAccess::Read,
        };
        Moves {
            moves: Some(vec![
                Move {
                    ids: Some(vec![id(9)]),
                    ..one(0, WorkKind::TaskResponsible, Recipient::User(UserId(id(1))))
                },
                Move {
                    share: Some(share),
                    include_closed: true,
                    ..one(1, WorkKind::Drive, Recipient::HeadOfDepartment)
                },
                one(
                    2,
                    WorkKind::CrmDeal,
                    Recipient::EvenlyAmong(vec![UserId(id(1)), UserId(id(2))]),
                ),
            ]),
            rest: Some(Recipient::HeadOfDepartment),
        }
    }

    #[test]
    fn the_stored_form_round_trips() {
        let stored = moves().to_json().unwrap();
        assert_eq!(stored.parse::<Moves>().unwrap(), moves());
        let nothing = Moves::default();
        assert_eq!(nothing.to_json().unwrap().parse::<Moves>().unwrap(), nothing);
    }

    /// Existing rows look like this and must stay readable.
    #[test]
    fn the_stored_form_is_stable() {
        let (one, two, three, nine) = (id(1), id(2), id(3), id(9));
        let stored = json!({
            "moves": [
                { "kind": "TASK_RESPONSIBLE", "to": { "user": one }, "ids": [nine], "closed": false, "observer": true,
                  "share": null },
                { "kind": "DRIVE", "to": { "head": true }, "ids": null, "closed": true, "observer": true,
                  "share": { "name": "From Ann", "with": [three], "access": "READ" } },
                { "kind": "CRM_DEAL", "to": { "evenly": [one, two] }, "ids": null, "closed": false, "observer": true,
                  "share": null },
            ],
            "rest": { "head": true },
        });
        let written: serde_json::Value = serde_json::from_str(&moves().to_json().unwrap()).unwrap();
        assert_eq!(written, stored);
        let alone: Moves = stored["moves"].to_string().parse().unwrap();
        assert_eq!((alone.moves, alone.rest), (moves().moves, None));
    }

    /// A preview by one version can be confirmed by the next.
    #[test]
    fn the_revision_is_of_stored_values() {
        let part = Part {
            kind: WorkKind::Drive,
            recipients: vec![UserId(id(1))],
            ids: None,
            except: vec![id(9)],
            include_closed: true,
            keep_as_observer: false,
            share: None,
            out_of_reach: Vec::new(),
        };
        let changed = "2026-01-02T03:04:05.000006Z".parse().unwrap();
        let counted: serde_json::Value =
            serde_json::from_slice(&counted(&part, 7, Some(changed)).unwrap()).unwrap();
        let stored = json!({
            "kind": "DRIVE", "to": [id(1)], "ids": null, "except": [id(9)], "closed": true, "observer": false,
            "share": null, "unreachable": [], "movable": 7, "changed": 1_767_323_045_000_006_i64,
        });
        assert_eq!(counted, stored);
    }

    #[test]
    fn an_unknown_recipient_is_an_error() {
        for to in [
            json!({}),
            json!({ "team": id(1) }),
            json!({ "user": null }),
            json!(null),
        ] {
            let stored = json!({ "moves": [{ "kind": "DRIVE", "to": to, "ids": null, "closed": false,
                "observer": false, "share": null }], "rest": null });
            assert!(stored.to_string().parse::<Moves>().is_err(), "{stored}");
        }
    }
}

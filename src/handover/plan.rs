//! The preview: who would get how much, and a revision that `bulkReassign` can be held to. Writes nothing.

use entity::crm_rule::CrmOperation;
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};

use super::selection::{Count, Picks, Selection};
use super::{Part, Recipient, Request, kinds, rules};
use crate::auth::{Actor, Permission};
use crate::crm::access::Access;
use crate::db::Db;
use crate::drive::share_folder;
use crate::error::{Code, Error, Refusal};
use crate::people::heads;

/// What a handover would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A fingerprint of exactly this work: it changes when the work does.
    pub revision: String,
    /// How many items would move.
    pub total: i64,
    /// By kind and recipient.
    pub lines: Vec<PlanLine>,
    /// What would be refused.
    pub refusals: Vec<Refusal>,
}

/// What one recipient would get of one kind.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// The kind.
    pub kind: WorkKind,
    /// The recipient.
    pub recipient: UserId,
    /// Items that would move.
    pub movable: i64,
    /// Items that the one who asks has no CRM permission to move; counted on a move's first recipient.
    pub unreachable: i64,
    /// Closed items that would stay where they are; counted on a move's first recipient.
    pub left_closed: i64,
}

/// Previews what the request would do, with the same predicates that the run uses.
///
/// # Errors
/// [`Error::Forbidden`] without the permission, or when the database fails.
pub async fn preview(db: &Db, actor: &Actor, request: &Request) -> Result<Plan, Error> {
    actor.require(Permission::ReassignWork)?;
    let (parts, refusals) = resolve(db.read(), actor, request).await?;
    let mut plan = count(db.read(), db.clock().now(), request.from, &parts).await?;
    plan.refusals = refusals;
    Ok(plan)
}

/// Counts parts whose recipients are known, as they are at `now`.
///
/// # Errors
/// When the database fails.
pub async fn count(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    from: Option<UserId>,
    parts: &[Part],
) -> Result<Plan, Error> {
    let mut lines = Vec::new();
    let mut fingerprint = Sha256::new();
    fingerprint.update(format!("{from:?}"));
    let mut total = 0;
    for part in parts {
        let counted = selection(from, part).count(conn, now).await?;
        let movable = movable(part, &counted);
        total += movable;
        fingerprint.update(format!("{part:?}{movable}{:?}", last_change(part, &counted)));
        let left_closed = if part.include_closed { 0 } else { counted.closed };
        lines.extend(
            part.recipients
                .iter()
                .enumerate()
                .map(|(slot, &recipient)| PlanLine {
                    kind: part.kind,
                    recipient,
                    movable: rules::even_share(movable, part.recipients.len(), slot),
                    unreachable: if slot == 0 { part.unreachable } else { 0 },
                    left_closed: if slot == 0 { left_closed } else { 0 },
                }),
        );
    }
    let revision = fingerprint.finalize()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Plan {
        revision,
        total,
        lines,
        refusals: Vec::new(),
    })
}

fn selection(from: Option<UserId>, part: &Part) -> Selection<'_> {
    let picks = part.ids.as_deref().map_or(Picks::All, Picks::Listed);
    Selection {
        kind: kinds::of(part.kind),
        from,
        picks,
    }
}

fn movable(part: &Part, count: &Count) -> i64 {
    count.open + if part.include_closed { count.closed } else { 0 } - part.unreachable
}

fn last_change(part: &Part, count: &Count) -> Option<Timestamp> {
    let closed = if part.include_closed {
        count.closed_changed
    } else {
        None
    };
    count.open_changed.max(closed)
}

/// Finds the recipients of each move and everything that speaks against it. Locks the recipients' rows, where
/// the database has such locks, so that nobody is dismissed between this look and the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn resolve(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    request: &Request,
) -> Result<(Vec<Part>, Vec<Refusal>), Error> {
    let mut refusals = rules::check_shape(request);
    let field = request.field;
    let from = match request.from {
        None => None,
        Some(id) => {
            let found = user::Entity::find_by_id(id).one(conn).await?;
            if found.is_none() {
                refusals.push(Refusal::new(
                    Code::NotFound,
                    "fromUserId",
                    "there is no such person",
                ));
            }
            found
        }
    };
    let mut parts = Vec::new();
    for (index, wanted) in request.moves.iter().enumerate().take(rules::MAX_MOVES) {
        let at = format!("{field}.{index}");
        let recipients = match &wanted.to {
            Recipient::User(person) => vec![(*person, format!("{at}.to.userId"))],
            Recipient::EvenlyAmong(people) => people
                .iter()
                .take(rules::MAX_RECIPIENTS)
                .enumerate()
                .map(|(place, person)| (*person, format!("{at}.to.evenlyAmong.{place}")))
                .collect(),
            Recipient::HeadOfDepartment => match &from {
                None => continue,
                Some(from) => match heads::of(conn, from.id, from.department_id).await? {
                    Some(head) => vec![(head, format!("{at}.to.headOfDepartment"))],
                    None => {
                        let message = "no department above this person has an active head";
                        let path = format!("{at}.to.headOfDepartment");
                        refusals.push(Refusal::new(Code::RecipientMissing, &path, message));
                        continue;
                    }
                },
            },
        };
        if let Some(share) = &wanted.share {
            let path = format!("{at}.share.with");
            refusals.extend(share_folder::check_people(conn, &share.with, &path).await?);
        }
        let fit = check_active(conn, &recipients, &mut refusals).await?;
        let mut part = Part {
            kind: wanted.kind,
            recipients: recipients.into_iter().map(|(person, _)| person).collect(),
            ids: wanted.ids.clone(),
            include_closed: wanted.include_closed,
            keep_as_observer: wanted.keep_as_observer,
            share: wanted.share.clone(),
            unreachable: 0,
        };
        if part
            .ids
            .as_ref()
            .is_some_and(|ids| ids.len() > rules::MAX_IDS || ids.is_empty())
        {
            continue;
        }
        if let Some(missing) = selection(request.from, &part).first_missing(conn).await? {
            let place = part
                .ids
                .iter()
                .flatten()
                .position(|&id| id == missing)
                .unwrap_or_default();
            let path = format!("{at}.ids.{place}");
            refusals.push(Refusal::new(
                Code::NotFound,
                &path,
                "there is no such item, or someone else holds it",
            ));
        }
        if kinds::of(part.kind).crm_record().is_some() {
            let access = Access::load(conn, actor, CrmOperation::Update).await?;
            part.unreachable = selection(request.from, &part)
                .unreachable(conn, &access, part.include_closed)
                .await?;
            if part.unreachable > 0 {
                let message = format!(
                    "your CRM roles do not let you update {} of these records",
                    part.unreachable
                );
                refusals.push(Refusal::new(
                    Code::CrmAccessRequired,
                    &format!("{at}.kind"),
                    message,
                ));
            }
        }
        if fit && !part.recipients.is_empty() {
            parts.push(part);
        }
    }
    Ok((parts, refusals))
}

async fn check_active(
    conn: &impl ConnectionTrait,
    recipients: &[(UserId, String)],
    refusals: &mut Vec<Refusal>,
) -> Result<bool, Error> {
    let found = user::Entity::find()
        .filter(user::Column::Id.is_in(recipients.iter().map(|(id, _)| *id)))
        .lock(LockType::Share)
        .all(conn)
        .await?;
    let mut fit = true;
    for (id, path) in recipients {
        match found.iter().find(|person| person.id == *id) {
            Some(person) if person.is_active() => continue,
            Some(_) => refusals.push(Refusal::new(
                Code::RecipientNotActive,
                path,
                "work can only go to active people",
            )),
            None => refusals.push(Refusal::new(Code::NotFound, path, "there is no such person")),
        }
        fit = false;
    }
    Ok(fit)
}

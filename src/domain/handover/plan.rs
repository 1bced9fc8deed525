//! The preview: who would get how much, and a revision that `bulkReassign` can be held to. Writes nothing.

use entity::crm_rule::CrmOperation;
use entity::handover::{self, HandoverState};
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::selection::{Count, OutOfReach, Picks, Selection};
use super::work::{self, WorkLine};
use super::{Move, Part, REST, Recipient, Request, kinds, rules};
use crate::domain::auth::{Actor, Permission};
use crate::domain::crm::access::Access;
use crate::domain::drive::share_folder;
use crate::domain::people::heads;
use crate::error::{Code, Error, Refusal};
use crate::store::db::Db;

/// What a handover would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A fingerprint of exactly this work: it changes when the work does.
    pub revision: String,
    /// How many items would move.
    pub total: i64,
    /// By kind and recipient.
    pub lines: Vec<PlanLine>,
    /// What the person would still hold.
    pub remaining: Vec<WorkLine>,
    /// CRM records that the one who asks may not move, and what they would need.
    pub unreachable: Vec<OutOfReach>,
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
pub async fn preview(
    db: &Db,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<Plan, Error> {
    actor.require(Permission::ReassignWork)?;
    look(db.read(), db.clock().now(), actor, request, expected_revision).await
}

/// As [`preview`], inside a transaction or outside.
///
/// # Errors
/// When the database fails.
pub async fn look(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<Plan, Error> {
    let (parts, refusals) = check(conn, now, actor, request, expected_revision).await?;
    let (mut plan, taken) = count(conn, now, request.from, &parts).await?;
    if let Some(from) = request.from {
        let held = work::inventory(conn, now, &[from]).await?.remove(&from);
        plan.remaining = rules::remaining(held.unwrap_or_default(), &taken);
    }
    plan.unreachable = parts.into_iter().flat_map(|part| part.out_of_reach).collect();
    plan.refusals = refusals;
    Ok(plan)
}

/// Resolves the request, and finds everything that speaks against it: with the moves, with other handovers of this
/// person's work, and with the revision that was agreed to.
///
/// # Errors
/// When the database fails.
pub async fn check(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<(Vec<Part>, Vec<Refusal>), Error> {
    let (parts, mut refusals) = resolve(conn, now, actor, request).await?;
    if let Some(from) = request.from
        && !request.later
        && is_running(conn, from).await?
    {
        let message = "a handover of this person's work is still running";
        refusals.push(Refusal::new(Code::HandoverInProgress, "", message));
    }
    // A request that is wrong is the preview of nothing.
    if let Some(expected) = expected_revision
        && refusals.is_empty()
        && count(conn, now, request.from, &parts).await?.0.revision != expected
    {
        let message = "the work has changed since the preview: look at a new one";
        refusals.push(Refusal::new(Code::PlanChanged, "expectedRevision", message));
    }
    Ok((parts, refusals))
}

/// Whether a handover of this person's work is under way.
async fn is_running(conn: &impl ConnectionTrait, from: UserId) -> Result<bool, Error> {
    let running = handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(from))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .count(conn)
        .await?;
    Ok(running > 0)
}

/// Counts parts whose recipients are known, as they are at `now`; answers what they would take, too.
async fn count(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    from: Option<UserId>,
    parts: &[Part],
) -> Result<(Plan, Vec<WorkLine>), Error> {
    let mut lines = Vec::new();
    let mut taken = Vec::new();
    let mut fingerprint = Sha256::new();
    fingerprint.update(format!("{from:?}"));
    let mut total = 0;
    for part in parts {
        let counted = selection(from, part).count(conn, now).await?;
        let line = movable(part, &counted);
        let movable = line.open + line.closed;
        taken.push(line);
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
                    unreachable: if slot == 0 { part.unreachable() } else { 0 },
                    left_closed: if slot == 0 { left_closed } else { 0 },
                }),
        );
    }
    let revision = fingerprint.finalize()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let plan = Plan {
        revision,
        total,
        lines,
        remaining: Vec::new(),
        unreachable: Vec::new(),
        refusals: Vec::new(),
    };
    Ok((plan, taken))
}

fn selection(from: Option<UserId>, part: &Part) -> Selection<'_> {
    let picks = part
        .ids
        .as_deref()
        .map_or(Picks::Except(&part.except), Picks::Listed);
    Selection {
        kind: kinds::of(part.kind),
        from,
        picks,
    }
}

/// What of a part would move.
fn movable(part: &Part, count: &Count) -> WorkLine {
    let closed = if part.include_closed { count.closed } else { 0 };
    let beyond = part.unreachable().min(count.open + closed);
    let open = (count.open - beyond).max(0);
    WorkLine {
        kind: part.kind,
        open,
        closed: count.open + closed - beyond - open,
    }
}

fn last_change(part: &Part, count: &Count) -> Option<Timestamp> {
    let closed = if part.include_closed {
        count.closed_changed
    } else {
        None
    };
    count.open_changed.max(closed)
}

/// What finds the parts of a request and, on the way, everything that speaks against it.
struct Resolver<'a, C> {
    conn: &'a C,
    actor: &'a Actor,
    request: &'a Request,
    from: Option<user::Model>,
    refusals: Vec<Refusal>,
    parts: Vec<Part>,
}

/// Finds the recipients of each move and everything that speaks against it. Locks the recipients' rows, where
/// the database has such locks, so that nobody is dismissed between this look and the end of the transaction.
async fn resolve(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    actor: &Actor,
    request: &Request,
) -> Result<(Vec<Part>, Vec<Refusal>), Error> {
    let mut refusals = request.refused.clone();
    refusals.extend(rules::check_shape(request));
    let from = match request.from {
        Some(id) => user::Entity::find_by_id(id).one(conn).await?,
        None => None,
    };
    // A dismissal says itself that there is nobody to dismiss.
    if request.from.is_some() && from.is_none() && !request.leaving && !request.later {
        refusals.push(Refusal::new(
            Code::NotFound,
            "fromUserId",
            "there is no such person",
        ));
    }
    let mut resolver = Resolver {
        conn,
        actor,
        request,
        from,
        refusals,
        parts: Vec::new(),
    };
    for wanted in request.moves.iter().take(rules::MAX_MOVES) {
        resolver.add_move(wanted).await?;
    }
    if let Some(rest) = &request.rest {
        resolver.add_rest(rest, now).await?;
    }
    Ok((resolver.parts, resolver.refusals))
}

impl<C: ConnectionTrait> Resolver<'_, C> {
    async fn add_move(&mut self, wanted: &Move) -> Result<(), Error> {
        let at = format!("{}.{}", self.request.field, wanted.place);
        let recipients = self.recipients(&wanted.to, &format!("{at}.to")).await?;
        if let Some(share) = &wanted.share {
            let path = format!("{at}.share.with");
            let refused = share_folder::check_people(self.conn, &share.with, &path).await?;
            self.refusals.extend(refused);
        }
        let part = Part {
            kind: wanted.kind,
            recipients: recipients.unwrap_or_default(),
            ids: wanted.ids.clone(),
            except: Vec::new(),
            include_closed: wanted.include_closed,
            keep_as_observer: wanted.keep_as_observer,
            share: wanted.share.clone(),
            out_of_reach: Vec::new(),
        };
        if part
            .ids
            .as_ref()
            .is_some_and(|ids| ids.len() > rules::MAX_IDS || ids.is_empty())
        {
            return Ok(());
        }
        for place in selection(self.request.from, &part).missing(self.conn).await? {
            let path = format!("{at}.ids.{place}");
            self.refusals.push(Refusal::new(
                Code::NotFound,
                &path,
                "there is no such item, or someone else holds it",
            ));
        }
        self.add(part, &format!("{at}.kind")).await
    }

    /// Makes a part of each kind that no move names and of which there is something open. Of a kind of which moves list
    /// items, the others are the rest.
    async fn add_rest(&mut self, rest: &Recipient, now: Timestamp) -> Result<(), Error> {
        let recipients = self.recipients(rest, REST).await?.unwrap_or_default();
        if self.request.from.is_none() {
            return Ok(());
        }
        for kind in kinds::ALL {
            let whole = |wanted: &Move| wanted.kind == kind.kind() && wanted.ids.is_none();
            let listed: Vec<Uuid> = self.request.listed(kind.kind()).collect();
            let spared = self.request.spared.contains(&kind.kind());
            if spared || self.request.moves.iter().any(whole) || listed.len() > rules::MAX_BESIDE_REST {
                continue;
            }
            let split = if kind.can_be_split() { recipients.len() } else { 1 };
            let part = Part {
                kind: kind.kind(),
                recipients: recipients.iter().copied().take(split).collect(),
                ids: None,
                except: listed,
                include_closed: false,
                keep_as_observer: false,
                share: None,
                out_of_reach: Vec::new(),
            };
            if selection(self.request.from, &part)
                .has_open(self.conn, now)
                .await?
            {
                self.add(part, REST).await?;
            }
        }
        Ok(())
    }

    /// Adds a part, unless nobody gets it; `at` is where its CRM records are refused.
    async fn add(&mut self, mut part: Part, at: &str) -> Result<(), Error> {
        if kinds::of(part.kind).crm_record().is_some() {
            let access = Access::load(self.conn, self.actor, CrmOperation::Update).await?;
            part.out_of_reach = selection(self.request.from, &part)
                .out_of_reach(self.conn, &access, part.include_closed)
                .await?;
            if part.unreachable() > 0 {
                let message = format!(
                    "your CRM roles do not let you update {} of these records",
                    part.unreachable()
                );
                self.refusals
                    .push(Refusal::new(Code::CrmAccessRequired, at, message));
            }
        }
        if !part.recipients.is_empty() {
            self.parts.push(part);
        }
        Ok(())
    }

    /// The people who are to get something; `None` where something speaks against one of them.
    async fn recipients(&mut self, to: &Recipient, at: &str) -> Result<Option<Vec<UserId>>, Error> {
        let recipients = match to {
            Recipient::User(person) => vec![(*person, format!("{at}.userId"))],
            Recipient::EvenlyAmong(people) => people
                .iter()
                .take(rules::MAX_RECIPIENTS)
                .enumerate()
                .map(|(place, person)| (*person, format!("{at}.evenlyAmong.{place}")))
                .collect(),
            Recipient::HeadOfDepartment => {
                let Some(from) = &self.from else {
                    return Ok(None);
                };
                let path = format!("{at}.headOfDepartment");
                match heads::of(self.conn, from.id, from.department_id).await? {
                    Some(head) => vec![(head, path)],
                    None => {
                        let message = "no department above this person has an active head";
                        self.refusals
                            .push(Refusal::new(Code::RecipientMissing, &path, message));
                        return Ok(None);
                    }
                }
            }
        };
        // That the work is theirs already is refused before; somebody who leaves at once is one who is not active.
        let theirs = self.request.from.filter(|_| !self.request.leaving);
        let (theirs, others): (Vec<_>, Vec<_>) = recipients
            .into_iter()
            .partition(|(person, _)| Some(*person) == theirs);
        let fit = check_active(self.conn, &others, &mut self.refusals).await? && theirs.is_empty();
        Ok(fit.then(|| others.into_iter().map(|(person, _)| person).collect()))
    }
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

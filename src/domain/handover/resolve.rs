//! Resolves a request into parts: the recipients of each move, and the rest.

use std::collections::{HashMap, HashSet};

use super::matching::Matching;
use super::selection::{Picks, Selection};
use super::{Move, Part, REST, Recipient, Request, kinds, rules};
use crate::domain::auth::Actor;
use crate::domain::crm::access::Access;
use crate::domain::drive::share_folder;
use crate::domain::people::heads;
use crate::error::{Code, Error, Refusal};
use entity::crm_rule::CrmOperation;
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Collects the parts of a request, and its refusals.
pub(super) struct Resolver<'a, C> {
    pub(super) conn: &'a C,
    pub(super) actor: &'a Actor,
    pub(super) request: &'a Request,
    pub(super) from: Option<user::Model>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) parts: Vec<Part>,
    /// Items of the moves so far that select single items.
    pub(super) taken: HashMap<WorkKind, Vec<Uuid>>,
}

/// Resolves the recipients of each move, and collects all refusals. Locks the recipients' rows, if the database has row
/// locks, so that none is dismissed before the transaction ends.
pub(super) async fn resolve(
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
    // A dismissal reports itself that the person doesn't exist.
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
        taken: HashMap::new(),
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
    pub(super) async fn add_move(&mut self, wanted: &Move) -> Result<(), Error> {
        let at = format!("{}.{}", self.request.field, wanted.place);
        let recipients = self.recipients(&wanted.to, &format!("{at}.to")).await?;
        if let Some(share) = &wanted.share {
            let path = format!("{at}.share.with");
            let refused = share_folder::check_people(self.conn, &share.with, &path).await?;
            self.refusals.extend(refused);
        }
        let ids = match &wanted.matching {
            Some(matching) => {
                self.matching(wanted.kind, matching, &format!("{at}.matching"))
                    .await?
            }
            None => wanted.ids.clone(),
        };
        let part = Part {
            kind: wanted.kind,
            recipients: recipients.unwrap_or_default(),
            ids,
            except: Vec::new(),
            include_closed: wanted.include_closed,
            keep_as_observer: wanted.keep_as_observer,
            share: wanted.share.clone(),
            out_of_reach: Vec::new(),
        };
        let limit = if wanted.matching.is_some() {
            rules::MAX_MATCHING
        } else {
            rules::MAX_IDS
        };
        let refused = |ids: &Vec<Uuid>| ids.len() > limit || ids.is_empty();
        if part.ids.as_ref().map_or(!wanted.is_whole(), refused) {
            return Ok(());
        }
        self.take(&part, wanted, &at);
        if wanted.matching.is_none() {
            self.refuse_missing(&part, &at).await?;
        }
        self.add(part, &format!("{at}.kind")).await
    }

    /// Refuses listed items that don't exist, or that someone else holds.
    async fn refuse_missing(&mut self, part: &Part, at: &str) -> Result<(), Error> {
        for place in selection(self.request.from, part).missing(self.conn).await? {
            let path = format!("{at}.ids.{place}");
            self.refusals.push(Refusal::new(
                Code::NotFound,
                &path,
                "there is no such item, or someone else holds it",
            ));
        }
        Ok(())
    }

    /// Returns the items that a filter selects; `None` if it is refused.
    async fn matching(
        &mut self,
        kind: WorkKind,
        matching: &Matching,
        at: &str,
    ) -> Result<Option<Vec<Uuid>>, Error> {
        let kind = kinds::of(kind);
        if !kind.accepts_prefix(matching.filter.prefix()) {
            return Ok(None);
        }
        let selection = Selection {
            kind,
            from: self.request.from,
            picks: Picks::All,
        };
        let refusal = match matching.ids(self.conn, self.actor, &selection).await {
            Ok(ids) if ids.is_empty() => Refusal::new(Code::NotFound, at, "no item matches the filter"),
            Ok(ids) if ids.len() > rules::MAX_MATCHING => {
                let most = rules::MAX_MATCHING;
                let message =
                    format!("more than {most} items match: narrow the filter, or move all items of a person");
                Refusal::new(Code::TooMany, at, message)
            }
            Ok(ids) => return Ok(Some(ids)),
            Err(Error::BadInput(message)) => Refusal::new(Code::Invalid, at, message),
            Err(error) => return Err(error),
        };
        self.refusals.push(refusal);
        Ok(None)
    }

    /// Notes the items of a move; refused when a filter selects items of another move.
    fn take(&mut self, part: &Part, wanted: &Move, at: &str) {
        let Some(ids) = &part.ids else { return };
        let taken = self.taken.entry(part.kind).or_default();
        let filtered = |other: &Move| other.kind == part.kind && other.matching.is_some();
        if self.request.moves.iter().any(filtered) {
            let before: HashSet<&Uuid> = taken.iter().collect();
            if ids.iter().any(|id| before.contains(id)) {
                let field = if wanted.matching.is_some() {
                    "matching"
                } else {
                    "ids"
                };
                let message = "another move already covers some of these items";
                self.refusals
                    .push(Refusal::new(Code::Invalid, &format!("{at}.{field}"), message));
            }
        }
        taken.extend(ids);
    }

    /// Adds a part for each kind with open items that no move covers. Where moves only select items of a kind, the
    /// others are the rest.
    pub(super) async fn add_rest(&mut self, rest: &Recipient, now: Timestamp) -> Result<(), Error> {
        let recipients = self.recipients(rest, REST).await?.unwrap_or_default();
        if self.request.from.is_none() {
            return Ok(());
        }
        for kind in kinds::ALL {
            let whole = |wanted: &Move| wanted.kind == kind.kind() && wanted.is_whole();
            let taken = self.taken.remove(&kind.kind()).unwrap_or_default();
            let excluded = self.request.excluded_kinds.contains(&kind.kind());
            if excluded || self.request.moves.iter().any(whole) {
                continue;
            }
            if taken.len() > rules::MAX_BESIDE_REST {
                let most = rules::MAX_BESIDE_REST;
                let message = format!("at most {most} items of one kind can be selected beside it");
                self.refusals.push(Refusal::new(Code::TooMany, REST, message));
                continue;
            }
            let split = if kind.can_be_distributed() {
                recipients.len()
            } else {
                1
            };
            let part = Part {
                kind: kind.kind(),
                recipients: recipients.iter().copied().take(split).collect(),
                ids: None,
                except: taken,
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

    /// Adds a part unless it has no recipients; `at` is the path for CRM refusals.
    pub(super) async fn add(&mut self, mut part: Part, at: &str) -> Result<(), Error> {
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

    /// Returns the recipients; `None` if one is refused.
    pub(super) async fn recipients(
        &mut self,
        to: &Recipient,
        at: &str,
    ) -> Result<Option<Vec<UserId>>, Error> {
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
        // Giving work to its holder is refused elsewhere; somebody who is being dismissed is refused as not active.
        let theirs = self.request.from.filter(|_| !self.request.leaving);
        let (theirs, others): (Vec<_>, Vec<_>) = recipients
            .into_iter()
            .partition(|(person, _)| Some(*person) == theirs);
        let fit = check_active(self.conn, &others, &mut self.refusals).await? && theirs.is_empty();
        Ok(fit.then(|| others.into_iter().map(|(person, _)| person).collect()))
    }
}

pub(super) async fn check_active(
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
                "recipients must be active",
            )),
            None => refusals.push(Refusal::new(Code::NotFound, path, "there is no such person")),
        }
        fit = false;
    }
    Ok(fit)
}

pub(super) fn selection(from: Option<UserId>, part: &Part) -> Selection<'_> {
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

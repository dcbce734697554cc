//! Decides the status of an answer, and says why.

use super::endpoint::EndpointKnowledge;
use super::induce::{PooledOver, is_pooled};
use super::learn::Site;
use crate::domain::outcome::{Cause, Leaf, ReasonTree, StatusCounts, Truths, Validator};
use crate::domain::world::{Request, SitePlace};

/// Share of a leaf from which its status is certain.
const CERTAIN_SHARE: f64 = 0.85;

/// Share up to which a status that is the answer of another leaf is noise here.
const NOISE_SHARE: f64 = 0.3;

/// Cases, and share of one status, from which a meaning is borrowed from elsewhere.
const BORROWED_MIN: u32 = 3;
const BORROWED_SHARE: f64 = 0.8;

/// A status and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusDecision {
    /// The status.
    pub status: u16,
    /// A short slug for `X-Mock-Reason`.
    pub reason: String,
    /// Whether a reason decided it, and not chance.
    pub is_reasoned: bool,
}

/// What a decision looks at.
pub struct DecisionCase<'c> {
    /// Where the request belongs.
    pub place: &'c SitePlace,
    /// What is known of the endpoint.
    pub endpoint: &'c EndpointKnowledge,
    /// The request.
    pub request: &'c Request,
    /// What holds for it.
    pub truths: &'c Truths,
    /// The status that the learned process of chance gives next, bursts included.
    pub chance: u16,
    /// A random number, for leaves that do not know that status.
    pub draw: u64,
}

impl Site {
    /// Decides a status; `None` where nothing is explained and chance goes on as before.
    #[must_use]
    pub fn decide(&self, case: &DecisionCase<'_>) -> Option<StatusDecision> {
        if let Some(forced) = self.forced(case) {
            return Some(forced);
        }
        if case.chance >= 500 && !case.endpoint.faults.as_ref().is_some_and(ReasonTree::explains) {
            return None;
        }
        if let Some(fault) = self.fault(case) {
            return Some(fault);
        }
        if let Some(borrowed) = self.borrowed(case) {
            return Some(borrowed);
        }
        if let Some(refused) = self.foreign(case) {
            return Some(refused);
        }
        let tree = case.endpoint.reasons.as_ref()?;
        let (leaf, _) = tree.leaf(case.truths);
        let decided = if tree.explains() {
            self.by_leaf(case, tree, leaf)
        } else {
            StatusDecision { status: case.chance, reason: "chance".into(), is_reasoned: false }
        };
        match self.protocol(case, &decided) {
            Some(truth) => Some(truth),
            None if tree.explains() => Some(decided),
            None => None,
        }
    }

    /// What a person said decides.
    fn forced(&self, case: &DecisionCase<'_>) -> Option<StatusDecision> {
        let holds = |(number, _): &&(u16, u16)| case.truths.contains(*number);
        let (number, status) = case.endpoint.forced.iter().find(holds)?;
        Some(StatusDecision { status: *status, reason: self.slug(*number)?, is_reasoned: true })
    }

    /// A server error that has a reason.
    fn fault(&self, case: &DecisionCase<'_>) -> Option<StatusDecision> {
        let tree = case.endpoint.faults.as_ref().filter(|tree| tree.explains())?;
        let (leaf, _) = tree.leaf(case.truths);
        let (status, share) = leaf.top()?;
        (share >= CERTAIN_SHARE && status >= 500).then(|| self.reasoned(status, leaf))
    }

    /// A truth that this endpoint never met: what it meant at the same path, else on this site.
    fn borrowed(&self, case: &DecisionCase<'_>) -> Option<StatusDecision> {
        for number in case.truths.iter() {
            let cause = self.causes.get(number)?;
            let creates = matches!(&*case.place.method, "PUT" | "POST");
            if !is_pooled(cause)
                || case.endpoint.forbidden.contains(&number)
                || case.endpoint.met.contains_key(&number)
                || (*cause == Cause::Entity(false) && creates)
            {
                continue;
            }
            let here = PooledOver::Path(case.place.template.clone());
            let reads = matches!(&*case.place.method, "GET" | "HEAD").then_some(PooledOver::Reads);
            for whole in [Some(here), reads, Some(PooledOver::Site)].into_iter().flatten() {
                let Some(counts) = self.pooled.get(&(number, whole)) else { continue };
                let all: u32 = counts.iter().map(|(_, n)| n).sum();
                if all < BORROWED_MIN {
                    continue;
                }
                let (status, n) = counts.iter().copied().max_by_key(|(_, n)| *n)?;
                if status >= 400 && f64::from(n) >= BORROWED_SHARE * f64::from(all) {
                    return Some(StatusDecision {
                        status,
                        reason: self.slug(number).unwrap_or_default(),
                        is_reasoned: true,
                    });
                }
                break;
            }
        }
        None
    }

    /// A body that has nothing in common with accepted ones, where no such body was ever met and
    /// others were refused: it is refused as they were.
    fn foreign(&self, case: &DecisionCase<'_>) -> Option<StatusDecision> {
        let number = self.causes.find(&Cause::BodyForeign)?;
        let endpoint = case.endpoint;
        if !case.truths.contains(number)
            || endpoint.met.contains_key(&number)
            || endpoint.forbidden.contains(&number)
        {
            return None;
        }
        let refusals = endpoint.statuses.iter().filter(|(status, _)| matches!(status, 400 | 422));
        let (status, _) = refusals.max_by_key(|(_, times)| *times)?;
        let reason = self.slug(number).unwrap_or_default();
        Some(StatusDecision { status: *status, reason, is_reasoned: true })
    }

    /// A name with its password opens where it ever did, and does not where something else of the
    /// request was refused before: what the few logins of a recording leave open.
    fn opened(&self, case: &DecisionCase<'_>, counts: &StatusCounts) -> Option<StatusDecision> {
        if !case.endpoint.issues {
            return None;
        }
        let number = self.causes.find(&Cause::Together("all".into()))?;
        if !case.truths.contains(number) || case.endpoint.forbidden.contains(&number) {
            return None;
        }
        let is_wrong = case.truths.iter().any(|number| {
            matches!(
                self.causes.get(number),
                Some(Cause::AnyViolation | Cause::AnyRefused | Cause::Reference(_, false))
            )
        });
        let fits = |(status, _): &&(u16, u32)| is_wrong == (*status >= 400);
        let (status, _) = counts.iter().filter(fits).max_by_key(|(_, n)| *n)?;
        let reason = self.slug(number)?;
        Some(StatusDecision { status: *status, reason, is_reasoned: true })
    }

    fn by_leaf(&self, case: &DecisionCase<'_>, tree: &ReasonTree, leaf: &Leaf) -> StatusDecision {
        let Some((top, _)) = leaf.top() else {
            return StatusDecision {
                status: case.chance,
                reason: "chance".into(),
                is_reasoned: false,
            };
        };
        // A status that has a cause of its own is noise where that cause is absent.
        let all = f64::from(leaf.size());
        let counts: StatusCounts = leaf
            .counts
            .iter()
            .copied()
            .filter(|(s, n)| *s == top || !tree.owns(*s) || f64::from(*n) > NOISE_SHARE * all)
            .collect();
        let rest: u32 = counts.iter().map(|(_, n)| n).sum();
        let share = counts.iter().find(|(s, _)| *s == top).map_or(0, |(_, n)| *n);
        if f64::from(share) >= CERTAIN_SHARE * f64::from(rest) {
            return self.reasoned(top, leaf);
        }
        if let Some(opened) = self.opened(case, &counts) {
            return opened;
        }
        let asked = |status: &u16| !matches!(status, 304 | 412) || is_conditional(case.request);
        let open: StatusCounts =
            counts.iter().copied().filter(|(status, _)| asked(status)).collect();
        let open = if open.is_empty() { counts } else { open };
        let status = if open.iter().any(|(status, _)| *status == case.chance) {
            case.chance
        } else {
            pick(&open, case.draw).unwrap_or(top)
        };
        StatusDecision { status, reason: "chance".into(), is_reasoned: false }
    }

    /// What HTTP says of validators, unless this endpoint ignores them (RFC 9110, section 13.2).
    fn protocol(
        &self,
        case: &DecisionCase<'_>,
        decided: &StatusDecision,
    ) -> Option<StatusDecision> {
        let number = |cause: Cause| self.causes.find(&cause);
        let allowed = |number: u16| !case.endpoint.forbidden.contains(&number);
        let holds = |cause: Cause| {
            number(cause).is_some_and(|number| case.truths.contains(number) && allowed(number))
        };
        let refuted = |cause: Cause, ignored: u16, honoured: u16| {
            number(cause).is_some_and(|number| {
                case.endpoint.times(number, ignored) > case.endpoint.times(number, honoured)
            })
        };
        let truth = |status, reason: &str| {
            Some(StatusDecision { status, reason: reason.into(), is_reasoned: true })
        };
        let hit = Cause::Condition(Validator::NoneMatchHit);
        let miss = Cause::Condition(Validator::MatchMiss);
        let status = decided.status;
        if status == 200
            && case.request.reads()
            && holds(hit.clone())
            && !refuted(hit.clone(), 200, 304)
        {
            return truth(304, "validator-current");
        }
        if (200..300).contains(&status) && holds(miss.clone()) && !refuted(miss, status, 412) {
            let known = holds(Cause::Entity(true)) || !holds(Cause::Entity(false));
            if known {
                return truth(412, "validator-outdated");
            }
        }
        if status == 201
            && &*case.request.method == "PUT"
            && holds(Cause::Entity(true))
            && !refuted(Cause::Entity(true), 201, 200)
        {
            return truth(200, "entity-known");
        }
        let unasked = status == 304 && !holds(hit);
        if unasked && case.endpoint.answers.contains_key(&200) {
            return truth(200, "validator-outdated");
        }
        None
    }

    fn reasoned(&self, status: u16, leaf: &Leaf) -> StatusDecision {
        // The last reason that holds tells most; where none does, the last one that does not.
        let named = leaf.reasons.iter().rev().find(|(_, holds)| *holds);
        let reason = match (named, leaf.reasons.last()) {
            (Some((number, _)), _) => self.slug(*number),
            (None, Some((number, _))) => self.slug(*number).map(|slug| format!("not-{slug}")),
            (None, None) => None,
        };
        StatusDecision {
            status,
            reason: reason.unwrap_or_else(|| "always".into()),
            is_reasoned: true,
        }
    }
}

fn is_conditional(request: &Request) -> bool {
    ["if-none-match", "if-match", "if-modified-since", "if-unmodified-since"]
        .iter()
        .any(|name| request.header(name).is_some())
}

fn pick(counts: &StatusCounts, draw: u64) -> Option<u16> {
    let all: u32 = counts.iter().map(|(_, n)| n).sum();
    let mut left = (draw % u64::from(all.max(1))) as u32; // below `all`
    for (status, n) in counts {
        if left < *n {
            return Some(*status);
        }
        left -= n;
    }
    None
}

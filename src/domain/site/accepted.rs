//! What accepted bodies of an endpoint have in common, and how another body violates it.
//!
//! A violation counts only when a refusal confirmed it: its text names the member or repeats the
//! value, or it was the only one. Without this every optional member that a refused body happened
//! to lack would become required.

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::refusal_frame::RefusalFrame;
use super::sibling_words::SiblingWords;
use crate::domain::outcome::Violation;
use crate::domain::privacy::retention;
use crate::domain::words::speaks_of::{has_word, speaks_of};
use crate::domain::world::form::{TextForm, form};
use crate::domain::world::pointer::{
    Kind, Pointer, PointerStep, at, is_bare, kind, last_member, members,
};
use crate::domain::world::{SiteExchange, fingerprint};

/// Accepted bodies from which a member that none has is extra.
const EXTRA_BODIES_MIN: u32 = 5;

/// Extra members that were refused, from which any other one is.
const CONFIRMED_EXTRAS_MIN: usize = 2;

/// Accepted bodies from which a body that has nothing in common with them is foreign.
const FOREIGN_BODIES_MIN: u32 = 4;

/// Accepted bodies from which a member that all have is required.
const LACKS_BODIES_MIN: u32 = 2;

/// Different values up to which a vocabulary is closed, and uses of each.
const VOCABULARY_MAX: usize = 12;
const VOCABULARY_USES_MIN: u32 = 3;

/// Whole numbers from which one that is not is unusual.
const WHOLE_NUMBERS_MIN: u32 = 4;

/// Share of different values from which a member tells bodies apart.
const TELLING_SHARE: f64 = 0.7;

/// Different values that are counted for one member.
const VALUES_MAX: usize = 1_000;

/// Different texts from which their signs are an alphabet, the signs of it, and signs that are
/// counted.
const SIGNED_TEXTS_MIN: usize = 5;
const SIGNS_FEW: usize = 2;
const SIGNS_MAX: usize = 8;

/// Members of bodies that are looked at, an endpoint.
const MEMBERS_MAX: usize = 512;

/// Words that speak of a measure: a weak violation needs one beside the member's name.
const MEASURES: [&str; 11] =
    ["long", "short", "least", "most", "min", "max", "length", "valid", "format", "range", "must"];
const MORE_MEASURES: [&str; 7] =
    ["greater", "less", "match", "pattern", "should", "character", "allowed"];

/// A violation with its place.
pub type Violated = (Violation, Pointer);

/// What accepted bodies have in common.
#[derive(Debug, Clone, Default)]
pub struct Accepted {
    bodies: u32,
    roots: Vec<(Kind, u32)>,
    members: Vec<(Pointer, Member)>,
    index: FxHashMap<Pointer, usize>,
    confirmed: FxHashSet<Violated>,
    /// Members of which refusals of bodies spoke that violate nothing.
    disputed: FxHashSet<Pointer>,
    /// How far out the nearest refused value of a weak violation was.
    refused_from: FxHashMap<Violated, f64>,
    /// What goes with the words of other members.
    siblings: SiblingWords,
}

#[derive(Debug, Clone, Default)]
struct Member {
    bodies: u32,
    kinds: Vec<(Kind, u32)>,
    values: FxHashMap<u64, u32>,
    texts: u32,
    forms: Vec<(TextForm, u32)>,
    ends: FxHashSet<Option<char>>,
    /// Signs other than letters and digits, with the texts that have them.
    signs: FxHashMap<char, u32>,
    empty: u32,
    negative: u32,
    zero: u32,
    /// Numbers, and those of them that are not whole.
    numbers: u32,
    fractions: u32,
    length: Option<(usize, usize)>,
    range: Option<(f64, f64)>,
}

fn bump<T: PartialEq>(counts: &mut Vec<(T, u32)>, what: T) {
    match counts.iter_mut().find(|(known, _)| *known == what) {
        Some((_, n)) => *n += 1,
        None => counts.push((what, 1)),
    }
}

fn count<T: PartialEq>(counts: &[(T, u32)], what: &T) -> u32 {
    counts.iter().find(|(known, _)| known == what).map_or(0, |(_, n)| *n)
}

/// The sign at the end of a text, if it is neither letter nor digit.
fn end_of(text: &str) -> Option<char> {
    text.chars().next_back().filter(|c| !c.is_alphanumeric())
}

/// The signs of a text that are neither letters nor digits, blanks as one.
fn signs_of(text: &str) -> FxHashSet<char> {
    let sign = |c: char| if c.is_whitespace() { ' ' } else { c };
    text.chars().filter(|c| !c.is_alphanumeric()).map(sign).collect()
}

impl Member {
    fn observe(&mut self, value: &Value) {
        bump(&mut self.kinds, kind(value));
        match value {
            Value::String(text) => {
                if self.values.len() < VALUES_MAX {
                    *self.values.entry(fingerprint(&[text])).or_default() += 1;
                }
                self.texts += 1;
                bump(&mut self.forms, form(text));
                self.ends.insert(end_of(text));
                for sign in signs_of(text) {
                    if self.signs.len() < SIGNS_MAX {
                        *self.signs.entry(sign).or_default() += 1;
                    }
                }
                self.empty += u32::from(text.is_empty());
                let length = text.chars().count();
                let (lo, hi) = self.length.unwrap_or((length, length));
                self.length = Some((lo.min(length), hi.max(length)));
            }
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                let (lo, hi) = self.range.unwrap_or((number, number));
                self.range = Some((lo.min(number), hi.max(number)));
                self.negative += u32::from(number < 0.0);
                self.zero += u32::from(number == 0.0);
                self.numbers += 1;
                self.fractions += u32::from(number.fract() != 0.0);
            }
            Value::Array(_) | Value::Object(_) => self.empty += u32::from(is_bare(value)),
            _ => {}
        }
    }
}

impl Accepted {
    /// Takes in an accepted body.
    pub fn observe(&mut self, body: &Value) {
        self.bodies += 1;
        bump(&mut self.roots, kind(body));
        self.siblings.observe(body);
        let mut present: FxHashSet<Pointer> = FxHashSet::default();
        for (place, value) in members(body) {
            let at = match self.index.get(&place) {
                Some(at) => *at,
                None if self.members.len() >= MEMBERS_MAX => continue,
                None => {
                    self.members.push((place.clone(), Member::default()));
                    self.index.insert(place.clone(), self.members.len() - 1);
                    self.members.len() - 1
                }
            };
            let member = &mut self.members[at].1;
            member.observe(value);
            if present.insert(place) {
                member.bodies += 1;
            }
        }
    }

    /// Whether a member was accepted at all.
    #[must_use]
    pub fn has(&self, place: &[PointerStep]) -> bool {
        self.index.contains_key(place)
    }

    /// Whether the values of a member are mostly different: they tell bodies apart.
    #[must_use]
    pub fn is_telling(&self, place: &[PointerStep]) -> bool {
        self.index.get(place).is_some_and(|at| {
            let member = &self.members[*at].1;
            member.values.len() as f64 >= TELLING_SHARE * f64::from(member.bodies)
        })
    }

    /// Takes in a refusal, once all accepted bodies are known: which violations does it confirm?
    pub fn confirm(&mut self, exchange: &SiteExchange, body: &Value, frame: &RefusalFrame) {
        let violated = self.violations(body, false);
        let text = frame.spoken(exchange, body);
        // What is only unusual does not answer for another member that the refusal names.
        let is_odd = |place: &Pointer| violated.iter().any(|(_, odd)| odd == place);
        let others: Vec<Pointer> = self
            .members
            .iter()
            .map(|(place, _)| place)
            .filter(|place| !is_odd(place) && is_word_of(place, &text))
            .cloned()
            .collect();
        let answers = |(how, place): &Violated| !how.is_weak() && is_named(place, body, &text);
        if !violated.iter().any(answers) {
            self.disputed.extend(others.iter().cloned());
        }
        let measured = text.bytes().any(|byte| byte.is_ascii_digit())
            || MEASURES.iter().chain(&MORE_MEASURES).any(|word| text.contains(word));
        let named: Vec<Violated> = violated
            .iter()
            .filter(|(how, place)| {
                // A form needs no word of a measure where nothing else is spoken of.
                let is_form = matches!(how, Violation::TextForm | Violation::Sign);
                let is_told = is_form && others.is_empty() && is_word_of(place, &text);
                is_named(place, body, &text) && (!how.is_weak() || measured || is_told)
            })
            .cloned()
            .collect();
        let named = most_telling(named);
        let (beside, strong): (Vec<Violated>, Vec<Violated>) = violated
            .into_iter()
            .filter(|(how, _)| !how.is_weak())
            .partition(|(how, _)| how.is_beside());
        // What is only unusual beside another member counts where nothing else is wrong.
        let strong = if strong.is_empty() { beside } else { strong };
        // A refusal that speaks of another member is about that one.
        let is_about_another = || {
            let related = |place: &Pointer| {
                strong.iter().any(|(_, own)| own.starts_with(place) || place.starts_with(own))
            };
            let others = self.members.iter().filter(|(place, _)| !related(place));
            others.filter(|(place, _)| at(body, place).is_some()).any(|(p, _)| is_word_of(p, &text))
        };
        let confirmed = if !named.is_empty() {
            named
        } else if strong.len() == 1 && is_validation(exchange) && !is_about_another() {
            strong
        } else {
            Vec::new()
        };
        for violated in confirmed {
            if let Some(distance) = self.distance(&violated, body) {
                let nearest = self.refused_from.entry(violated.clone()).or_insert(f64::INFINITY);
                *nearest = nearest.min(distance);
            }
            self.confirmed.insert(violated);
        }
    }

    /// Whether a violation was confirmed; one of type, where any of type was.
    #[must_use]
    pub fn is_confirmed(&self, violated: &Violated) -> bool {
        let extras = || self.confirmed.iter().filter(|(how, _)| *how == Violation::Extra).count();
        self.confirmed.contains(violated)
            || (violated.0 == Violation::Extra && extras() >= CONFIRMED_EXTRAS_MIN)
            || (violated.0 == Violation::Type
                && self.confirmed.iter().any(|(how, _)| *how == Violation::Type))
    }

    /// Whether a body has none of the members that all accepted ones have: where bodies are looked
    /// at, it is none of theirs.
    #[must_use]
    pub fn is_foreign(&self, body: &Value) -> bool {
        let is_common =
            |(place, member): &&(Pointer, Member)| place.len() == 1 && member.bodies == self.bodies;
        let mut common = self.members.iter().filter(is_common).peekable();
        self.bodies >= FOREIGN_BODIES_MIN
            && body.is_object()
            && common.peek().is_some()
            && common.all(|(place, _)| at(body, place).is_none())
    }

    /// Whether a refusal of a body that violates nothing spoke of a member.
    #[must_use]
    pub fn is_disputed(&self, place: &[PointerStep]) -> bool {
        self.disputed.contains(place)
    }

    /// The confirmed violations.
    pub fn confirmed(&self) -> impl Iterator<Item = &Violated> {
        self.confirmed.iter()
    }

    /// How far a value lies outside what was accepted.
    fn distance(&self, (how, place): &Violated, body: &Value) -> Option<f64> {
        let member = &self.members[*self.index.get(place)?].1;
        match (how, at(body, place)?) {
            (Violation::Shorter | Violation::Longer, Value::String(text)) => {
                let (length, (lo, hi)) = (text.chars().count() as f64, member.length?);
                let below = *how == Violation::Shorter;
                Some(if below { lo as f64 - length } else { length - hi as f64 })
            }
            (Violation::Lower | Violation::Higher, Value::Number(number)) => {
                let (number, (lo, hi)) = (number.as_f64()?, member.range?);
                Some(if *how == Violation::Lower { lo - number } else { number - hi })
            }
            _ => None,
        }
    }

    /// How a body differs from accepted ones; `is_one` when it is itself among them, and is then
    /// left out.
    #[must_use]
    pub fn violations(&self, body: &Value, is_one: bool) -> Vec<Violated> {
        let own = u32::from(is_one);
        let others = self.bodies.saturating_sub(own);
        if others == 0 {
            return Vec::new();
        }
        if count(&self.roots, &kind(body)) == 0 {
            return vec![(Violation::Type, Vec::new())];
        }
        let mut present: FxHashMap<Pointer, Vec<&Value>> = FxHashMap::default();
        for (place, value) in members(body) {
            present.entry(place).or_default().push(value);
        }
        let mut found = Vec::new();
        if others >= EXTRA_BODIES_MIN {
            let known_parent =
                |place: &Pointer| place.len() == 1 || self.has(&place[..place.len() - 1]);
            let extra = present.keys().filter(|place| !self.has(place) && known_parent(place));
            found.extend(extra.map(|place| (Violation::Extra, place.clone())));
        }
        for (place, member) in &self.members {
            match present.get(place) {
                None => {
                    let parent =
                        place.len() == 1 || present.contains_key(&place[..place.len() - 1]);
                    let required =
                        member.bodies == self.bodies && place.last() != Some(&PointerStep::Each);
                    if required && parent && others >= LACKS_BODIES_MIN {
                        found.push((Violation::Lacks, place.clone()));
                    }
                }
                Some(values) => {
                    for value in values {
                        self.judge(place, member, value, own, &mut found);
                    }
                }
            }
        }
        self.siblings.judge(body, own, &mut found);
        found.sort();
        found.dedup();
        found
    }

    fn judge(
        &self,
        place: &Pointer,
        member: &Member,
        value: &Value,
        own: u32,
        found: &mut Vec<Violated>,
    ) {
        let mut add = |how| found.push((how, place.clone()));
        if count(&member.kinds, &kind(value)) <= own {
            add(Violation::Type);
            return;
        }
        match value {
            Value::String(text) => {
                // Test suites share passwords: few of them are no vocabulary, one for all is.
                let is_secret =
                    last_member(place).is_some_and(|name| retention::is_secret_name(name, false));
                let found = member.text_violations(text, own).into_iter();
                let is_shared = is_secret && member.values.len() > 1;
                found.filter(|how| !is_shared || *how != Violation::Vocabulary).for_each(add);
            }
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or_default();
                if number < 0.0 && member.negative <= own {
                    add(Violation::Negative);
                }
                if number == 0.0 && member.zero <= own {
                    add(Violation::Zero);
                }
                let whole = member.numbers.saturating_sub(member.fractions);
                if number.fract() != 0.0 && member.fractions <= own && whole >= WHOLE_NUMBERS_MIN {
                    add(Violation::Fraction);
                }
            }
            _ if is_bare(value) && member.empty <= own => add(Violation::Empty),
            _ => {}
        }
        let bounds = match (value, member.length, member.range) {
            (Value::String(text), Some((lo, hi)), _) => {
                let length = text.chars().count() as f64;
                [(Violation::Shorter, lo as f64 - length), (Violation::Longer, length - hi as f64)]
            }
            (Value::Number(number), _, Some((lo, hi))) => {
                let number = number.as_f64().unwrap_or_default();
                [(Violation::Lower, lo - number), (Violation::Higher, number - hi)]
            }
            _ => return,
        };
        for (how, off) in bounds {
            let violated = (how, place.clone());
            let nearest = self.refused_from.get(&violated).copied().unwrap_or(0.0);
            if off > 0.0 && off >= nearest / 2.0 {
                found.push(violated);
            }
        }
    }
}

impl Member {
    fn text_violations(&self, text: &str, own: u32) -> Vec<Violation> {
        let mut found = Vec::new();
        let uses = self.values.get(&fingerprint(&[text])).copied().unwrap_or(0);
        let all: u32 = self.values.values().sum();
        let closed = self.values.len() <= VOCABULARY_MAX
            && all.saturating_sub(own) >= VOCABULARY_USES_MIN * self.values.len() as u32;
        if closed && uses <= own {
            found.push(Violation::Vocabulary);
        }
        let own_empty = if text.is_empty() { own } else { 0 };
        if text.is_empty() && self.empty <= own_empty {
            found.push(Violation::Empty);
        }
        let mark = self.ends.iter().next().copied().flatten();
        let marked = self.ends.len() == 1 && mark.is_some() && self.values.len() >= 3;
        if marked && end_of(text) != mark {
            found.push(Violation::TextForm);
        }
        let form = form(text);
        let same = count(&self.forms, &form);
        let alone = own == 1 && same == 1 && self.forms.len() > 1;
        let one_form = self.forms.len() == 1 + usize::from(alone);
        if one_form && count(&self.forms, &TextForm::Other) == 0 && same <= own {
            found.push(Violation::TextForm);
        }
        // What is no date, address or number may have an alphabet.
        let is_new = |sign: &char| self.signs.get(sign).copied().unwrap_or(0) <= own;
        if self.forms.iter().all(|(form, _)| *form == TextForm::Other)
            && self.values.len() >= SIGNED_TEXTS_MIN
            && self.signs.len() <= SIGNS_FEW
            && signs_of(text).iter().any(is_new)
        {
            found.push(Violation::Sign);
        }
        found
    }
}

/// Of the violations that a refusal names those that are reason enough: a member that is missing
/// or of another type before all that only the extremes suggest, and the form of a text before its
/// length.
fn most_telling(named: Vec<Violated>) -> Vec<Violated> {
    let is_strong = named.iter().any(|(how, _)| !how.is_weak());
    let is_form = |how: Violation| matches!(how, Violation::TextForm | Violation::Sign);
    let has_form = |place: &Pointer| named.iter().any(|(how, p)| is_form(*how) && p == place);
    let telling = |(how, place): &&Violated| {
        !how.is_weak() || (!is_strong && (is_form(*how) || !has_form(place)))
    };
    named.iter().filter(telling).cloned().collect()
}

/// Whether a status is about what a body says, and not about what it meets (RFC 9110, section
/// 15.5): then the only violation is the reason. Who sends a credential may be refused for that.
fn is_validation(exchange: &SiteExchange) -> bool {
    let is_known = exchange.request.credential.is_some();
    matches!(exchange.status, 400 | 422) || (matches!(exchange.status, 401 | 403) && !is_known)
}

/// Whether the text of a refusal speaks of a member: by its name as a word, or by its value.
fn is_named(place: &Pointer, body: &Value, text: &str) -> bool {
    if is_word_of(place, text) {
        return true;
    }
    members(body).iter().any(|(inner, value)| {
        inner.starts_with(place)
            && value.as_str().is_some_and(|v| v.len() > 2 && has_word(text, &v.to_lowercase()))
    })
}

/// Whether a text, in lower case, speaks of a member by its name.
fn is_word_of(place: &Pointer, text: &str) -> bool {
    let name = place.iter().rev().find_map(PointerStep::member).unwrap_or("[]");
    speaks_of(text, name)
}

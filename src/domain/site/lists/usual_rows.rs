//! Rows that a list leaves out unless a parameter asks for them: closed issues without
//! `?status=closed` or `?status=*`.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value};

use super::list_sample::{KnownRow, ListSample};
use super::operator::RowFilter;
use super::{ListRow, Operator, ParameterRole, Program, looked_up};
use crate::domain::world::Request;

/// Rows that should have been shown if they were like others before they are believed to be left
/// out, and rows that the parameter must have brought to light.
const EXPECTED_MIN: f64 = 5.0;
const SHOWN_MIN: u32 = 2;

/// Answers with and without the parameter.
const ANSWERS_MIN: usize = 4;

/// Answers, rows of one collection and members that are looked at.
const ANSWERS_MAX: usize = 240;
const ROWS_MAX: usize = 200;
const MEMBERS_MAX: usize = 40;

/// Different words of the parameter, and of the member, up to which they are vocabularies, and
/// rows that must have the word.
const WORDS_MAX: usize = 8;
const ROWS_MIN: usize = 3;

/// Bytes of a word that marks rows.
const WORD_BYTES_MAX: usize = 24;

/// Share of the answers to a word that its meaning must reproduce.
const WORD_SHARE: f64 = 0.85;

/// What marks the rows that a list leaves out, and the parameter that brings them to light.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsualRows {
    /// The member that marks them.
    pub member: Box<str>,
    /// Its value.
    pub value: Box<str>,
    /// The parameter.
    pub unless: Box<str>,
}

/// What a word of the parameter asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedRows {
    /// All rows.
    All,
    /// Those that are usually left out, alone.
    Unusual,
    /// Those that are usually shown.
    Usual,
}

impl UsualRows {
    /// Whether a row is usually left out.
    #[must_use]
    pub fn hides(&self, row: &Map<String, Value>) -> bool {
        RowFilter::new(Operator::Equal, &self.member, &self.value).holds(row)
    }

    /// The same among rows of which `show` says what may be shown.
    pub fn show(&mut self, show: impl Fn(&Map<String, Value>) -> Map<String, Value>) {
        if matches!(&*self.value, "true" | "false") {
            return;
        }
        let name = self.member.rsplit('.').next().unwrap_or_default();
        let one = [(name.to_owned(), Value::from(&*self.value))].into_iter().collect();
        let shown = show(&one).into_iter().next().map(|(_, value)| value);
        if let Some(Value::String(shown)) = shown {
            self.value = shown.into();
        }
    }

    /// Keeps the rows that a word asks for.
    pub fn keep(&self, asked: AskedRows, rows: &mut Vec<ListRow<'_>>) {
        match asked {
            AskedRows::All => {}
            AskedRows::Unusual => rows.retain(|(_, row)| self.hides(row)),
            AskedRows::Usual => rows.retain(|(_, row)| !self.hides(row)),
        }
    }
}

/// The word that a member is.
fn word_of(value: &Value) -> Option<&str> {
    match value {
        Value::Bool(flag) => Some(if *flag { "true" } else { "false" }),
        Value::String(text) if text.len() <= WORD_BYTES_MAX && !text.contains(',') => Some(text),
        _ => None,
    }
}

/// How rows with one word fared in answers without a parameter, and in those with it.
#[derive(Default)]
struct Fate<'s> {
    /// Which rows have it.
    rows: BTreeSet<&'s str>,
    expected: f64,
    shown_without: u32,
    shown_with: u32,
}

impl Program {
    /// Learns which rows the list leaves out unless asked for them.
    pub(super) fn learn_usual(&mut self, names: &BTreeMap<&str, u32>, samples: &[ListSample<'_>]) {
        let mut best: Option<(f64, UsualRows)> = None;
        let mut members: Vec<&str> = self.members.iter().map(|name| &**name).collect();
        members.sort_unstable();
        members.truncate(MEMBERS_MAX);
        let recent = &samples[samples.len().saturating_sub(ANSWERS_MAX)..];
        let lists: Vec<Between<'_>> = recent.iter().map(Between::of).collect();
        for name in names.keys() {
            let asked = lists.iter().filter_map(|list| list.request.parameter(name));
            let asked: Vec<&str> = asked.collect();
            let words: BTreeSet<&str> = asked.iter().copied().collect();
            let without = lists.len() - asked.len();
            let is_vocabulary =
                words.len() <= WORDS_MAX && words.iter().any(|word| word.parse::<f64>().is_err());
            if asked.len() < ANSWERS_MIN || without < ANSWERS_MIN || !is_vocabulary {
                continue;
            }
            let fates = fates(name, &members, &lists);
            let mut values: FxHashMap<&str, usize> = FxHashMap::default();
            for (member, _) in fates.keys() {
                *values.entry(member).or_default() += 1;
            }
            for ((member, value), fate) in fates {
                let is_left_out = values[member] <= WORDS_MAX
                    && fate.rows.len() >= ROWS_MIN
                    && fate.shown_without == 0
                    && fate.shown_with >= SHOWN_MIN
                    && fate.expected >= EXPECTED_MIN;
                if is_left_out && best.as_ref().is_none_or(|(most, _)| fate.expected > *most) {
                    let usual = UsualRows {
                        member: member.into(),
                        value: value.into(),
                        unless: (*name).into(),
                    };
                    best = Some((fate.expected, usual));
                }
            }
        }
        self.usual = best.map(|(_, usual)| usual);
    }

    /// What the words of the parameter ask for that brings to light what is usually left out.
    pub(super) fn words_role(
        &self,
        name: &str,
        samples: &[ListSample<'_>],
    ) -> Option<ParameterRole> {
        let usual = self.usual.as_ref().filter(|usual| *usual.unless == *name)?;
        let mut asked: BTreeMap<&str, Vec<&ListSample<'_>>> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| self.is_ready(sample.request(), name)) {
            if let Some(value) = sample.request().parameter(name) {
                asked.entry(value).or_default().push(sample);
            }
        }
        let mut words: Vec<(Box<str>, AskedRows)> = Vec::new();
        for (word, own) in asked {
            let share = |meaning: AskedRows| {
                let hits = own.iter().filter(|sample| {
                    let mut rows = self.filtered(sample.request(), sample.all(), Some(name));
                    usual.keep(meaning, &mut rows);
                    let cut = self.limit(sample.request()).or(self.size);
                    let all = cut.map_or(rows.len(), |cut| rows.len().min(cut));
                    let holds = |id: &String| rows.iter().any(|(known, _)| known == id);
                    sample.ids.len() == all && sample.ids.iter().all(holds)
                });
                hits.count() as f64 / own.len() as f64
            };
            let meanings = [AskedRows::Unusual, AskedRows::Usual, AskedRows::All];
            let best = meanings.into_iter().map(|meaning| (share(meaning), meaning));
            let best = best.max_by(|(a, _), (b, _)| a.total_cmp(b));
            if let Some((_, meaning)) = best.filter(|(share, _)| *share >= WORD_SHARE) {
                words.push((word.into(), meaning));
            }
        }
        let path = |member: &str| member.replace('.', "_").eq_ignore_ascii_case(name);
        let otherwise = self.members.iter().find(|member| path(member)).cloned();
        (!words.is_empty()).then_some(ParameterRole::Words(words, otherwise))
    }
}

/// The rows of one recorded list that stand between the first and the last one that it shows:
/// before and behind those others may stand on other pages.
struct Between<'s> {
    request: &'s Request,
    /// With whether each is shown.
    rows: Vec<(&'s str, &'s Map<String, Value>, bool)>,
    /// Share of those that are shown.
    share: f64,
}

impl<'s> Between<'s> {
    fn of(sample: &ListSample<'s>) -> Self {
        let ids: FxHashSet<&str> = sample.ids.iter().map(String::as_str).collect();
        let rows = &sample.collection[sample.collection.len().saturating_sub(ROWS_MAX)..];
        let is_shown = |(id, _): &KnownRow| ids.contains(&**id);
        let first = rows.iter().position(is_shown).unwrap_or(0);
        let behind = rows.iter().rposition(is_shown).map_or(0, |last| last + 1);
        let rows = rows[first..behind.max(first)].iter();
        let rows: Vec<_> = rows.map(|row| (&*row.0, &*row.1, is_shown(row))).collect();
        let shown = rows.iter().filter(|(.., shown)| *shown).count();
        let share = shown as f64 / rows.len().max(1) as f64;
        Self { request: sample.request(), rows, share }
    }
}

/// How rows fared by the words of their members.
fn fates<'s>(
    name: &str,
    members: &[&'s str],
    lists: &[Between<'s>],
) -> FxHashMap<(&'s str, &'s str), Fate<'s>> {
    let mut found: FxHashMap<(&'s str, &'s str), Fate<'s>> = FxHashMap::default();
    for list in lists {
        let is_asked = list.request.parameter(name).is_some();
        for member in members {
            for (id, row, is_shown) in &list.rows {
                let Some(word) = looked_up(row, member).and_then(word_of) else { continue };
                let fate = found.entry((member, word)).or_default();
                fate.rows.insert(id);
                match (is_asked, is_shown) {
                    (true, true) => fate.shown_with += 1,
                    (true, false) => {}
                    (false, shown) => {
                        fate.expected += list.share;
                        fate.shown_without += u32::from(*shown);
                    }
                }
            }
        }
    }
    found
}

//! The laws of the records of one position, as far as they are known.

use serde::{Deserialize, Serialize};

use crate::domain::privacy::retention;
use crate::domain::sketch::heap_bytes::heap_bytes;
use crate::domain::value::relation::laws::arithmetic::Arithmetic;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::{Column, Members, Scalar};
use crate::domain::value::relation::laws::derivation;
use crate::domain::value::relation::laws::derivation::{Derivation, DerivedTexts};
use crate::domain::value::relation::laws::order::{ORDERS_MAX, OrderLaw};
use crate::domain::value::relation::laws::table::LawTable;

/// What is known of the laws of a record.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LawModel {
    #[serde(rename = "n")]
    seen: u32,
    /// Texts made of other columns.
    #[serde(rename = "d", skip_serializing_if = "Vec::is_empty")]
    pub derivations: Vec<Derivation>,
    /// Numbers and truths that follow from others; hypotheses until [`Arithmetic::is_law`].
    #[serde(rename = "a", skip_serializing_if = "Vec::is_empty")]
    pub arithmetic: Vec<Arithmetic>,
    /// Pairs of columns in order; hypotheses until [`OrderLaw::is_law`].
    #[serde(rename = "o", skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderLaw>,
    /// Which values came together.
    #[serde(rename = "t")]
    pub table: LawTable,
    /// How often a law was looked for in vain, by column.
    #[serde(rename = "x", skip_serializing_if = "Vec::is_empty")]
    tries: Vec<(u32, u8)>,
    /// Columns, each with one that is made of it: it is made of something else.
    #[serde(rename = "p", skip_serializing_if = "Vec::is_empty")]
    apart: Vec<(u32, u32)>,
}

heap_bytes!(LawModel { seen, derivations, arithmetic, orders, table, tries, apart });

/// Records from which laws are looked for, by column.
const TRIES_MAX: u8 = 12;

/// Hypotheses about the numbers of a record.
const ARITHMETIC_MAX: usize = 256;
/// The same about one of them.
const ARITHMETIC_EACH_MAX: usize = 16;
const DERIVATIONS_MAX: usize = column::COLUMNS_MAX;

/// Records after which columns that are made of each other are told apart: both are laws by then.
const UNROLLED_AT: u32 = 8;

/// Records after which one in eight teaches, told by its ordinal: what held until then is known.
const SAMPLED_FROM: u32 = 128;

impl LawModel {
    /// Learns one record; `body` is the ordinal of the body it stands in.
    pub fn observe(&mut self, members: &Members<'_>, body: u64) {
        self.seen = self.seen.saturating_add(1);
        if self.seen > SAMPLED_FROM && !self.seen.is_multiple_of(8) {
            return;
        }
        let columns = column::columns(members);
        if columns.len() < 2 {
            return;
        }
        self.table.observe(&columns);
        self.observe_orders(&columns);
        self.arithmetic.retain_mut(|law| law.observe(&columns));
        self.derivations.retain_mut(|law| law.observe(&columns, body, &may_keep));
        if self.seen == UNROLLED_AT {
            self.unroll();
        }
        self.search(&columns, body);
    }

    /// Where one column is a part of another that is made of it, looks for what else it is made of:
    /// until then both hang on nothing else.
    fn unroll(&mut self) {
        let all = &self.derivations;
        let other_way = |law: &Derivation| {
            let mut sources = law.sources();
            let (source, None) = (sources.next()?, sources.next()) else { return None };
            let is_it = |other: &&Derivation| {
                other.target == source && other.is_whole() && other.sources().eq([law.target])
            };
            let found = all.iter().find(is_it).filter(|_| law.is_law() && law.is_lossy())?;
            Some((law.target, found.target))
        };
        self.apart = all.iter().filter_map(other_way).collect();
        for (known, tries) in &mut self.tries {
            if self.apart.iter().any(|(target, _)| target == known) {
                *tries = 0;
            }
        }
    }

    /// Is a column made, by this law, of one that is made of it?
    pub fn is_circular(&self, law: &Derivation) -> bool {
        let is_apart = |source| self.apart.contains(&(law.target, source));
        law.sources().all(is_apart)
    }

    fn observe_orders(&mut self, columns: &[Column<'_>]) {
        if self.seen == 1 {
            self.orders = OrderLaw::find(columns);
        }
        self.orders.retain_mut(|order| order.observe(columns));
    }

    /// Looks for laws of the columns that have none.
    fn search(&mut self, columns: &[Column<'_>], body: u64) {
        let mut made: Option<DerivedTexts> = None;
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.stands) {
            let is_its = |law: &&Derivation| law.target == column.path;
            let has_text = self.derivations.iter().filter(is_its).any(|law| !self.is_circular(law));
            let has_number = self.arithmetic.iter().any(|law| law.target == column.path);
            let is_text = matches!(column.value, Scalar::Text(_));
            if has_text || (has_number && !is_text) || !self.may_try(column.path) {
                continue;
            }
            let made = made.get_or_insert_with(|| derivation::made(columns));
            let apart = self.apart.iter().filter(|(target, _)| *target == column.path);
            let apart: smallvec::SmallVec<[u32; 2]> = apart.map(|(_, other)| *other).collect();
            let found = Derivation::find(at, columns, made, &apart);
            if let Some(mut law) = found.filter(|_| self.derivations.len() < DERIVATIONS_MAX) {
                law.observe(columns, body, &may_keep);
                self.derivations.push(law);
            }
            if !is_text {
                let room = ARITHMETIC_MAX.saturating_sub(self.arithmetic.len());
                let mut found = Arithmetic::find(at, columns);
                found.sort_by_key(|law| law.operation);
                for mut law in found.into_iter().take(room.min(ARITHMETIC_EACH_MAX)) {
                    law.observe(columns);
                    self.arithmetic.push(law);
                }
            }
        }
    }

    fn may_try(&mut self, path: u32) -> bool {
        match self.tries.iter_mut().find(|(known, _)| *known == path) {
            Some((_, tries)) => {
                *tries = tries.saturating_add(1);
                *tries <= TRIES_MAX
            }
            None => {
                let room = self.tries.len() < column::COLUMNS_MAX;
                if room {
                    self.tries.push((path, 1));
                }
                room
            }
        }
    }

    /// Adds what another model learned: a hypothesis holds for both, or one of them says nothing.
    pub fn merge(&mut self, other: Self) {
        let (own_seen, their_seen) = (self.seen, other.seen);
        self.seen = own_seen.saturating_add(their_seen);
        if own_seen == 0 {
            return *self = other;
        }
        if their_seen == 0 {
            return;
        }
        self.table.merge(other.table);
        self.arithmetic.retain_mut(|law| {
            let theirs = other.arithmetic.iter().find(|theirs| theirs.is_same(law));
            theirs.inspect(|theirs| law.merge(theirs)).is_some()
        });
        self.orders.retain_mut(|law| {
            let is_it = |theirs: &&OrderLaw| theirs.low == law.low && theirs.high == law.high;
            let theirs = other.orders.iter().find(is_it);
            theirs.inspect(|theirs| law.merge(theirs)).is_some()
        });
        self.orders.truncate(ORDERS_MAX);
        let mut theirs = other.derivations;
        self.derivations.retain_mut(|law| {
            let at = theirs.iter().position(|theirs| theirs.is_same(law));
            at.map(|at| law.merge(theirs.swap_remove(at))).is_some()
        });
    }
}

/// Constants of a derivation are kept as parts of any text are, and so is what stands between
/// them: a blank or a slash is nobody's.
fn may_keep(text: &str, bodies: u32) -> bool {
    let is_punctuation = !text.chars().any(char::is_alphanumeric);
    bodies > 0 && (is_punctuation || (text.len() <= TEXT_BYTES_MAX && may_keep_words(text, bodies)))
}

/// Longest constant kept, bytes: a path, a phrase.
const TEXT_BYTES_MAX: usize = 120;

fn may_keep_words(text: &str, bodies: u32) -> bool {
    retention::may_keep_value(text, bodies)
        && !retention::has_reachable_mailbox(text)
        && !retention::is_person(retention::PERSON, text.trim())
}

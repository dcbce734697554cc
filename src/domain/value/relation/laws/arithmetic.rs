//! Numbers that follow from other columns: totals, shares, counts, nights, pages, flags.

use serde::{Deserialize, Serialize};

use crate::domain::formats::timestamp::DAY_S;
use crate::domain::sketch::heap_bytes::no_heap;
use crate::domain::sketch::number_code;
use crate::domain::value::relation::laws::column;
use crate::domain::value::relation::laws::column::{Column, Scalar};
use crate::domain::value::relation::laws::transform;

/// A number, or a truth, that follows from one or two others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arithmetic {
    /// Path hash of the column that follows.
    #[serde(rename = "t")]
    pub target: u32,
    /// How it follows.
    #[serde(rename = "o")]
    pub operation: Operation,
    /// Path hash of the first operand.
    #[serde(rename = "a")]
    pub first: u32,
    /// The same as `first` where there is but one.
    #[serde(rename = "b")]
    pub second: u32,
    #[serde(rename = "d", default)]
    decimals: u8,
    /// The number was never written with a point.
    #[serde(rename = "i", default)]
    is_integer: bool,
    /// Between these lies the factor of [`Operation::Factor`].
    #[serde(rename = "r", default, skip_serializing_if = "FactorBounds::is_of_few")]
    factor: FactorBounds,
    /// Records in which it held, trivial results (anything plus zero) not counted.
    #[serde(rename = "h", default)]
    pub hits: u32,
    /// The first result, and whether another one came.
    #[serde(rename = "f", default)]
    seen: u32,
    #[serde(rename = "v", default)]
    varied: bool,
}

no_heap!(Arithmetic);

/// Between what a factor lies, as far as it is known.
///
/// What few records or equal numbers say of it is never stored: the number of a record over a one
/// beside it would be that number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "(f64, f64)", into = "(f64, f64)")]
enum FactorBounds {
    #[default]
    Unknown,
    OfFew(f64, f64),
    OfMany(f64, f64),
}

impl FactorBounds {
    const fn is_of_few(&self) -> bool {
        !matches!(self, Self::OfMany(..))
    }

    const fn known(self) -> Option<(f64, f64)> {
        match self {
            Self::Unknown => None,
            Self::OfFew(low, high) | Self::OfMany(low, high) => Some((low, high)),
        }
    }
}

impl From<(f64, f64)> for FactorBounds {
    fn from((low, high): (f64, f64)) -> Self {
        Self::OfMany(low, high)
    }
}

impl From<FactorBounds> for (f64, f64) {
    fn from(bounds: FactorBounds) -> Self {
        bounds.known().unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
    }
}

/// How a number follows from others, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// The first, to the last digit.
    Same,
    /// The first with fewer digits behind the point.
    Rounded,
    /// The first plus the second.
    Sum,
    /// The first times the second.
    Product,
    /// The first, of which the second is a percentage.
    Percent,
    /// The first less a percentage of it, which is the second.
    Reduced,
    /// The greater of both.
    Greater,
    /// The lesser of both.
    Lesser,
    /// Half of the sum of both.
    Mean,
    /// Days from the first date to the second.
    Days,
    /// Pages that the first fills, the second on each; an empty list has one.
    Pages,
    /// Is the first more than the second?
    More,
    /// The first is at least the second.
    AtLeast,
    /// The first times a factor that units have: 100, 1000, 1024, 60.
    Times(u32),
    /// The first divided by so many.
    Over(u32),
    /// The first less the second.
    Difference,
    /// The first divided by the second.
    Ratio,
    /// How many percent the first is of the second.
    Share,
    /// The first times something that is always the same: a rate, a unit.
    Factor,
}

const OF_TWO: [Operation; 9] = [
    Operation::Sum,
    Operation::Product,
    Operation::Percent,
    Operation::Greater,
    Operation::Lesser,
    Operation::Mean,
    Operation::Pages,
    Operation::Ratio,
    Operation::Share,
];

const FACTORS: [u32; 10] = [2, 7, 10, 12, 24, 60, 100, 1000, 1024, 3600];

/// Results that were no trivial ones before an operation is kept.
pub const HITS_MIN: u32 = 5;

/// How far the bounds of a factor may be apart, as a part of it, and its digits behind the point.
const FACTOR_SPREAD_MAX: f64 = 2e-3;
const FACTOR_DIGITS_MAX: i32 = 16;

/// Numbers of one record that are compared by twos; that one is another is looked for in all.
const NUMBERS_MAX: usize = 24;

impl Operation {
    fn apply(self, first: &Scalar<'_>, second: &Scalar<'_>) -> Option<f64> {
        if self == Self::Days {
            let days = |value: &Scalar<'_>| {
                transform::moment(value).map(|second| second.div_euclid(DAY_S))
            };
            return Some((days(second)? - days(first)?) as f64);
        }
        let (a, b) = (first.number()?, second.number()?);
        let result = match self {
            Self::Same | Self::Rounded => a,
            Self::Sum => a + b,
            Self::Product => a * b,
            Self::Percent => a * b / 100.0,
            Self::Reduced => a * (100.0 - b) / 100.0,
            Self::Greater => a.max(b),
            Self::Lesser => a.min(b),
            Self::Mean => f64::midpoint(a, b),
            Self::Pages => (a / b).ceil().max(1.0),
            Self::More => f64::from(u8::from(a > b)),
            Self::AtLeast => f64::from(u8::from(a >= b)),
            Self::Times(factor) => a * f64::from(factor),
            Self::Over(factor) => a / f64::from(factor),
            Self::Difference => a - b,
            Self::Ratio => a / b,
            Self::Share => a / b * 100.0,
            Self::Days | Self::Factor => return None,
        };
        result.is_finite().then_some(result)
    }

    /// Does a result tell nothing, as any number plus zero does?
    fn is_trivial(self, first: &Scalar<'_>, second: &Scalar<'_>) -> bool {
        let (Some(a), Some(b)) = (first.number(), second.number()) else { return false };
        match self {
            Self::Same | Self::Rounded | Self::Days | Self::More | Self::AtLeast => false,
            Self::Times(_) | Self::Over(_) | Self::Factor => a == 0.0,
            Self::Mean | Self::Greater | Self::Lesser => a == b,
            Self::Reduced => a == 0.0 || b == 0.0 || b == 100.0,
            Self::Sum | Self::Difference => a == 0.0 || b == 0.0,
            Self::Product | Self::Percent | Self::Ratio | Self::Share => {
                [0.0, 1.0].contains(&a) || [0.0, 1.0].contains(&b)
            }
            Self::Pages => b <= 1.0,
        }
    }

    /// Whether the result is true or false, and no number.
    pub fn is_truth(self) -> bool {
        matches!(self, Self::More | Self::AtLeast)
    }

    /// Does it look at one number alone?
    pub fn is_unary(self) -> bool {
        matches!(self, Self::Same | Self::Rounded | Self::Times(_) | Self::Over(_) | Self::Factor)
    }
}

/// The number of a result; truths count one and zero.
fn result_of(value: &Scalar<'_>) -> Option<f64> {
    match value {
        Scalar::Bool(value) => Some(f64::from(u8::from(*value))),
        value => value.number(),
    }
}

impl Arithmetic {
    /// Every way in which the column at `target` may follow from others.
    pub fn find(target: usize, columns: &[Column<'_>]) -> Vec<Self> {
        let mut found = Vec::new();
        let Some(column) = columns.get(target).filter(|column| column.stands) else { return found };
        let is_other = |(at, other): &(usize, &Column<'_>)| {
            *at != target && (other.list == 0 || other.list != column.list)
        };
        let others = columns.iter().enumerate().filter(is_other);
        let others: Vec<&Column<'_>> = others.map(|(_, column)| column).collect();
        let numbers: Vec<&Column<'_>> =
            others.iter().copied().filter(|column| column.value.number().is_some()).collect();
        let few = numbers.get(..NUMBERS_MAX).unwrap_or(&numbers);
        let mut consider = |operation, first: &Column<'_>, second: &Column<'_>| {
            let law = Self::new(column.path, operation, first.path, second.path);
            if law.holds_for(&column.value, &first.value, &second.value)
                && !operation.is_trivial(&first.value, &second.value)
            {
                found.push(law);
            }
        };
        match &column.value {
            Scalar::Bool(_) => {
                for (first, second) in pairs(few).flat_map(|(a, b)| [(a, b), (b, a)]) {
                    consider(Operation::More, first, second);
                    consider(Operation::AtLeast, first, second);
                }
            }
            Scalar::Text(_) => {}
            Scalar::Int(_) | Scalar::Float(_) => {
                for number in &numbers {
                    consider(Operation::Same, number, number);
                    if matches!(number.value, Scalar::Float(_)) {
                        consider(Operation::Rounded, number, number);
                    }
                    for factor in FACTORS {
                        consider(Operation::Times(factor), number, number);
                        consider(Operation::Over(factor), number, number);
                    }
                }
                for number in few {
                    consider(Operation::Factor, number, number);
                }
                for (first, second) in pairs(few) {
                    for operation in OF_TWO {
                        consider(operation, first, second);
                    }
                    for operation in [
                        Operation::Pages,
                        Operation::Ratio,
                        Operation::Share,
                        Operation::Difference,
                        Operation::Reduced,
                    ] {
                        consider(operation, second, first);
                    }
                    consider(Operation::Difference, first, second);
                    consider(Operation::Reduced, first, second);
                }
                let dates: Vec<&Column<'_>> =
                    others.iter().copied().filter(|c| transform::is_moment(&c.value)).collect();
                for (first, second) in pairs(&dates).flat_map(|(a, b)| [(a, b), (b, a)]) {
                    consider(Operation::Days, first, second);
                }
            }
        }
        found
    }

    fn new(target: u32, operation: Operation, first: u32, second: u32) -> Self {
        Self {
            target,
            operation,
            first,
            second,
            decimals: 0,
            is_integer: true,
            factor: FactorBounds::Unknown,
            hits: 0,
            seen: 0,
            varied: false,
        }
    }

    fn holds_for(&self, target: &Scalar<'_>, first: &Scalar<'_>, second: &Scalar<'_>) -> bool {
        if self.operation == Operation::Factor {
            return self.narrowed(target, first).is_some();
        }
        let (Some(target), Some(result)) = (result_of(target), self.operation.apply(first, second))
        else {
            return false;
        };
        let decimals = usize::from(self.decimals).max(number_code::decimals_of(target));
        let half = 0.5 * 10f64.powi(-(decimals as i32));
        // A number that is equal to another is so to the last digit.
        let tolerance = if self.operation == Operation::Same { 0.0 } else { half * 1.02 };
        (target - result).abs() <= tolerance + target.abs() * 1e-12
    }

    /// Between what the factor lies once these two are known, too; `None` where there is none.
    fn narrowed(&self, target: &Scalar<'_>, first: &Scalar<'_>) -> Option<(f64, f64)> {
        let (target, first) = (target.number()?, first.number()?);
        let decimals = usize::from(self.decimals).max(number_code::decimals_of(target));
        let half = 0.51 * 10f64.powi(-(decimals as i32)) + target.abs() * 1e-12;
        let known = self.factor.known().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        if first == 0.0 {
            return (target.abs() <= half).then_some(known);
        }
        let (a, b) = ((target - half) / first, (target + half) / first);
        let (low, high) = (known.0.max(a.min(b)), known.1.min(a.max(b)));
        (low <= high).then_some((low, high))
    }

    /// Takes in what the factor lies between now.
    fn bound(&mut self, bounds: Option<(f64, f64)>) {
        self.factor = match bounds {
            None => FactorBounds::Unknown,
            Some((low, high)) if self.varied && self.hits >= HITS_MIN => {
                FactorBounds::OfMany(low, high)
            }
            Some((low, high)) => FactorBounds::OfFew(low, high),
        };
    }

    /// The shortest factor, or the one of which the inverse is shortest, that fits all.
    fn plain_factor(&self) -> Option<f64> {
        let (low, high) =
            self.factor.known().filter(|(low, high)| low.is_finite() && high.is_finite())?;
        let fits = |factor: f64| (low..=high).contains(&factor).then_some(factor);
        let middle = f64::midpoint(low, high);
        (0..FACTOR_DIGITS_MAX).find_map(|digits| {
            let scale = 10f64.powi(digits);
            let plain = (middle * scale).round() / scale;
            fits(plain).or_else(|| fits(1.0 / ((scale / middle).round() / scale)))
        })
    }

    /// Is the factor known so well that numbers do not fit it by accident?
    fn is_narrow(&self) -> bool {
        self.factor
            .known()
            .is_some_and(|(low, high)| high - low <= FACTOR_SPREAD_MAX * low.abs().min(high.abs()))
    }

    /// Does it hold in a record? One that lacks a part says nothing.
    pub fn observe(&mut self, columns: &[Column<'_>]) -> bool {
        let find = |path| column::find(columns, path);
        let (Some(target), Some(first), Some(second)) =
            (find(self.target), find(self.first), find(self.second))
        else {
            return true;
        };
        if !self.holds_for(target, first, second) {
            return false;
        }
        let bounds = match self.operation {
            Operation::Factor => self.narrowed(target, first),
            _ => None,
        };
        if let Scalar::Float(value) = target {
            let decimals = u8::try_from(number_code::decimals_of(*value)).unwrap_or(u8::MAX);
            self.decimals = self.decimals.max(decimals);
            self.is_integer = false;
        }
        if !self.operation.is_trivial(first, second) {
            let fingerprint = target.fingerprint();
            self.varied |= self.hits > 0 && self.seen != fingerprint;
            self.seen = fingerprint;
            self.hits = self.hits.saturating_add(1);
        }
        self.bound(bounds);
        true
    }

    /// Has it held for enough different numbers?
    pub fn is_law(&self) -> bool {
        let is_sure = self.operation != Operation::Factor || self.is_narrow();
        self.varied && self.hits >= HITS_MIN && is_sure
    }

    /// What the target must be.
    pub fn result(&self, first: &Scalar<'_>, second: &Scalar<'_>) -> Option<Scalar<'static>> {
        let value = match self.operation {
            Operation::Factor => first.number()? * self.plain_factor()?,
            operation => operation.apply(first, second)?,
        };
        if self.operation.is_truth() {
            return Some(Scalar::Bool(value != 0.0));
        }
        let scale = 10f64.powi(i32::from(self.decimals));
        let rounded = (value * scale).round() / scale;
        Some(match self.is_integer && rounded.abs() < 9e15 {
            true => Scalar::Int(rounded as i64),
            false => Scalar::Float(rounded),
        })
    }

    /// Is it the same hypothesis?
    pub fn is_same(&self, other: &Self) -> bool {
        let key = |law: &Self| (law.target, law.operation, law.first, law.second);
        key(self) == key(other)
    }

    /// Adds the evidence of the same hypothesis.
    pub fn merge(&mut self, other: &Self) {
        self.varied |= other.varied || (other.hits > 0 && self.seen != other.seen);
        self.hits = self.hits.saturating_add(other.hits);
        self.decimals = self.decimals.max(other.decimals);
        self.is_integer &= other.is_integer;
        self.bound(match (self.factor.known(), other.factor.known()) {
            (Some(own), Some(theirs)) => Some((own.0.max(theirs.0), own.1.min(theirs.1))),
            (own, theirs) => own.or(theirs),
        });
    }
}

/// Each two of some.
fn pairs<'c, 'a>(
    all: &'c [&'c Column<'a>],
) -> impl Iterator<Item = (&'c Column<'a>, &'c Column<'a>)> {
    all.iter().enumerate().flat_map(move |(at, first)| {
        all.get(at + 1..).unwrap_or_default().iter().map(move |second| (*first, *second))
    })
}

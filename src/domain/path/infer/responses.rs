//! What the answers say of the words at one position: which belong together, which stand apart.

use crate::domain::path::infer::group::Group;
use crate::domain::path::infer::position::Position;
use crate::domain::path::kind::SegmentPrior;

/// Siblings whose answers are compared with each word's.
const COMPARED_MAX: usize = 48;
/// Agreement from which two answer alike: an equal member is chance, and still speaks for it.
const ALIKE: f32 = 0.1;
/// Agreement up to which they do not.
const APART: f32 = -0.3;
/// Log-odds of answers that are wholly alike: more than the other signs usually add up to, because
/// the structure of an answer is what an endpoint is learned for.
const ALIKE_WEIGHT: f32 = 8.0;
/// Log-odds of answers that are like no sibling's: no sum of other signs outweighs them. What is
/// told apart by evidence stays apart.
const APART_WEIGHT: f32 = 40.0;

/// Siblings that one answers like, for the whole company to be the parameter of a position.
const COMPANY_MIN: f32 = 2.0;
/// Share of the siblings that must answer otherwise for a word to stand apart, when none answers
/// alike: one odd status among many values is chance.
const APART_SHARE: f32 = 0.5;

/// What is known of one word from comparing its answers.
#[derive(Debug, Clone, Copy, Default)]
struct Company {
    /// Siblings that were compared.
    compared: f32,
    /// Siblings that answer alike, and the sum of their agreement.
    alike: f32,
    alike_sum: f32,
    /// Siblings that answer otherwise, and the sum of their (negative) agreement.
    apart: f32,
    apart_sum: f32,
    /// Whether the word in the largest company is among those that answer otherwise.
    outside: bool,
}

/// What the answers say of each word, as log-odds to add: words that answer like their siblings
/// are values of one parameter, a word that answers like none of them is a resource of its own.
/// 0 where nothing can be compared.
///
/// Where several companies of words answer alike, only the largest can be the parameter of this
/// position; the others stay literals.
pub fn of(position: &Position<'_>, words: &[&Group<'_>]) -> Vec<f32> {
    let others: Vec<&Group<'_>> = position
        .groups
        .iter()
        .filter(|group| group.lean != SegmentPrior::Fixed && !group.responses.is_empty())
        .take(COMPARED_MAX)
        .collect();
    let mut companies: Vec<Company> = words.iter().map(|word| company(word, &others)).collect();
    let largest = |a: &&Group<'_>, b: &&Group<'_>| {
        let size = |group: &Group<'_>| {
            let value = f32::from(u8::from(group.lean == SegmentPrior::Value));
            (value, company(group, &others).alike)
        };
        size(a).partial_cmp(&size(b)).unwrap_or(std::cmp::Ordering::Equal)
    };
    // Values are a parameter whatever they answer; without any, it is the largest company.
    let main = others.iter().rev().max_by(|a, b| largest(a, b));
    if let Some(main) = main.filter(|main| company(main, &others).alike >= COMPANY_MIN) {
        for (word, company) in words.iter().zip(&mut companies) {
            company.outside = word.hash != main.hash
                && word.agreement(main).is_some_and(|agreement| agreement <= APART);
        }
    }
    companies.iter().map(Company::log_odds).collect()
}

fn company(word: &Group<'_>, others: &[&Group<'_>]) -> Company {
    let mut company = Company::default();
    for other in others.iter().filter(|other| other.hash != word.hash) {
        let agreement = word.agreement(other);
        company.compared += f32::from(u8::from(agreement.is_some()));
        match agreement {
            Some(agreement) if agreement >= ALIKE => {
                company.alike += 1.0;
                company.alike_sum += agreement;
            }
            Some(agreement) if agreement <= APART => {
                company.apart += 1.0;
                company.apart_sum += agreement;
            }
            _ => {}
        }
    }
    company
}

impl Company {
    fn log_odds(&self) -> f32 {
        if self.outside || self.alike == 0.0 && self.apart > self.compared * APART_SHARE {
            return APART_WEIGHT * self.apart_sum / self.apart.max(1.0);
        }
        if self.alike == 0.0 {
            return 0.0;
        }
        if self.alike == 1.0 && self.apart > 1.0 {
            // Two lists of one service beside other resources.
            return 0.0;
        }
        // Two that agree may be two lists of one service; ten that agree are not.
        let proven = self.alike / (self.alike + 2.0);
        ALIKE_WEIGHT * self.alike_sum / self.alike * proven
    }
}

//! Vectors of numbers, as embeddings are: the same numbers in another order with other signs.
//!
//! Such a stand-in has the length, the element type and the norm of the vector, and says of it
//! no more than how its numbers are spread.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Number, Value};

use crate::domain::random::seed::mix;

/// Numbers from which an array is a vector.
const NUMBERS_MIN: usize = 32;

/// Bytes of one number in base64: IEEE 754 single precision, the lowest byte first.
const FLOAT_BYTES: usize = 4;

/// Largest number that is taken for one of a vector; texts read as numbers are mostly larger.
const NUMBER_MAX: f32 = 1e4;

/// The stand-in of an array, where it is a vector with fractions.
#[must_use]
pub fn of_numbers(items: &[Value], key: u64) -> Option<Vec<Value>> {
    let has_fractions = items.iter().any(Value::is_f64);
    if items.len() < NUMBERS_MIN || !has_fractions {
        return None;
    }
    let numbers: Option<Vec<f64>> = items.iter().map(Value::as_f64).collect();
    let shuffled = shuffled(numbers?, key);
    shuffled.into_iter().map(|number| Number::from_f64(number).map(Value::Number)).collect()
}

/// The stand-in of a text that holds a vector in base64.
#[must_use]
pub fn of_text(text: &str, key: u64) -> Option<String> {
    if text.len() < NUMBERS_MIN * FLOAT_BYTES || text.contains(' ') {
        return None;
    }
    let bytes = STANDARD.decode(text).ok()?;
    if !bytes.len().is_multiple_of(FLOAT_BYTES) {
        return None;
    }
    let float = |bytes: &[u8]| Some(f32::from_le_bytes(bytes.try_into().ok()?));
    let floats: Option<Vec<f32>> = bytes.chunks_exact(FLOAT_BYTES).map(float).collect();
    let floats = floats?;
    let is_plain =
        |number: &f32| *number == 0.0 || (number.is_normal() && number.abs() <= NUMBER_MAX);
    if !floats.iter().all(is_plain) {
        return None;
    }
    let bytes: Vec<u8> = shuffled(floats, key).into_iter().flat_map(f32::to_le_bytes).collect();
    Some(STANDARD.encode(bytes))
}

/// Another order (Fisher and Yates) and other signs.
fn shuffled<N: Copy + std::ops::Neg<Output = N>>(mut numbers: Vec<N>, key: u64) -> Vec<N> {
    let mut state = mix(key, numbers.len() as u64);
    for at in (1..numbers.len()).rev() {
        state = mix(state, 1);
        numbers.swap(at, (state >> 1) as usize % (at + 1));
        if state & 1 == 1 {
            numbers[at] = -numbers[at];
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::{of_numbers, of_text};

    #[test]
    fn a_vector_keeps_its_length_and_its_norm() {
        let vector: Vec<f32> = (0..64).map(|n| (n as f32 - 31.5) / 148.0).collect();
        let items: Vec<_> = vector.iter().map(|number| json!(number)).collect();
        let other = of_numbers(&items, 7).expect("it is a vector");
        let norm = |items: &[serde_json::Value]| {
            items.iter().filter_map(serde_json::Value::as_f64).map(|n| n * n).sum::<f64>()
        };
        assert!(other != items && (norm(&other) - norm(&items)).abs() < 1e-6);
        let text =
            STANDARD.encode(vector.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>());
        let other = of_text(&text, 7).expect("it is a vector");
        assert!(other != text && other.len() == text.len());
        assert_eq!(of_text(&"dGhpcyBpcyBhIHRleHQu".repeat(20), 7), None);
    }
}

//! The skeleton of one object: which members it had, of which type, and which of the few values.
//!
//! Rows keep what belongs together together: a failed order has an `error` and no `paid_at`. One
//! row is a short string, a cell per member in the order the shape knows them:
//!
//! ```text
//! .        absent            #x sx    number, string: entry x of the vocabulary (~ none)
//! n t f    null, true, false  ax       array of x items     ox   object with members of class x
//! ```

/// The digits of an index, in order: printable, and unescaped in JSON.
const DIGITS: &[u8; 88] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!$%&()*+,-/:;<=>?@[]^_`{|}";

/// The digit for "none of the first 88".
const BEYOND: u8 = b'~';

/// Classes of objects by the members they have.
pub const CLASSES: u64 = DIGITS.len() as u64;

/// What one member of one object was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldState {
    /// Not a member of this object.
    #[default]
    Absent,
    /// There, as null.
    Null,
    /// There, as this truth value.
    Bool(bool),
    /// Entry of the vocabulary of numbers, if any.
    Number(Option<u8>),
    /// Entry of the vocabulary of strings, if any.
    Text(Option<u8>),
    /// Items, if few.
    Array(Option<u8>),
    /// Class of the members it has.
    Object(Option<u8>),
}

impl FieldState {
    /// An index as a cell holds it.
    pub fn index(at: Option<usize>) -> Option<u8> {
        at.filter(|at| *at < DIGITS.len()).map(|at| at as u8)
    }
}

/// Writes the cells of one object; absent ones at the end are left out.
pub fn encode(cells: &[FieldState], out: &mut String) {
    let used = cells.iter().rposition(|cell| *cell != FieldState::Absent).map_or(0, |at| at + 1);
    for cell in cells.iter().take(used) {
        let (kind, index) = match *cell {
            FieldState::Absent => ('.', None),
            FieldState::Null => ('n', None),
            FieldState::Bool(true) => ('t', None),
            FieldState::Bool(false) => ('f', None),
            FieldState::Number(index) => ('#', Some(index)),
            FieldState::Text(index) => ('s', Some(index)),
            FieldState::Array(index) => ('a', Some(index)),
            FieldState::Object(index) => ('o', Some(index)),
        };
        out.push(kind);
        if let Some(index) = index {
            let digit = index.and_then(|at| DIGITS.get(usize::from(at)));
            out.push(char::from(*digit.unwrap_or(&BEYOND)));
        }
    }
}

/// Reads the cells of a row; unknown ones read as absent.
pub fn decode(row: &str) -> Vec<FieldState> {
    let mut bytes = row.bytes();
    let mut cells = Vec::new();
    while let Some(kind) = bytes.next() {
        let mut index = || {
            let digit = bytes.next()?;
            DIGITS.iter().position(|d| *d == digit).map(|at| at as u8)
        };
        cells.push(match kind {
            b'n' => FieldState::Null,
            b't' => FieldState::Bool(true),
            b'f' => FieldState::Bool(false),
            b'#' => FieldState::Number(index()),
            b's' => FieldState::Text(index()),
            b'a' => FieldState::Array(index()),
            b'o' => FieldState::Object(index()),
            _ => FieldState::Absent,
        });
    }
    cells
}

/// The class of an object: which members are there, folded.
pub fn presence_class(cells: &[FieldState]) -> u8 {
    let mut class = 0u64;
    for (at, cell) in cells.iter().enumerate() {
        if *cell != FieldState::Absent {
            class = class.wrapping_add(crate::domain::random::hash::mix(at as u64));
        }
    }
    (class % CLASSES) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back() {
        let cells = [
            FieldState::Absent,
            FieldState::Null,
            FieldState::Bool(true),
            FieldState::Number(Some(87)),
            FieldState::Text(None),
            FieldState::Array(Some(0)),
            FieldState::Object(Some(9)),
        ];
        let mut row = String::new();
        encode(&cells, &mut row);
        assert_eq!(decode(&row), cells);
        assert!(serde_json::to_string(&row).unwrap().len() == row.len() + 2);
    }
}

//! Numbers that name an account or a person, told by their check digits or their grouping.

use super::tokens::tokens;

/// 13 to 19 digits (ISO/IEC 7812) of a payment network, grouped or not, that pass Luhn's check.
pub(super) fn has_card(value: &[u8]) -> bool {
    let mut rest = value;
    while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
        rest = &rest[start..];
        let mut number = [0_u8; 20];
        let mut length = 0;
        let mut end = 0;
        for (at, &byte) in rest.iter().enumerate() {
            let grouped = matches!(byte, b' ' | b'-') && rest[at - 1].is_ascii_digit();
            if byte.is_ascii_digit() {
                if let Some(digit) = number.get_mut(length) {
                    *digit = byte - b'0';
                }
                length += 1;
            } else if !grouped {
                break;
            }
            end = at + 1;
        }
        let issued = matches!(number[0], 2..=6);
        if (13..=19).contains(&length) && issued && passes_luhn(&number[..length]) {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

fn passes_luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &digit)| match (at % 2 == 1, u32::from(digit)) {
            (false, digit) => digit,
            (true, digit) if digit > 4 => digit * 2 - 9,
            (true, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Characters of a bank account number at most (ISO 13616), and at least.
const IBAN_CHARS: std::ops::RangeInclusive<usize> = 15..=34;

/// A bank account number alone or in a sentence, in one piece or in groups.
pub(super) fn has_iban(value: &[u8]) -> bool {
    let groups = || tokens(value, |b| b.is_ascii_alphanumeric());
    groups().enumerate().any(|(at, first)| {
        let is_head = first.len() >= 4
            && first[..2].iter().all(u8::is_ascii_alphabetic)
            && first[2..4].iter().all(u8::is_ascii_digit);
        is_head && begins_iban(groups().skip(at))
    })
}

/// Whether some of the groups, joined from the first on, are a bank account number.
fn begins_iban<'a>(groups: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut compact = [0_u8; 34];
    let mut length = 0;
    for group in groups {
        let Some(room) = compact.get_mut(length..length + group.len()) else { return false };
        room.copy_from_slice(group);
        room.make_ascii_uppercase();
        length += group.len();
        if IBAN_CHARS.contains(&length) && is_iban(&compact[..length]) {
            return true;
        }
    }
    false
}

/// ISO 13616: country, check digits, up to 30 characters; the number read with its head at the
/// end is 1 modulo 97.
fn is_iban(compact: &[u8]) -> bool {
    let remainder = compact[4..].iter().chain(&compact[..4]).fold(0_u32, |sum, &byte| {
        if byte.is_ascii_digit() {
            (sum * 10 + u32::from(byte - b'0')) % 97
        } else {
            (sum * 100 + u32::from(byte - b'A') + 10) % 97
        }
    });
    remainder == 1
}

pub(super) fn has_ssn(value: &[u8]) -> bool {
    tokens(value, |b| b.is_ascii_digit() || b == b'-').any(|token| {
        token.len() == 11
            && token.iter().enumerate().all(|(at, byte)| match at {
                3 | 6 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    })
}

//! Numbers out of files, which may be cut or broken anywhere.

/// `N` bytes at a place.
pub fn bytes<const N: usize>(from: &[u8], at: usize) -> Option<[u8; N]> {
    from.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes, the low one first.
pub fn le16(from: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(bytes(from, at)?)))
}

/// Four bytes, the low one first.
pub fn le32(from: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(bytes(from, at)?)).ok()
}

/// Two bytes, the high one first.
pub fn be16(from: &[u8], at: usize) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes(bytes(from, at)?)))
}

/// Four bytes, the high one first.
pub fn be32(from: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(bytes(from, at)?)).ok()
}

/// A length as four bytes; what a stand-in has is far below their bound.
pub fn u32_of(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The first place of a sign.
pub fn find(from: &[u8], sign: &[u8]) -> Option<usize> {
    memchr::memmem::find(from, sign)
}

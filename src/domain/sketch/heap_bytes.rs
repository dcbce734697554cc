//! Bytes that a model holds on the heap, counted the way an allocator does.
//!
//! Budgets of memory are kept by these figures. They are estimates: an allocation is rounded up to
//! 16 bytes with a word of header, as glibc does; what the allocator wastes between allocations is
//! not in them. [`heap_bytes!`] takes a type apart by name, so that a new field is either counted
//! or does not compile.

use std::collections::{BTreeMap, VecDeque};

/// Something that knows how many bytes it holds beyond its own size.
pub trait HeapBytes {
    /// Bytes on the heap, the value's own size not included.
    fn heap_bytes(&self) -> usize;
}

/// What an allocation of `bytes` takes.
#[must_use]
pub const fn allocated(bytes: usize) -> usize {
    const HEADER: usize = 8;
    const STEP: usize = 16;
    const LEAST: usize = 32;
    if bytes == 0 {
        return 0;
    }
    let whole = (bytes + HEADER).next_multiple_of(STEP);
    if whole < LEAST { LEAST } else { whole }
}

/// Counts the heap of a struct by its fields: `heap_bytes!(Point { x, y })`.
macro_rules! heap_bytes {
    ($type:ident $(<$generic:ident>)? { $($field:ident),+ $(,)? }) => {
        impl $(<$generic: $crate::domain::sketch::heap_bytes::HeapBytes>)?
            $crate::domain::sketch::heap_bytes::HeapBytes for $type $(<$generic>)?
        {
            fn heap_bytes(&self) -> usize {
                let Self { $($field),+ } = self;
                0 $(+ $crate::domain::sketch::heap_bytes::HeapBytes::heap_bytes($field))+
            }
        }
    };
}

/// Types without a heap.
macro_rules! no_heap {
    ($($type:ty),+ $(,)?) => {
        $(impl $crate::domain::sketch::heap_bytes::HeapBytes for $type {
            fn heap_bytes(&self) -> usize {
                0
            }
        })+
    };
}

pub(crate) use {heap_bytes, no_heap};

no_heap!((), bool, u8, u16, u32, u64, usize, i32, i64, f32, f64, [u32; 3], [u64; 3]);

impl HeapBytes for Box<str> {
    fn heap_bytes(&self) -> usize {
        allocated(self.len())
    }
}

impl HeapBytes for String {
    fn heap_bytes(&self) -> usize {
        allocated(self.capacity())
    }
}

impl<T: HeapBytes> HeapBytes for Box<T> {
    fn heap_bytes(&self) -> usize {
        allocated(size_of::<T>()) + (**self).heap_bytes()
    }
}

impl<T: HeapBytes> HeapBytes for Box<[T]> {
    fn heap_bytes(&self) -> usize {
        allocated(size_of_val(&**self)) + inner(self.iter())
    }
}

impl<T: HeapBytes> HeapBytes for Option<T> {
    fn heap_bytes(&self) -> usize {
        self.as_ref().map_or(0, HeapBytes::heap_bytes)
    }
}

impl<T: HeapBytes> HeapBytes for Vec<T> {
    fn heap_bytes(&self) -> usize {
        allocated(self.capacity() * size_of::<T>()) + inner(self.iter())
    }
}

impl<T: HeapBytes> HeapBytes for VecDeque<T> {
    fn heap_bytes(&self) -> usize {
        allocated(self.capacity() * size_of::<T>()) + inner(self.iter())
    }
}

impl<T: HeapBytes> HeapBytes for [T; 2] {
    fn heap_bytes(&self) -> usize {
        inner(self.iter())
    }
}

impl<A: HeapBytes, B: HeapBytes> HeapBytes for (A, B) {
    fn heap_bytes(&self) -> usize {
        self.0.heap_bytes() + self.1.heap_bytes()
    }
}

impl<K: HeapBytes, V: HeapBytes> HeapBytes for BTreeMap<K, V> {
    fn heap_bytes(&self) -> usize {
        /// Entries that a node has room for, whether they are there or not.
        const NODE: usize = 11;
        let node = allocated(NODE * (size_of::<K>() + size_of::<V>()) + 16);
        let nodes = self.len().div_ceil(NODE);
        nodes * node
            + self.iter().map(|(key, value)| key.heap_bytes() + value.heap_bytes()).sum::<usize>()
    }
}

fn inner<'a, T: HeapBytes + 'a>(values: impl Iterator<Item = &'a T>) -> usize {
    values.map(HeapBytes::heap_bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Pair<T> {
        name: String,
        rest: Vec<T>,
    }

    heap_bytes!(Pair<T> { name, rest });

    #[test]
    fn a_struct_holds_what_its_fields_hold() {
        let pair = Pair { name: String::with_capacity(100), rest: vec![Box::<str>::from("x"); 3] };
        // 108 and 56 rounded up to sixteen, and three allocations of the least size.
        assert_eq!(pair.heap_bytes(), 112 + 64 + 3 * 32);
        assert_eq!(Pair::<u8> { name: String::new(), rest: Vec::new() }.heap_bytes(), 0);
    }
}

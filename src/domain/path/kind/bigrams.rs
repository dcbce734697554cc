//! How much a run of letters reads like words: tells `zqukcw` from `search`.

/// Log-odds of the second letter after the first, words against random letters, in quarter bits
/// with an offset of [`OFFSET`]. Row: first letter, column: second. Counted over the words in the
/// sources of the Python standard library (6,270 words, each in five files or more), clamped to
/// four bits either way.
#[rustfmt::skip]
const BIGRAMS: [[u8; 26]; 26] = [
    *b"3ADA06>0@09G@F0@0GCI=:54:0", // a
    *b"F<@:F811E<4J84D50CC8E501?6", // b
    *b"F0=6F30E@0BB52J30@<G@00080", // c
    *b"C78>M850J60>39B50>B8@43080", // d
    *b"A6CG<=;1700A?G6>7IGC1;7@40", // e
    *b"D0:6EF60K00A58H30B>@B031=0", // f
    *b"B164L1?DE00@=CA50FB:B14016", // g
    *b"J106K000H00>98H40@;C=000<0", // h
    *b"?=C@@>?0002B@LE<0>DE0>080>", // i
    *b"F8>8H<88B>>888H>88>8I<A8<8", // j
    *b"B66<M8>2H68@2?<<2:G?=2>262", // k
    *b"F46>J340I02E34F904@?>800D0", // l
    *b"I?06K010F07;@4EH01@6@20020", // m
    *b"D1CFE<I6B2:83;@603EI<;1060", // n
    *b";<AA1:;0<1;BCJ>B0HB@C=@400", // o
    *b"H357H33>B05F33FB1H>B?031?0", // p
    *b"<88<8888888@<8888AC8P<8888", // q
    *b"G4>>L8:0F08<?<E90=DB<740=0", // r
    *b"?0A6I70BF08=87AB52DJC360;0", // s
    *b"E2<7J82CJ00<81B80FB?>040>0", // t
    *b"AB@;A;>0@00DCH:B0GEF000500", // u
    *b"H484O060H00088B40004406000", // v
    *b"H15>G85EH18<1DD51EB9518811", // w
    *b"A9D<F;3<G339=7=J37<I973><3", // x
    *b"=:@<A<>2D62BCD@J2>ED2:>6:>", // y
    *b"D666O:66G66:<6A66<6<6666:6", // z
];

const OFFSET: i32 = 48 + 16;

/// A running sum of bigram log-odds.
#[derive(Debug, Clone, Copy, Default)]
pub struct LetterBigrams {
    /// Quarter bits.
    sum: i32,
    /// Pairs of letters that touched.
    pub pairs: u16,
}

impl LetterBigrams {
    /// Adds the pair of two bytes when both are letters; case is ignored.
    pub fn add(&mut self, first: u8, second: u8) {
        if !(first.is_ascii_alphabetic() && second.is_ascii_alphabetic()) {
            return;
        }
        let row = usize::from((first | 0x20) - b'a');
        let column = usize::from((second | 0x20) - b'a');
        self.sum += i32::from(BIGRAMS[row][column]) - OFFSET;
        self.pairs = self.pairs.saturating_add(1);
    }

    /// Mean log-odds of a pair in hundredths of a bit: words lie around +100, random letters
    /// around -140. 0 where no two letters touch.
    pub fn naturalness(&self) -> i32 {
        if self.pairs == 0 { 0 } else { self.sum * 25 / i32::from(self.pairs) }
    }
}

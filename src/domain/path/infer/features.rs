//! The signs by which a word is told to be a literal or a value, and what each is worth.

/// What speaks for and against a word being a value, each as a number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Features {
    /// Logarithm of its exchanges.
    pub hits_ln: f32,
    /// Seen in one exchange only.
    pub once: f32,
    /// Share of its words that APIs name resources with.
    pub vocabulary: f32,
    /// Other positions where the same text is a literal, up to three, as a share of three.
    pub literal_elsewhere: f32,
    /// The same for positions where it is a value.
    pub value_elsewhere: f32,
    /// Share of the literals right below it that a sibling has below it too.
    pub shared_below: f32,
    /// How many of the siblings have those literals, on average.
    pub density_below: f32,
    /// Logarithm of the number of literals below it, each counted by the share of the siblings that
    /// have it too, plus one: a whole resource repeated below several words.
    pub overlap_ln: f32,
    /// Share of the literals two below that a sibling has too.
    pub shared_beyond: f32,
    /// As `overlap_ln`, for the literals two below: a resource repeated below several words and a
    /// parameter of each of them.
    pub overlap_beyond_ln: f32,
    /// How far it differs from its siblings in whether a path ends here.
    pub ends_oddly: f32,
    /// Nothing that could be a literal lies below it.
    pub plain_below: f32,
    /// A code of few letters.
    pub code: f32,
    /// Words with joints.
    pub compound: f32,
    /// Five words and more.
    pub phrase: f32,
    /// A file or dotted name of words.
    pub dotted: f32,
    /// Methods no sibling has.
    pub odd_methods: f32,
    /// Logarithm of the number of its word-like siblings, plus one.
    pub others_ln: f32,
    /// Share of them seen once.
    pub others_once: f32,
    /// Mean logarithm of their exchanges.
    pub others_hits_ln: f32,
    /// The largest of those.
    pub others_hits_ln_max: f32,
    /// Mean of their `vocabulary`, times `others_ln`: many words of the trade are resources.
    pub others_vocabulary: f32,
    /// Share of them that is a literal elsewhere.
    pub others_literal_elsewhere: f32,
    /// Share of them that is a value elsewhere.
    pub others_value_elsewhere: f32,
    /// Share of them where a path ends.
    pub others_end: f32,
    /// Share of them with `plain_below`.
    pub others_plain_below: f32,
    /// Share of them that are compounds or phrases.
    pub others_compound: f32,
    /// Share of them that are codes.
    pub others_code: f32,
    /// Logarithm of the number of siblings that are values by their look, plus one.
    pub values_ln: f32,
    /// Their share of the exchanges.
    pub values_hits: f32,
    /// A literal stands right before.
    pub adjacent: f32,
    /// That literal is a plural.
    pub plural: f32,
    /// The first segment.
    pub first: f32,
    /// Logarithm of the other positions after the same literal that hold a parameter, plus one.
    pub parameters_after_ln: f32,
    /// The same for those without one.
    pub literals_after_ln: f32,
    /// No word-like sibling.
    pub alone: f32,
    /// `once` times `values_ln`.
    pub once_beside_values: f32,
    /// Mean of their `overlap_ln`.
    pub others_overlap_ln: f32,
    /// Logarithm of all exchanges at this position.
    pub position_hits_ln: f32,
    /// `once` times `position_hits_ln`: to be seen once says little early on.
    pub once_late: f32,
    /// The same for `others_once`.
    pub others_once_late: f32,
    /// How much oftener it is seen than the values beside it, as a logarithm; at least 0.
    pub above_values: f32,
    /// Logarithm of the number of literals below it that no sibling has, plus one.
    pub unshared_ln: f32,
    /// How much its letters read like words, in bits a pair.
    pub naturalness: f32,
    /// Words joined by capitals.
    pub camel: f32,
    /// `others_once` times how much oftener it is seen than they are, as a logarithm; at least 0.
    pub stands_out: f32,
    /// `others_once` times `others_ln`: a crowd of words seen once.
    pub crowd_once: f32,
    /// `overlap_ln` times `others_overlap_ln`.
    pub overlap_both: f32,
    /// `vocabulary` times `others_once`.
    pub known_among_once: f32,
    /// `ends_oddly` times `others_ln`.
    pub odd_end_in_crowd: f32,
    /// `value_elsewhere` times `others_value_elsewhere`.
    pub values_everywhere: f32,
    /// `literal_elsewhere` times `others_literal_elsewhere`.
    pub literals_everywhere: f32,
    /// Its share of all exchanges at this position.
    pub hits_share: f32,
}

/// The log-odds of a value before anything is known.
const PRIOR: f32 = -1.49;

impl Features {
    /// Fills in the signs that are products of others: what neither of the two says alone.
    pub fn combine(&mut self) {
        self.once_beside_values = self.once * self.values_ln;
        self.once_late = self.once * self.position_hits_ln;
        self.others_once_late = self.others_once * self.position_hits_ln;
        self.stands_out = self.others_once * (self.hits_ln - self.others_hits_ln).max(0.0);
        self.crowd_once = self.others_once * self.others_ln;
        self.overlap_both = self.overlap_ln * self.others_overlap_ln;
        self.known_among_once = self.vocabulary * self.others_once;
        self.odd_end_in_crowd = self.ends_oddly * self.others_ln;
        self.values_everywhere = self.value_elsewhere * self.others_value_elsewhere;
        self.literals_everywhere = self.literal_elsewhere * self.others_literal_elsewhere;
    }

    /// The log-odds that a word with these signs is a value: a logistic regression fitted on the
    /// positions of 68 published APIs at three sizes of log, and cross-checked on providers it
    /// had not seen (`docs/FIDELITY.md`).
    pub fn log_odds(&self) -> f32 {
        PRIOR - 0.09 * self.hits_ln + 1.81 * self.once
            - 0.71 * self.vocabulary
            - 3.79 * self.literal_elsewhere
            + 4.78 * self.value_elsewhere
            + 1.00 * self.shared_below
            + 0.55 * self.density_below
            + 1.64 * self.overlap_ln
            + 0.72 * self.shared_beyond
            // Not fitted: what is repeated two below says as much as what is repeated right below.
            + 1.60 * self.overlap_beyond_ln
            - 2.66 * self.ends_oddly
            - 0.36 * self.plain_below
            + 1.37 * self.code
            + 0.46 * self.compound
            + 2.06 * self.phrase
            + 1.41 * self.dotted
            - 0.56 * self.odd_methods
            + 0.94 * self.others_ln
            + 2.35 * self.others_once
            - 0.18 * self.others_hits_ln
            + 0.10 * self.others_hits_ln_max
            - 1.57 * self.others_vocabulary
            - 2.51 * self.others_literal_elsewhere
            + 3.34 * self.others_value_elsewhere
            - 0.77 * self.others_end
            + 1.38 * self.others_plain_below
            - 0.42 * self.others_compound
            + 0.26 * self.others_code
            + 0.28 * self.values_ln
            + 1.53 * self.values_hits
            + 0.52 * self.adjacent
            + 0.66 * self.plural
            - 1.27 * self.first
            + 0.52 * self.parameters_after_ln
            - 1.48 * self.literals_after_ln
            - 1.01 * self.alone
            + 0.22 * self.once_beside_values
            + 1.62 * self.others_overlap_ln
            - 0.28 * self.position_hits_ln
            - 0.31 * self.once_late
            - 0.16 * self.others_once_late
            - 0.46 * self.above_values
            - 0.21 * self.unshared_ln
            - 0.37 * self.naturalness
            - 0.63 * self.camel
            - 1.21 * self.hits_share
            - 0.48 * self.stands_out
            + 0.68 * self.crowd_once
            - 0.77 * self.overlap_both
            - 1.31 * self.known_among_once
            + 0.27 * self.odd_end_in_crowd
            + 2.16 * self.values_everywhere
            + 1.84 * self.literals_everywhere
    }
}

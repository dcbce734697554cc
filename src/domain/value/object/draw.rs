//! Objects drawn row by row: which members one has, and the how-manyeth each of them is.

use crate::domain::random::choice::{Choice, Drawn};
use crate::domain::random::entity_seed::EntitySeed;
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::object::pool_node::PoolNode;
use crate::domain::value::object::presence;
use crate::domain::value::object::presence::FieldState;
use crate::domain::value::object::raking;
use crate::domain::value::program::{MemberSlot, Output};
use crate::domain::value::relation::laws::plan::LawPlan;

/// An object with known members.
#[derive(Debug, Clone)]
pub struct ObjectNode {
    /// In the order in which they are written.
    pub members: Box<[MemberSlot]>,
    /// By class, then by cells; `choice` runs over them.
    pub rows: Box<[PresenceRow]>,
    /// What the scalars of a record must have to do with each other.
    pub laws: Option<Box<LawPlan>>,
    /// Whole records to draw from, where they are known.
    pub pool: Option<Box<PoolNode>>,
    /// Over all rows.
    choice: Choice,
    /// Rows of one class: class, first row, choice among them. Sorted by class, as the rows are.
    classes: Box<[(u8, u32, Choice)]>,
}

/// The members one object has.
#[derive(Debug, Clone)]
pub struct PresenceRow {
    /// Members that are there, by ascending index.
    pub cells: Box<[DrawnField]>,
}

/// One member of a row.
#[derive(Debug, Clone, Copy)]
pub struct DrawnField {
    /// Index among [`ObjectNode::members`].
    pub member: u32,
    /// What is written of it.
    pub emit: Output,
    /// Occurrences of the same in the rows before this one, and in all rows.
    before: u32,
    total: u32,
}

/// One object while it is written.
pub struct DrawnObject<'a> {
    /// What is written.
    pub object: &'a ObjectNode,
    /// The members that this one has.
    pub row: &'a PresenceRow,
    drawn: Drawn,
    seed: EntitySeed,
}

/// Salt of the draw of a row.
const ROW: u64 = 0x20;

impl ObjectNode {
    /// `emit`: what a cell of the member at this index stands for.
    pub fn new(
        object: &ObjectModel,
        members: Box<[MemberSlot]>,
        emit: impl Fn(usize, FieldState) -> Output,
    ) -> Self {
        let mut rows: Vec<(u8, &str, PresenceRow, f64)> = Vec::new();
        for (row, cells, weight) in raking::weighted_rows(object) {
            rows.push((
                presence::presence_class(&cells),
                row,
                PresenceRow::new(&cells, &emit),
                weight,
            ));
        }
        // The order of learning must not show.
        rows.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let weights: Vec<f64> = rows.iter().map(|row| row.3).collect();
        let choice = Choice::of(&weights, object.seen as f64);
        let mut classes: Vec<(u8, u32, Choice)> = Vec::new();
        let mut first = 0;
        for class in rows.chunk_by(|a, b| a.0 == b.0) {
            let widths = (first..first + class.len()).map(|at| f64::from(choice.width(at)));
            let among = Choice::new(widths);
            classes.extend(class.iter().take(1).map(|row| (row.0, first as u32, among.clone())));
            first += class.len();
        }
        let mut rows: Box<[PresenceRow]> = rows.into_iter().map(|row| row.2).collect();
        count_occurrences(&mut rows, &choice);
        Self { members, rows, laws: None, pool: None, choice, classes: classes.into() }
    }

    /// Do some rows do without this member?
    pub(in crate::domain::value) fn is_sparse(&self, member: u32) -> bool {
        let lacks =
            |row: &PresenceRow| row.cells.binary_search_by_key(&member, |c| c.member).is_err();
        self.rows.iter().any(lacks)
    }

    /// The object that this seed draws, of a class where that is given.
    pub(in crate::domain::value) fn instance(
        &self,
        key: u64,
        class: Option<u32>,
        seed: EntitySeed,
    ) -> Option<DrawnObject<'_>> {
        let class = class.and_then(|class| {
            let at = self.classes.binary_search_by_key(&class, |c| u32::from(c.0)).ok()?;
            self.classes.get(at)
        });
        let (first, choice) = class.map_or((0, &self.choice), |class| (class.1, &class.2));
        let drawn = choice.draw(seed.at(key ^ ROW));
        let row = self.rows.get(first as usize + drawn.at)?;
        Some(DrawnObject { object: self, row, drawn, seed })
    }
}

impl PresenceRow {
    fn new(cells: &[FieldState], emit: impl Fn(usize, FieldState) -> Output) -> Self {
        let cells = cells.iter().enumerate().map(|(at, cell)| {
            let member = u32::try_from(at).unwrap_or(u32::MAX);
            DrawnField { member, emit: emit(at, *cell), before: 0, total: 0 }
        });
        Self { cells: cells.filter(|cell| cell.emit != Output::Absent).collect() }
    }
}

impl DrawnField {
    /// Cells of one group are counted on from each other: the objects of one class, the items of
    /// all arrays, the free texts.
    fn group(&self) -> (u32, Output) {
        let emit = match self.emit {
            Output::Array(id, _) => Output::Array(id, 0),
            emit => emit,
        };
        (self.member, emit)
    }

    fn each(&self) -> u32 {
        match self.emit {
            Output::Array(_, length) => length,
            _ => 1,
        }
    }
}

/// Notes in each cell how many of its group come before it, and how many there are.
fn count_occurrences(rows: &mut [PresenceRow], choice: &Choice) {
    let mut counts: rustc_hash::FxHashMap<(u32, Output), u32> = rustc_hash::FxHashMap::default();
    for (at, row) in rows.iter_mut().enumerate() {
        for cell in &mut row.cells {
            let count = counts.entry(cell.group()).or_default();
            cell.before = *count;
            *count = count.wrapping_add(choice.width(at).wrapping_mul(cell.each()));
        }
    }
    for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
        cell.total = counts.get(&cell.group()).copied().unwrap_or(0);
    }
}

impl DrawnObject<'_> {
    pub(in crate::domain::value) fn cell(&self, member: u32) -> Option<&DrawnField> {
        let cells = &self.row.cells;
        cells.get(cells.binary_search_by_key(&member, |cell| cell.member).ok()?)
    }

    /// The seed of the object itself.
    pub(in crate::domain::value) fn seed(&self) -> EntitySeed {
        self.seed
    }

    /// The seed of a member; of its items where the row says how many an array has.
    pub(in crate::domain::value) fn part(&self, cell: &DrawnField) -> EntitySeed {
        self.seed.nth(self.drawn.part(cell.before, cell.total, cell.each()))
    }
}

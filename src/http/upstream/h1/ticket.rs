//! Tickets: the numbers by which a request finds its exchange on the other side of awc.

use std::cell::RefCell;
use std::rc::Rc;

use super::exchange::Exchange;

/// The exchanges of one worker by ticket number.
///
/// Numbers are used again, as descriptors are, and so are the requests that carry them: awc writes
/// a request's head only while it is polled for that request, hence never with a number given back.
#[derive(Default)]
pub struct TicketTable(RefCell<Slots>);

#[derive(Default)]
struct Slots {
    /// As many as there ever were requests at the same time, which concurrency bounds.
    open: Vec<Option<Rc<Exchange>>>,
    free: Vec<usize>,
}

/// A registered exchange; dropping it takes the number back.
pub struct Ticket<'a> {
    number: usize,
    table: &'a TicketTable,
}

impl TicketTable {
    pub fn register(&self, exchange: Rc<Exchange>) -> Ticket<'_> {
        let mut slots = self.0.borrow_mut();
        let number = slots.free.pop().unwrap_or_else(|| {
            slots.open.push(None);
            slots.open.len() - 1
        });
        if let Some(slot) = slots.open.get_mut(number) {
            *slot = Some(exchange);
        }
        Ticket { number, table: self }
    }

    /// Hands out the exchange of a number, once.
    pub fn redeem(&self, number: usize) -> Option<Rc<Exchange>> {
        self.0.borrow_mut().open.get_mut(number)?.take()
    }
}

impl Ticket<'_> {
    pub fn number(&self) -> usize {
        self.number
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let slots = &mut *self.table.0.borrow_mut();
        if let Some(slot) = slots.open.get_mut(self.number) {
            *slot = None;
        }
        slots.free.push(self.number);
    }
}

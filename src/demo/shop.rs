//! The state of the sample backend: four tables and a pace, drawn from one seed.

use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use rand::{SeedableRng, rngs::SmallRng};

use super::{
    articles::{self, Article},
    orders::{self, ShopOrder},
    pace::DemoPace,
    products::{self, Product},
    table::Table,
    users::{self, User},
};

/// Rows clients may add per table: enough for any demo or test, a few hundred KiB at most.
const ADDED_ROWS_MAX: usize = 500;

/// Everything the handlers share. No handler holds two tables at once.
pub(super) struct Shop {
    pub(super) users: Mutex<Table<u64, User>>,
    pub(super) products: Mutex<Table<String, Product>>,
    pub(super) orders: Mutex<Table<u64, ShopOrder>>,
    pub(super) articles: Mutex<Table<String, Article>>,
    pub(super) pace: DemoPace,
    pub(super) seed: u64,
    /// A member of all answers that has another name: (old, new).
    pub(super) renamed: Option<(String, String)>,
    next_user: AtomicU64,
    next_order: AtomicU64,
}

impl Shop {
    pub(super) fn open(seed: u64, latency_scale: f64) -> Self {
        let random = &mut SmallRng::seed_from_u64(seed);
        let users = users::seeded(random);
        let products = products::seeded(random);
        let orders = orders::seeded(random, &users, &products);
        let articles = articles::seeded(random, &users);
        let after = |last: Option<u64>| AtomicU64::new(last.unwrap_or(0) + 1);
        Self {
            next_user: after(users.last().map(|user| user.id)),
            next_order: after(orders.last().map(|order| order.id)),
            users: table(users, |user| user.id),
            products: table(products, |product| product.id.clone()),
            orders: table(orders, |order| order.id),
            articles: table(articles, |article| article.slug.clone()),
            pace: DemoPace::new(seed, latency_scale),
            seed,
            renamed: None,
        }
    }

    pub(super) fn next_user_id(&self) -> u64 {
        self.next_user.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn next_order_id(&self) -> u64 {
        self.next_order.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn request_id(&self) -> String {
        format!("req_{:016x}", self.pace.number())
    }

    /// Drops the orders of a user who is gone: an order's `user_id` always names a user.
    pub(super) fn drop_orders_of(&self, user_id: u64) {
        self.orders.lock().retain(|order| order.user_id != user_id);
    }
}

fn table<K: Ord + Clone, V: Clone>(rows: Vec<V>, key: impl Fn(&V) -> K) -> Mutex<Table<K, V>> {
    Mutex::new(Table::seeded(rows.into_iter().map(|row| (key(&row), row)), ADDED_ROWS_MAX))
}

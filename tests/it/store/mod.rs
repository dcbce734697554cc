//! The store on real databases: one suite on SQLite and PostgreSQL, and what each refuses,
//! survives and never loses.

mod child;
mod crash;
mod database;
mod postgres;
mod records;
mod reference;
mod sqlite;
mod start;
mod suite;
mod tls;

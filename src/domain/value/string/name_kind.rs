//! What the strings of a member are called: the name of a person, of a city, of a country.
//!
//! The member's name tells what it holds; that a `name` is a person's is told by an e-mail address
//! or the like beside it.

use crate::domain::formats::{self, Sensitivity};
use crate::domain::value::object::model::ObjectModel;
use crate::domain::value::string::model::StringModel;
use crate::domain::words::names::NameKind;
use crate::domain::words::split::is_called;

/// Fields by name, in lower case and without separators.
const FIELDS: &[(&str, NameKind)] = &[
    ("firstname", NameKind::Given),
    ("givenname", NameKind::Given),
    ("lastname", NameKind::Family),
    ("familyname", NameKind::Family),
    ("surname", NameKind::Family),
    ("fullname", NameKind::Person),
    ("authorname", NameKind::Person),
    ("contactname", NameKind::Person),
    ("customername", NameKind::Person),
    ("ownername", NameKind::Person),
    ("city", NameKind::City),
    ("town", NameKind::City),
    ("country", NameKind::Country),
    ("countryname", NameKind::Country),
];

/// Names of a person, where an e-mail address stands beside them.
const BESIDE_ADDRESS: &[&str] = &["name", "displayname", "author", "realname"];

/// What a member of an object is called, if it is called something known.
pub fn called(object: &ObjectModel, name: &str) -> Option<NameKind> {
    let is = |known: &str| is_called(name, &[known]);
    let field = FIELDS.iter().find(|(known, _)| is(known)).map(|(_, called)| *called);
    field.or_else(|| {
        let is_personal = |text: &StringModel| {
            let row = formats::row(text.format());
            row.is_some_and(|row| row.sensitivity == Sensitivity::Personal)
        };
        let mut texts = object.members.iter().filter_map(|member| member.shape.text.as_ref());
        let is_person = texts.any(|text| is_personal(text));
        (is_person && is_called(name, BESIDE_ADDRESS)).then_some(NameKind::Person)
    })
}

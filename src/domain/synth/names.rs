//! Names for fields that are called so, by length: a made-up name is as long as those seen.
//!
//! Only words that stand alone and begin with a capital are replaced, where a filler word would
//! give the mock away. The field's name tells what it holds; that a `name` is a person's is told
//! by an e-mail address beside it.

use crate::domain::format::Format;
use crate::domain::schema::object::ObjectShape;
use crate::domain::synth::items;

/// What a field is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    Constraint,
    Family,
    /// Given name, then family name.
    Person,
    City,
    Country,
}

/// Fields by name, in lower case and without separators.
const FIELDS: &[(&str, NameKind)] = &[
    ("firstname", NameKind::Constraint),
    ("givenname", NameKind::Constraint),
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
const BESIDE_EMAIL: &[&str] = &["name", "displayname", "author", "realname"];

/// What a member of an object is called, if it is called something known.
pub fn called(object: &ObjectShape, name: &str) -> Option<NameKind> {
    let is = |known: &str| items::is_called(name, &[known]);
    let field = FIELDS.iter().find(|(known, _)| is(known)).map(|(_, called)| *called);
    field.or_else(|| {
        let is_email = |format: Format| format == Format::Email;
        let has_email = object
            .members
            .iter()
            .any(|member| member.shape.text.as_ref().is_some_and(|text| is_email(text.format())));
        (has_email && items::is_called(name, BESIDE_EMAIL)).then_some(NameKind::Person)
    })
}

/// Names of so many letters; empty where there is none.
pub fn of_length(called: NameKind, letters: usize) -> &'static [&'static str] {
    let lists = match called {
        NameKind::Constraint | NameKind::Person => GIVEN,
        NameKind::Family => FAMILY,
        NameKind::City => CITIES,
        NameKind::Country => COUNTRIES,
    };
    lists.iter().find(|list| list.first().is_some_and(|n| n.len() == letters)).map_or(&[], |l| *l)
}

const GIVEN: &[&[&str]] = &[
    &["Ana", "Ben", "Eva", "Ida", "Ian", "Leo", "Max", "Mia", "Noa", "Tom", "Zoe"],
    &["Anna", "Carl", "Emma", "Finn", "Hugo", "Ivan", "Jana", "Luca", "Mara", "Nils", "Omar"],
    &["Alice", "Amira", "Bruno", "Clara", "David", "Elena", "Felix", "Grace", "Jonas", "Laura"],
    &["Amelie", "Daniel", "Esther", "Hannah", "Isabel", "Jasper", "Martin", "Nadine", "Oliver"],
    &["Antonia", "Barbara", "Charles", "Fabiola", "Gabriel", "Leonard", "Matilda", "Rebecca"],
    &["Benjamin", "Caroline", "Isabella", "Jonathan", "Margaret", "Patricia", "Veronica"],
    &["Alejandra", "Alexander", "Catherine", "Elizabeth", "Gabrielle", "Sebastian"],
];

const FAMILY: &[&[&str]] = &[
    &["Fox", "Kim", "Lee", "Orr", "Ray", "Roy"],
    &["Bell", "Berg", "Cole", "Diaz", "Ford", "Hahn", "Lind", "Moss", "Rios", "Shaw", "Webb"],
    &["Adams", "Bauer", "Costa", "Evans", "Hayes", "Klein", "Lopez", "Meyer", "Novak", "Silva"],
    &["Barnes", "Castro", "Dubois", "Fisher", "Garcia", "Keller", "Martin", "Nguyen", "Wagner"],
    &["Andrews", "Bennett", "Fischer", "Hoffman", "Johnson", "Moretti", "Ramirez", "Schmidt"],
    &["Anderson", "Bergmann", "Campbell", "Ferreira", "Hamilton", "Martinez", "Sandoval"],
    &["Fernandez", "Henderson", "Hernandez", "Rodriguez", "Steinberg"],
];

const CITIES: &[&[&str]] = &[
    &["Bern", "Bonn", "Cork", "Kyiv", "Lima", "Lyon", "Oslo", "Riga", "Rome", "York"],
    &["Basel", "Cairo", "Delhi", "Milan", "Paris", "Porto", "Quito", "Seoul", "Tokyo", "Turin"],
    &["Athens", "Berlin", "Bogota", "Boston", "Dublin", "Geneva", "Lisbon", "Madrid", "Vienna"],
    &["Bristol", "Chicago", "Hamburg", "Leipzig", "Nairobi", "Seattle", "Seville", "Toronto"],
    &["Adelaide", "Brussels", "Budapest", "Helsinki", "Montreal", "Santiago", "Valencia"],
    &["Amsterdam", "Barcelona", "Edinburgh", "Melbourne", "Reykjavik", "Stuttgart", "Vancouver"],
    &["Bratislava", "Casablanca", "Copenhagen", "Gothenburg", "Manchester", "Montevideo"],
];

const COUNTRIES: &[&[&str]] = &[
    &["Cuba", "Fiji", "Iran", "Oman", "Peru"],
    &["Chile", "Ghana", "India", "Italy", "Japan", "Kenya", "Malta", "Nepal", "Qatar", "Spain"],
    &["Brazil", "Canada", "Cyprus", "France", "Greece", "Latvia", "Mexico", "Norway", "Sweden"],
    &["Albania", "Austria", "Belgium", "Croatia", "Denmark", "Estonia", "Finland", "Germany"],
    &["Bulgaria", "Colombia", "Malaysia", "Portugal", "Slovakia", "Slovenia", "Thailand"],
    &["Argentina", "Australia", "Indonesia", "Lithuania", "Singapore", "Venezuela"],
    &["Bangladesh", "Luxembourg", "Madagascar", "Mozambique", "Tajikistan", "Uzbekistan"],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_long_as_asked_for() {
        for called in [NameKind::Constraint, NameKind::Family, NameKind::City, NameKind::Country] {
            for letters in 0..16 {
                let names = of_length(called, letters);
                assert!(names.iter().all(|name| name.len() == letters), "{called:?} {letters}");
                assert!((4..=10).contains(&letters) || names.len() != 1);
            }
            assert!(of_length(called, 5).len() >= 8, "{called:?}");
        }
    }
}

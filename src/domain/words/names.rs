//! Names of people and places by length: a made-up name is as long as those seen.

/// What a field is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// The name that a person has for themselves.
    Given,
    /// The name that a person shares with relatives.
    Family,
    /// Given name, then family name.
    Person,
    /// A settlement.
    City,
    /// A state, by its short English name.
    Country,
}

/// Names of so many letters; empty where there is none.
pub fn of_length(called: NameKind, letters: usize) -> &'static [&'static str] {
    let lists = match called {
        NameKind::Given | NameKind::Person => GIVEN,
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
        for called in [NameKind::Given, NameKind::Family, NameKind::City, NameKind::Country] {
            for letters in 0..16 {
                let names = of_length(called, letters);
                assert!(names.iter().all(|name| name.len() == letters), "{called:?} {letters}");
                assert!((4..=10).contains(&letters) || names.len() != 1);
            }
            assert!(of_length(called, 5).len() >= 8, "{called:?}");
        }
    }
}

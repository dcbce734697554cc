//! Two contracts, compared.

use std::collections::BTreeSet;

use super::chance::{CHANCE_MIN, chance};
use super::contract::{
    Contract, MemberContract, OperationContract, PROMISED, PlaceContract, StatusContract,
};
use super::drift_finding::{DriftFinding, Severity};

/// Findings of one comparison; there are never more worth reading.
const FINDINGS_MAX: usize = 1_000;

/// How much slower or faster the median must be to be worth a word, and after how many exchanges.
const LATENCY_FACTOR: f64 = 2.0;
const LATENCY_SEEN_MIN: u64 = 30;

/// What is different in `newer`, the worst first.
#[must_use]
pub fn compare(older: &Contract, newer: &Contract) -> Vec<DriftFinding> {
    let mut findings = Vec::new();
    let is_told = newer.is_complete || !older.is_complete;
    for (place, before) in &older.operations {
        let mut at = Comparing { endpoint: &before.label, is_told, findings: &mut findings };
        match newer.operations.get(place) {
            Some(now) => at.operation(before, now),
            None if newer.is_complete => {
                at.add(Severity::Breaking, "api-removed-without-deprecation", "", "removed");
            }
            None => at.add(Severity::Info, "endpoint-not-seen", "", "not seen"),
        }
    }
    for (place, now) in &newer.operations {
        if !older.operations.contains_key(place) {
            let mut at = Comparing { endpoint: &now.label, is_told, findings: &mut findings };
            at.add(Severity::Info, "endpoint-added", "", "added");
        }
    }
    findings.sort_by(|a, b| {
        (b.severity, &a.endpoint, &a.place).cmp(&(a.severity, &b.endpoint, &b.place))
    });
    findings.truncate(FINDINGS_MAX);
    findings
}

/// Which message a place belongs to: what breaks differs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Request,
    Response,
}

struct Comparing<'f> {
    endpoint: &'f str,
    /// What is absent on the newer side says something: not so where a document allows what
    /// traffic has not shown.
    is_told: bool,
    findings: &'f mut Vec<DriftFinding>,
}

/// Evidence on both sides about one place, in exchanges: items of one answer are not independent.
#[derive(Clone, Copy)]
struct Exchanges {
    before: u64,
    now: u64,
}

impl Comparing<'_> {
    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: &str,
        text: impl Into<String>,
    ) {
        self.findings.push(DriftFinding {
            severity,
            code,
            endpoint: self.endpoint.to_owned(),
            place: if place.is_empty() { "endpoint".to_owned() } else { place.to_owned() },
            text: text.into(),
        });
    }

    fn operation(&mut self, before: &OperationContract, now: &OperationContract) {
        self.statuses(before, now);
        for (status, earlier) in &before.statuses {
            let Some(later) = now.statuses.get(status) else { continue };
            if let (Some(a), Some(b)) = (&earlier.body, &later.body) {
                // Bodies that were looked at: not all are.
                let exchanges =
                    Exchanges { before: earlier.seen.min(a.seen), now: later.seen.min(b.seen) };
                self.place(a, b, exchanges, Side::Response, &format!("response {status} "));
            }
        }
        if let (Some(a), Some(b)) = (&before.request, &now.request) {
            let exchanges = Exchanges { before: a.seen, now: b.seen };
            self.place(a, b, exchanges, Side::Request, "request ");
        }
        let (Some((a, seen_a)), Some((b, seen_b))) = (before.latency, now.latency) else { return };
        if seen_a.min(seen_b) >= LATENCY_SEEN_MIN && a.min(b) > 0.0 {
            let text = format!("the median went from {a:.1} ms to {b:.1} ms");
            if b > a * LATENCY_FACTOR {
                self.add(Severity::Warning, "latency-grew", "latency", text);
            } else if a > b * LATENCY_FACTOR {
                self.add(Severity::Info, "latency-shrank", "latency", text);
            }
        }
    }

    fn statuses(&mut self, before: &OperationContract, now: &OperationContract) {
        let total = |all: &OperationContract| all.statuses.values().map(|s| s.seen).sum::<u64>();
        let (answers_before, answers_now) = (total(before), total(now));
        let codes: BTreeSet<u16> =
            before.statuses.keys().chain(now.statuses.keys()).copied().collect();
        for status in codes {
            let earlier = before.statuses.get(&status);
            let later = now.statuses.get(&status);
            let seen = |known: Option<&StatusContract>| known.map_or(0, |known| known.seen);
            let (a, b) = (seen(earlier), seen(later));
            let told = [a, b].contains(&PROMISED);
            if !told && chance(a, answers_before, b, answers_now) >= CHANCE_MIN {
                continue;
            }
            let success = (200..400).contains(&status);
            let place = format!("response {status}");
            match (a, b) {
                (_, 0) if !self.is_told => {}
                (_, 0) if success => {
                    let code = "response-success-status-removed";
                    self.add(Severity::Breaking, code, &place, "no longer answered");
                }
                (_, 0) => {
                    let code = "response-non-success-status-removed";
                    self.add(Severity::Info, code, &place, "no longer answered");
                }
                (0, _) if status >= 500 => {
                    let share = b as f64 / answers_now.max(1) as f64 * 100.0;
                    let text = format!("answered now, {share:.0} % of the time");
                    self.add(Severity::Warning, "response-error-status-added", &place, text);
                }
                (0, _) => {
                    let text = "answered for the first time";
                    self.add(Severity::Info, "response-status-added", &place, text);
                }
                _ if told => {}
                _ => {
                    let share = |part: u64, of: u64| part as f64 / of.max(1) as f64 * 100.0;
                    let (from, to) = (share(a, answers_before), share(b, answers_now));
                    let grew = to > from && status >= 400;
                    let severity = if grew { Severity::Warning } else { Severity::Info };
                    let text = format!("{from:.1} % of answers before, {to:.1} % now");
                    self.add(severity, "response-status-share-changed", &place, text);
                }
            }
        }
    }

    fn place(
        &mut self,
        before: &PlaceContract,
        now: &PlaceContract,
        exchanges: Exchanges,
        side: Side,
        path: &str,
    ) {
        self.kinds(before, now, exchanges, side, path);
        if let (Some(a), Some(b)) = (&before.items, &now.items) {
            self.place(a, b, exchanges, side, &format!("{path}/*"));
        }
        if let (Some(a), Some(b)) = (before.format, now.format)
            && a != b
        {
            let text = format!("format {a} became {b}");
            self.add(Severity::Warning, "response-property-format-changed", path, text);
        }
        if before.is_open || now.is_open || before.objects == 0 || now.objects == 0 {
            return;
        }
        self.members(before, now, exchanges, side, path);
        for (name, earlier) in &before.members {
            if let Some(later) = now.members.get(name) {
                let inner = Exchanges {
                    before: exchanges.before.min(earlier.present),
                    now: exchanges.now.min(later.present),
                };
                let path = format!("{path}/{name}");
                self.place(&earlier.shape, &later.shape, inner, side, &path);
            }
        }
    }

    fn kinds(
        &mut self,
        before: &PlaceContract,
        now: &PlaceContract,
        exchanges: Exchanges,
        side: Side,
        path: &str,
    ) {
        if before.kinds.is_empty() || now.kinds.is_empty() {
            return;
        }
        for (kind, seen) in &now.kinds {
            if before.kinds.contains_key(kind) {
                continue;
            }
            // A whole number is a number, too.
            if *kind == "integer" && before.kinds.contains_key("number") {
                continue;
            }
            let fresh = in_exchanges(*seen, now.seen, exchanges.now);
            if chance(0, exchanges.before, fresh, exchanges.now) >= CHANCE_MIN {
                continue;
            }
            let known: Vec<&str> = before.kinds.keys().copied().collect();
            let known = known.join(" or ");
            match (*kind, side) {
                ("null", Side::Response) => {
                    let code = "response-property-became-nullable";
                    self.add(Severity::Breaking, code, path, "null now and then");
                }
                (_, Side::Response) => {
                    let text = format!("was {known}, is {kind} now");
                    self.add(Severity::Breaking, "response-property-type-changed", path, text);
                }
                (_, Side::Request) => {
                    let text = format!("was {known}, is {kind} now");
                    self.add(Severity::Info, "request-property-type-generalized", path, text);
                }
            }
        }
    }

    fn members(
        &mut self,
        before: &PlaceContract,
        now: &PlaceContract,
        exchanges: Exchanges,
        side: Side,
        path: &str,
    ) {
        let gone: Vec<(&String, &MemberContract)> = before
            .members
            .iter()
            .filter(|(name, _)| !now.members.contains_key(*name))
            .filter(|(_, member)| {
                let had = in_exchanges(member.present, before.objects, exchanges.before);
                let sure = || chance(had, exchanges.before, 0, exchanges.now) < CHANCE_MIN;
                if member.is_optional { self.is_told } else { sure() }
            })
            .collect();
        let mut fresh: Vec<(&String, &MemberContract)> = now
            .members
            .iter()
            .filter(|(name, _)| !before.members.contains_key(*name))
            .filter(|(_, member)| {
                let has = in_exchanges(member.present, now.objects, exchanges.now);
                member.is_optional || chance(0, exchanges.before, has, exchanges.now) < CHANCE_MIN
            })
            .collect();
        for (name, member) in gone {
            let path = format!("{path}/{name}");
            let renamed =
                fresh.iter().position(|(other, now)| is_renamed(name, member, other, now));
            let always = !member.is_optional && member.present >= before.objects;
            let breaks =
                if side == Side::Response { Severity::Breaking } else { Severity::Warning };
            if let Some(at) = renamed {
                let (other, _) = fresh.swap_remove(at);
                let text = format!("renamed: `{name}` is gone, `{other}` is in its place");
                self.add(breaks, "response-property-renamed", &path, text);
            } else if always {
                let text = format!("removed: `{name}` was always there");
                self.add(breaks, "response-required-property-removed", &path, text);
            } else {
                let text = format!("removed: `{name}` was there now and then");
                self.add(Severity::Warning, "response-optional-property-removed", &path, text);
            }
        }
        for (name, member) in fresh {
            let path = format!("{path}/{name}");
            let must = !member.is_optional && member.present >= now.objects;
            if side == Side::Request && must {
                let text = format!("added: requests always have `{name}` now");
                self.add(Severity::Breaking, "new-required-request-property", &path, text);
            } else {
                let text = format!("added: `{name}`");
                self.add(Severity::Info, "response-property-added", &path, text);
            }
        }
        if side == Side::Response {
            self.presence(before, now, exchanges, path);
        }
    }

    fn presence(
        &mut self,
        before: &PlaceContract,
        now: &PlaceContract,
        exchanges: Exchanges,
        path: &str,
    ) {
        for (name, earlier) in &before.members {
            let Some(later) = now.members.get(name) else { continue };
            let was_always = !earlier.is_optional && earlier.present >= before.objects;
            if !was_always {
                continue;
            }
            let path = format!("{path}/{name}");
            if later.is_optional {
                let code = "response-property-became-optional";
                self.add(Severity::Breaking, code, &path, "may be missing now");
                continue;
            }
            let missing = now.objects.saturating_sub(later.present);
            let missing = in_exchanges(missing, now.objects, exchanges.now);
            if missing > 0 && chance(0, exchanges.before, missing, exchanges.now) < CHANCE_MIN {
                let text = "missing now and then";
                self.add(Severity::Breaking, "response-property-became-optional", &path, text);
            }
        }
    }
}

/// A count of objects as one of exchanges, of which each holds several.
fn in_exchanges(count: u64, of: u64, exchanges: u64) -> u64 {
    if of <= exchanges || of == 0 {
        return count.min(exchanges);
    }
    (count as f64 * exchanges as f64 / of as f64).round() as u64
}

/// Whether a member that is new stands for one that is gone: values of the same types, as often,
/// and a name that shares a word with the other.
fn is_renamed(old: &str, before: &MemberContract, new: &str, now: &MemberContract) -> bool {
    let same_types = before.shape.kinds.keys().eq(now.shape.kinds.keys());
    let (a, b) = (words(old), words(new));
    let shared = a.iter().any(|word| b.contains(word));
    let inside = a.concat().contains(&b.concat()) || b.concat().contains(&a.concat());
    let formats = before.shape.format.is_some() && before.shape.format == now.shape.format;
    same_types && (shared || inside || formats)
}

/// `createdAt`, `created_at` -> `created`, `at`
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter.is_uppercase() || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(last)) = (letter.is_alphanumeric(), words.last_mut()) {
            last.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(schema: &str) -> Contract {
        let text = format!(
            r#"{{"openapi":"3.1.0","paths":{{"/u/{{id}}":{{"get":{{"responses":{{"200":
            {{"content":{{"application/json":{{"schema":{schema}}}}}}}}}}}}}}}}}"#
        );
        Contract::of_document(text.as_bytes()).unwrap()
    }

    fn codes(older: &str, newer: &str) -> Vec<(&'static str, Severity)> {
        let found = compare(&document(older), &document(newer));
        found.iter().map(|finding| (finding.code, finding.severity)).collect()
    }

    const USER: &str = r#"{"type":"object","required":["id","email"],"properties":{
        "id":{"type":"integer"},"email":{"type":"string"},"age":{"type":"integer"}}}"#;

    #[test]
    fn a_document_does_not_differ_from_itself() {
        assert_eq!(codes(USER, USER), []);
    }

    #[test]
    fn what_breaks_is_told_from_what_does_not() {
        let removed = USER
            .replace(r#""email":{"type":"string"},"#, "")
            .replace("[\"id\",\"email\"]", "[\"id\"]");
        assert_eq!(
            codes(USER, &removed),
            [("response-required-property-removed", Severity::Breaking)]
        );
        let renamed = USER.replace("email", "email_address");
        assert_eq!(codes(USER, &renamed), [("response-property-renamed", Severity::Breaking)]);
        let text = USER.replacen(r#""id":{"type":"integer"}"#, r#""id":{"type":"string"}"#, 1);
        assert_eq!(codes(USER, &text), [("response-property-type-changed", Severity::Breaking)]);
        let null = USER.replace(r#"{"type":"string"}"#, r#"{"type":["string","null"]}"#);
        let nullable = [("response-property-became-nullable", Severity::Breaking)];
        assert_eq!(codes(USER, &null), nullable);
        assert_eq!(codes(&null, USER), []);
        let more = USER.replace(r#""age""#, r#""zip":{"type":"string"},"age""#);
        assert_eq!(codes(USER, &more), [("response-property-added", Severity::Info)]);
        let optional = USER.replace("[\"id\",\"email\"]", "[\"id\"]");
        let became = [("response-property-became-optional", Severity::Breaking)];
        assert_eq!(codes(USER, &optional), became);
    }
}

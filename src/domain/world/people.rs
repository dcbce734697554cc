//! Whose a credential is: two that one person got by logging in twice are both that person's.

use rustc_hash::FxHashMap;

use super::form::is_token;
use super::message::{Request, SiteExchange, fingerprint};
use super::pointer::leaves;
use super::session_memory::beside_password;

/// Names and credentials that are remembered; when there are more, all are forgotten.
const KNOWN_MAX: usize = 8_192;

/// Bytes of one of them with its place in a map.
const KNOWN_BYTES: u64 = 32;

/// Who got which credentials.
#[derive(Debug, Clone, Default)]
pub struct People {
    known: FxHashMap<u64, u64>,
}

impl People {
    /// Remembers who got the credentials of an answer, where the request said a password.
    pub fn note(&mut self, exchange: &SiteExchange) {
        let names = if exchange.is_ok() { names(&exchange.request) } else { Vec::new() };
        let Some(first) = names.first() else { return };
        if self.known.len() > KNOWN_MAX {
            self.known.clear();
        }
        // Only who logs in is found again: what else a registration says may be true of many.
        let known = self.known.get(first).filter(|_| names.len() == 1);
        let who = known.copied().unwrap_or(*first);
        for name in &names {
            self.known.entry(*name).or_insert(who);
        }
        let told = exchange.json().map(leaves).unwrap_or_default();
        let tokens = told.iter().filter_map(|(_, value)| value.as_str()).filter(|t| is_token(t));
        let tokens = tokens.map(|token| fingerprint(&[token]));
        for token in tokens.chain(exchange.issued.iter().copied()) {
            self.known.insert(token, who);
        }
    }

    /// Whoever got a credential.
    #[must_use]
    pub fn of(&self, token: u64) -> Option<u64> {
        self.known.get(&token).copied()
    }

    /// Bytes that it takes, roughly.
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.known.len() as u64 * KNOWN_BYTES
    }

    /// Says in a request whose its credential is, where it does not say so itself.
    pub fn name(&self, request: &mut Request) -> bool {
        let Some(sent) = request.credential.as_mut().filter(|sent| sent.principal == sent.token)
        else {
            return false;
        };
        let Some(who) = self.of(sent.token) else { return false };
        sent.principal = who;
        true
    }
}

/// Whoever registers or logs in, by what stands beside the password.
fn names(request: &Request) -> Vec<u64> {
    beside_password(request).into_iter().map(|text| fingerprint(&["person", text])).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn signed(body: &str, said: &str) -> SiteExchange {
        let kind = || vec![("content-type".into(), "application/json".to_owned())];
        let request = Request::read(("POST", "/x", ""), kind(), body.as_bytes(), 0);
        SiteExchange::read(Arc::new(request), 200, kind(), said.as_bytes())
    }

    fn asking(token: &str) -> Request {
        let headers = vec![("authorization".into(), format!("Bearer {token}"))];
        Request::read(("GET", "/me", ""), headers, b"", 0)
    }

    #[test]
    fn what_the_protocol_says_beside_a_password_is_nobody() {
        let mut people = People::default();
        let sent = |who: &str| {
            format!(r#"{{"grant_type":"password","username":"{who}","password":"pw"}}"#)
        };
        let told = |n: u8| format!(r#"{{"token": "0123456789abcdef-{n}"}}"#);
        people.note(&signed(&sent("ann"), &told(1)));
        people.note(&signed(&sent("ben"), &told(2)));
        let of = |n: u8| people.of(fingerprint(&[&format!("0123456789abcdef-{n}")]));
        assert!(of(1).is_some() && of(1) != of(2));
    }

    #[test]
    fn two_logins_of_one_person_are_of_one_person() {
        let mut people = People::default();
        let (a, b, c) = ("0123456789abcdef-a", "0123456789abcdef-b", "0123456789abcdef-c");
        let told = |token: &str| format!(r#"{{"token": "{token}"}}"#);
        people.note(&signed(r#"{"user": "ann", "role": "guest", "password": "pw-one"}"#, "{}"));
        people.note(&signed(r#"{"user": "ann", "password": "pw-one"}"#, &told(a)));
        people.note(&signed(r#"{"user": "ann", "password": "pw-one"}"#, &told(b)));
        people.note(&signed(r#"{"user": "ben", "password": "pw-two"}"#, &told(c)));
        let who = |token: &str| {
            let mut request = asking(token);
            people.name(&mut request).then_some(request.credential.map(|sent| sent.principal))
        };
        assert!(who(a).is_some());
        assert_eq!(who(a), who(b));
        assert_ne!(who(a), who(c));
        assert_eq!(who("never-given-0123456789"), None);
    }
}

//! Names that tell of personal or secret content: one table, matched word by word.

use smallvec::SmallVec;

use crate::domain::words::split::split;

/// A name longer than this is not a name but content used as a key, and treated as sensitive.
const NAME_BYTES_MAX: usize = 128;

/// One kind of sensitive name.
pub(super) struct NameRule {
    /// The words, in order, that must stand next to each other; a plural `s` is tolerated.
    words: &'static [&'static str],
    /// The words run together, looked for inside longer words (`useraccesstoken`); empty where
    /// that would hit innocent words.
    inside: &'static str,
    #[cfg(test)]
    pub(super) matching: &'static [&'static str],
    #[cfg(test)]
    pub(super) other: &'static [&'static str],
}

/// Last words that turn the name into a statement about the secret: `token_type`,
/// `email_verified`, `password_updated_at`.
const NEUTRAL_LAST_WORDS: &[&str] = &[
    "type", "types", "kind", "status", "count", "counts", "enabled", "disabled", "verified",
    "required", "at", "expires", "expiry", "expired", "ttl", "length", "format", "policy",
    "method", "methods", "scheme", "used", "limit", "in", "country", "currency", "language",
    "locale",
];

/// The same, of two words: a code of few values that is none of a person's.
const NEUTRAL_CODES: &[&str] = &["country", "currency", "language", "error", "status"];

macro_rules! rule {
    ([$($word:literal),+], $inside:literal, [$($hit:literal),*], [$($miss:literal),*]) => {
        NameRule {
            words: &[$($word),+],
            inside: $inside,
            #[cfg(test)]
            matching: &[$($hit),*],
            #[cfg(test)]
            other: &[$($miss),*],
        }
    };
}

/// Every kind of name that is denied a literal. Secrets first, then what identifies a person.
pub(super) const NAME_RULES: &[NameRule] = &[
    rule!(["password"], "password", ["password", "userPassword", "old-passwords"], ["pass_rate"]),
    rule!(["passwd"], "passwd", ["passwd", "db_passwd"], ["passed"]),
    rule!(["pwd"], "", ["pwd", "user_pwd"], ["upwd2d"]),
    rule!(["passphrase"], "passphrase", ["passphrase"], ["phrase"]),
    rule!(["passcode"], "passcode", ["passcode"], ["code"]),
    rule!(["secret"], "secret", ["secret", "clientSecret", "secrets"], ["secretary_count"]),
    rule!(["token"], "token", ["token", "access_token", "X-Auth-Token", "idtoken"], ["token_type"]),
    rule!(["jwt"], "", ["jwt", "session_jwt"], ["jwtype"]),
    rule!(["bearer"], "", ["bearer"], ["forbearer"]),
    rule!(["authorization"], "authorization", ["Authorization", "proxy-authorization"], ["author"]),
    rule!(["auth"], "", ["auth", "x-auth"], ["author", "authority"]),
    rule!(["oauth"], "", ["oauth"], ["coauthor"]),
    rule!(["cookie"], "cookie", ["cookie", "Set-Cookie", "cookies"], ["cook"]),
    rule!(["session"], "sessionid", ["session", "session_id", "PHPSESSIONID"], ["possession"]),
    rule!(["sess"], "sessid", ["sess", "PHPSESSID"], ["assess"]),
    rule!(["sid"], "", ["sid", "connect.sid"], ["side", "inside"]),
    rule!(["csrf"], "csrf", ["csrf", "_csrf_param"], ["surf"]),
    rule!(["xsrf"], "xsrf", ["XSRF"], ["surf"]),
    rule!(["api", "key"], "apikey", ["api_key", "X-API-Key", "apikey"], ["key", "api"]),
    rule!(["access", "key"], "accesskey", ["accessKeyId", "aws_access_key"], ["access"]),
    rule!(["private", "key"], "privatekey", ["privateKey"], ["private"]),
    rule!(["signing", "key"], "signingkey", ["signing_key"], ["signing_method"]),
    rule!(["encryption", "key"], "encryptionkey", ["encryption_key"], ["encryption"]),
    rule!(["credential"], "credential", ["credentials", "userCredential"], ["credit"]),
    rule!(["signature"], "", ["signature", "X-Signature"], ["signal"]),
    rule!(["nonce"], "", ["nonce"], ["announce"]),
    rule!(["otp"], "", ["otp", "otp_code"], ["option"]),
    rule!(["pin"], "", ["pin", "card_pin"], ["pinned", "ping"]),
    rule!(["cvv"], "", ["cvv"], ["cv"]),
    rule!(["cvc"], "", ["cvc", "card_cvc"], ["cv"]),
    rule!(
        ["card", "number"],
        "cardnumber",
        ["cardNumber", "card_number"],
        ["number", "card_brand"]
    ),
    rule!(["credit", "card"], "creditcard", ["credit_card"], ["credit"]),
    rule!(["iban"], "", ["iban"], ["urban"]),
    rule!(["account", "number"], "accountnumber", ["account_number"], ["account"]),
    rule!(["routing", "number"], "routingnumber", ["routing_number"], ["routing_key"]),
    rule!(["ssn"], "", ["ssn", "user_ssn"], ["lessn"]),
    rule!(["social", "security"], "socialsecurity", ["social_security_number"], ["social"]),
    rule!(["national", "id"], "nationalid", ["nationalId"], ["national"]),
    rule!(["tax", "id"], "taxid", ["tax_id"], ["tax", "taxi"]),
    rule!(["passport"], "passport", ["passport_number"], ["port"]),
    rule!(["driver", "license"], "driverlicense", ["driver_license"], ["license"]),
    rule!(["email"], "email", ["email", "userEmail", "contactemail"], ["email_verified"]),
    rule!(["e", "mail"], "", ["e-mail", "eMail"], ["mailbox"]),
    rule!(
        ["phone"],
        "",
        ["phone", "phone_number", "homePhone", "phone_code"],
        ["microphone", "headphones", "phone_country_code"]
    ),
    rule!(["telephone"], "telephone", ["telephone"], ["tele"]),
    rule!(["mobile"], "", ["mobile", "mobile_number"], ["automobile"]),
    rule!(["fax"], "", ["fax"], ["faxed"]),
    rule!(["msisdn"], "msisdn", ["msisdn"], ["isdn"]),
    rule!(["first", "name"], "firstname", ["firstName", "first_name"], ["first", "name"]),
    rule!(["last", "name"], "lastname", ["last_name", "lastname"], ["last"]),
    rule!(["given", "name"], "givenname", ["given_name"], ["given"]),
    rule!(["family", "name"], "familyname", ["family_name"], ["family"]),
    rule!(["middle", "name"], "middlename", ["middle_name"], ["middle"]),
    rule!(["maiden", "name"], "maidenname", ["maidenName"], ["maiden"]),
    rule!(["full", "name"], "fullname", ["full_name"], ["full", "filename"]),
    rule!(["user", "name"], "username", ["username", "user_name"], ["user"]),
    rule!(["surname"], "surname", ["surname"], ["name"]),
    rule!(["birth"], "", ["date_of_birth", "birth_date"], ["childbirth2"]),
    rule!(["birthday"], "birthday", ["birthday"], ["day"]),
    rule!(["birthdate"], "birthdate", ["birthdate"], ["date"]),
    rule!(["dob"], "", ["dob"], ["adobe"]),
    rule!(["street"], "", ["street", "street_address"], ["streetwear"]),
    rule!(["address", "line"], "addressline", ["addressLine1", "address_line_2"], ["line"]),
    rule!(["ip", "address"], "ipaddress", ["ip_address", "clientIpAddress"], ["ip_version"]),
    rule!(["forwarded"], "", ["x-forwarded-for", "Forwarded"], ["forward"]),
    rule!(["client", "ip"], "clientip", ["client_ip", "X-Client-IP"], ["client"]),
    rule!(["remote", "addr"], "remoteaddr", ["remote_addr"], ["remote"]),
];

/// The rule with which what identifies a person begins.
const PERSONAL_FROM: &str = "email";

/// See [`super::is_sensitive_name`].
pub(super) fn is_sensitive(name: &str) -> bool {
    is_of(NAME_RULES, name)
}

/// See [`super::is_secret_name`].
pub(super) fn is_secret(name: &str) -> bool {
    let personal = NAME_RULES.iter().position(|rule| rule.words == [PERSONAL_FROM]);
    is_of(NAME_RULES.split_at(personal.unwrap_or(NAME_RULES.len())).0, name)
}

fn is_of(rules: &[NameRule], name: &str) -> bool {
    if name.len() > NAME_BYTES_MAX {
        return true;
    }
    let words: SmallVec<[&[u8]; 12]> = split(name).map(str::as_bytes).collect();
    let last = words.last().copied().unwrap_or_default();
    let is_in =
        |table: &[&str], word: &[u8]| table.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(word));
    let is_code = matches!(words.as_slice(), [.., kind, code]
        if code.eq_ignore_ascii_case(b"code") && is_in(NEUTRAL_CODES, kind));
    if words.len() > 1 && (is_in(NEUTRAL_LAST_WORDS, last) || is_code) {
        return false;
    }
    let longest = words.iter().map(|word| word.len()).max().unwrap_or(0);
    rules.iter().any(|rule| rule.matches(&words, longest))
}

impl NameRule {
    fn matches(&self, words: &[&[u8]], longest: usize) -> bool {
        let run = |at: usize| {
            words.len() - at >= self.words.len()
                && self.words.iter().zip(&words[at..]).all(|(expected, word)| is(word, expected))
        };
        let part = self.inside.as_bytes();
        (0..words.len()).any(run)
            || ((1..=longest).contains(&part.len())
                && words.iter().any(|word| {
                    word.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
                }))
    }
}

/// Whether a word is the expected one, or its plural.
fn is(word: &[u8], expected: &str) -> bool {
    let expected = expected.as_bytes();
    let (stem, rest) = word.split_at(word.len().min(expected.len()));
    stem.eq_ignore_ascii_case(expected) && (rest.is_empty() || rest.eq_ignore_ascii_case(b"s"))
}

//! The rows of the kind table, in the order in which they are tried.

use super::{KindRow, SegmentKind, SegmentPrior, detect};

macro_rules! row {
    ($kind:ident, $name:literal, $placeholder:literal, $lean:ident, $detect:ident,
     $samples:expr, $counter_samples:expr) => {
        KindRow {
            kind: SegmentKind::$kind,
            name: $name,
            placeholder: $placeholder,
            lean: SegmentPrior::$lean,
            detect: detect::$detect,
            samples: &$samples,
            counter_samples: &$counter_samples,
        }
    };
}

pub static ROWS: [KindRow; SegmentKind::ALL.len()] = [
    row!(Empty, "empty", "empty", Fixed, empty, [""], ["a"]),
    row!(
        Version,
        "version",
        "version",
        Fixed,
        version,
        ["v1", "V2", "v1.2", "v4beta", "v1beta1", "2.0", "v2alpha1"],
        ["v", "version", "v20240131", "1.2.3", "vpc1"]
    ),
    row!(
        Reserved,
        "reserved word",
        "name",
        Fixed,
        reserved,
        ["me", "oauth2", "s3", "ipv6", "latest", "self"],
        ["mine", "s4x9"]
    ),
    row!(Oversized, "oversized text", "value", Value, never, [], []),
    row!(
        Uuid,
        "uuid",
        "id",
        Value,
        uuid,
        [
            "5f94c37e-826f-4ecb-9c36-7c9bc0d1e2f3",
            "%7Bf806503c-19f5-4b4b-83bc-9aa0d1e2f3a4%7D",
            "F806503C-19F5-4B4B-83BC-9AA0D1E2F3A4",
        ],
        ["5f94c37e-826f-4ecb-9c36-7c9bc0d1e2", "too-many-hyphens-in-here"]
    ),
    row!(
        Date,
        "date",
        "date",
        Value,
        date,
        ["2024-05-31", "2024-05", "2024-W07"],
        ["2024-13-01", "20240531", "3024-05"]
    ),
    row!(
        DateTime,
        "time",
        "time",
        Value,
        date_time,
        ["2024-05-31T12:00:00Z", "2024-05-31T12%3A00", "12:30", "12:30:05"],
        ["12:3", "2024-05-31"]
    ),
    row!(Integer, "integer", "id", Value, integer, ["7", "0", "-1", "4762503334"], ["1a", "-"]),
    row!(
        Decimal,
        "decimal",
        "number",
        Value,
        decimal,
        ["-0.1278", "51.5074", "100.5", "60.51"],
        ["1.", "1.2.3"]
    ),
    row!(
        Coordinates,
        "coordinates",
        "coordinates",
        Value,
        coordinates,
        ["52.52,13.40", "1,2,3", "-33.9%2C151.2"],
        ["a,b", "52.52"]
    ),
    row!(
        Ip,
        "ip address",
        "ip",
        Value,
        ip,
        ["30.26.71.187", "2001:db8::1", "10.0.0.0%2F8"],
        ["1.2.3", "300.1.1.1"]
    ),
    row!(Mac, "mac address", "mac", Value, mac, ["00:1b:44:11:3a:b7"], ["00:1b:44:11:3a"]),
    row!(
        Email,
        "e-mail address",
        "email",
        Value,
        email,
        ["ann@example.com", "ann%40example.com"],
        ["@scope", "name@1"]
    ),
    row!(
        Arn,
        "resource name",
        "arn",
        Value,
        arn,
        ["arn:aws:iot:us-west-2:943:thing", "arn%3Aaws%3Aiot", "urn:isbn:0451450523"],
        ["arnold", "urn"]
    ),
    row!(
        Ulid,
        "ulid",
        "id",
        Value,
        ulid,
        ["01HC701MSXYZAGFPKYVX4PMZQB"],
        ["81HC701MSXYZAGFPKYVX4PMZQB"]
    ),
    row!(
        ObjectId,
        "object id",
        "id",
        Value,
        object_id,
        ["625982802a1a5efc0fbac8cc"],
        ["625982802a1a5efc0fbac8c"]
    ),
    row!(
        Hash,
        "hash",
        "id",
        Value,
        hash,
        ["8365de6187d9f99ec57c7c5ef4b25000", "b0ac31d", "7656473f", "deadbeef01"],
        ["feedback", "decade", "facade1"]
    ),
    row!(
        PrefixedId,
        "prefixed id",
        "id",
        Value,
        prefixed_id,
        ["cus_9s6XKzkNRiz8i3", "pi_3MtwBwLkdIwHu7ix28a3tqPa", "too-9a7ro5a1"],
        ["user_settings", "live-streams"]
    ),
    row!(
        Token,
        "token",
        "token",
        Value,
        token,
        ["eyJCZolE2gyAZLTQZaeLuDwW--zrRL", "KO6etlpcbSw2cTFjM4T08LqWNZa"],
        ["GetCoreTopicsPagedFromChild", "persistentvolumeclaims"]
    ),
    row!(Phone, "phone number", "phone", Value, phone, ["+14155552671", "%2B14155552671"], ["+1"]),
    row!(
        Semver,
        "semantic version",
        "version",
        Value,
        semver,
        ["1.2.3", "v1.2.3-rc.1", "v2.3.9"],
        ["1.2.x"]
    ),
    row!(
        Locale,
        "locale",
        "locale",
        Value,
        locale,
        ["en-US", "fr_FR", "zh-Hans"],
        ["en-us", "my-app"]
    ),
    row!(
        EncodedText,
        "encoded text",
        "text",
        Value,
        encoded_text,
        ["hello%20world", "caf\u{e9}", "[object%20Object]", "%zz"],
        ["a-b", ":token"]
    ),
    row!(
        Pair,
        "joined values",
        "value",
        Value,
        pair,
        ["a,b", "left-pad@1.3", "regions=us2"],
        [":token", "a="]
    ),
    row!(
        File,
        "file name",
        "file",
        Value,
        file,
        ["report-2024.json", "img_0042.svg", "4f2a.PNG"],
        ["example.com", "a.verylongextension"]
    ),
    row!(
        Sensitive,
        "personal or secret text",
        "value",
        Value,
        sensitive,
        ["555-123-4567", "078-05-1120"],
        ["10-20", "2-1", "live-streams"]
    ),
    row!(
        WordFile,
        "file name of words",
        "file",
        Word,
        word_file,
        ["users.json", "affect_note.svg", "logo.PNG"],
        ["v2.json", "example.com"]
    ),
    row!(
        Domain,
        "dotted name",
        "name",
        Word,
        domain,
        ["example.com", "rbac.authorization.k8s.io", "com.acme.app"],
        ["3.4", "..."]
    ),
    row!(Handle, "handle", "name", Word, handle, ["@octocat", "~ann"], ["octocat", "@me"]),
    row!(
        AlphanumericId,
        "alphanumeric id",
        "id",
        Value,
        alphanumeric_id,
        ["KX637", "6o8edz", "EQs8EtcK", "y740i0", "IMCZOMDE2QVEV", "vp1zgg"],
        ["destiny2", "mp3", "step1"]
    ),
    row!(
        RandomId,
        "random letters",
        "id",
        Value,
        random_id,
        ["HyWFzPqR", "RTFUbQeA", "zqukcw"],
        ["GetPostAndParent", "camelCase", "webhooks", "taxonomy", "synonyms"]
    ),
    row!(
        Slug,
        "slug",
        "slug",
        Value,
        slug,
        ["a-long-story-of-six-2024", "release-2024", "share-01"],
        ["live-streams", "load_balancer_types"]
    ),
    row!(
        Phrase,
        "phrase",
        "slug",
        Word,
        phrase,
        ["their-value-read-store-any-six", "shield_information_barrier_segment_members"],
        ["live-streams"]
    ),
    row!(Code, "code", "code", Word, code, ["en", "FRA", "a", "USD"], ["api", "users"]),
    row!(
        Compound,
        "joined words",
        "name",
        Word,
        compound,
        ["live-streams", "load_balancer_types", "my-team"],
        ["users"]
    ),
    row!(Word, "word", "name", Word, always, ["users", "Destiny2", "getRoute", "octocat"], []),
    // Claimed last, by the table of formats: see `SegmentKind::of`.
    row!(Formatted, "formatted value", "value", Value, never, [], []),
];

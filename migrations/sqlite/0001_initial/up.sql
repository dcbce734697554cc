-- What people query stands in columns; sketches and schemas are versioned JSON documents.
-- Times are Unix milliseconds. Text holds no U+0000 (see src/store/nul.rs).

CREATE TABLE endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    method TEXT NOT NULL,
    template TEXT NOT NULL,
    mode TEXT NOT NULL,
    learn INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    error_rate REAL NOT NULL,
    latency_mean_ms REAL NOT NULL,
    latency_std_dev_ms REAL NOT NULL,
    latency_p50_ms REAL NOT NULL,
    latency_p95_ms REAL NOT NULL,
    latency_p99_ms REAL NOT NULL,
    first_seen_at_ms INTEGER NOT NULL,
    last_seen_at_ms INTEGER NOT NULL,
    model_version INTEGER NOT NULL,
    model TEXT NOT NULL
) STRICT;

CREATE TABLE endpoint_chaos (
    endpoint_id TEXT NOT NULL PRIMARY KEY REFERENCES endpoints (id) ON DELETE CASCADE,
    level INTEGER NOT NULL,
    active INTEGER NOT NULL
) STRICT;

CREATE TABLE statuses (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    status INTEGER NOT NULL,
    observations INTEGER NOT NULL,
    share REAL NOT NULL,
    latency_mean_ms REAL NOT NULL,
    latency_p50_ms REAL NOT NULL,
    latency_p95_ms REAL NOT NULL,
    latency_p99_ms REAL NOT NULL,
    model_version INTEGER NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, status)
) STRICT;

-- side is `request` (status 0: a request has none) or `response`.
CREATE TABLE schemas (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    side TEXT NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, side, status)
) STRICT;

-- Ids of endpoints that were folded into others: old links keep working.
CREATE TABLE redirects (
    position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    old_id TEXT NOT NULL UNIQUE,
    new_id TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE pins (
    template TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE chaos_rules (
    id TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_at_ms INTEGER,
    hits INTEGER NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

-- Single documents by name, such as the state of the path learner.
CREATE TABLE documents (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

-- What people query stands in columns; sketches and schemas are versioned JSON documents.
-- Times are Unix milliseconds. Text holds no U+0000 (see src/store/nul.rs).

CREATE TABLE endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    method TEXT NOT NULL,
    template TEXT NOT NULL,
    mode TEXT NOT NULL,
    learn BOOLEAN NOT NULL,
    observations BIGINT NOT NULL,
    error_rate DOUBLE PRECISION NOT NULL,
    latency_mean_ms DOUBLE PRECISION NOT NULL,
    latency_std_dev_ms DOUBLE PRECISION NOT NULL,
    latency_p50_ms DOUBLE PRECISION NOT NULL,
    latency_p95_ms DOUBLE PRECISION NOT NULL,
    latency_p99_ms DOUBLE PRECISION NOT NULL,
    first_seen_at_ms BIGINT NOT NULL,
    last_seen_at_ms BIGINT NOT NULL,
    model_version INTEGER NOT NULL,
    model TEXT NOT NULL
);

CREATE TABLE endpoint_chaos (
    endpoint_id TEXT NOT NULL PRIMARY KEY REFERENCES endpoints (id) ON DELETE CASCADE,
    level INTEGER NOT NULL,
    active BOOLEAN NOT NULL
);

CREATE TABLE statuses (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    status INTEGER NOT NULL,
    observations BIGINT NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    latency_mean_ms DOUBLE PRECISION NOT NULL,
    latency_p50_ms DOUBLE PRECISION NOT NULL,
    latency_p95_ms DOUBLE PRECISION NOT NULL,
    latency_p99_ms DOUBLE PRECISION NOT NULL,
    model_version INTEGER NOT NULL,
    model TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, status)
);

-- side is `request` (status 0: a request has none) or `response`.
CREATE TABLE schemas (
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id) ON DELETE CASCADE,
    side TEXT NOT NULL,
    status INTEGER NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, side, status)
);

-- Ids of endpoints that were folded into others: old links keep working.
CREATE TABLE redirects (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    old_id TEXT NOT NULL UNIQUE,
    new_id TEXT NOT NULL
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE pins (
    template TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE chaos_rules (
    id TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    enabled BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires_at_ms BIGINT,
    hits BIGINT NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE audit (
    position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
);

-- Single documents by name, such as the state of the path learner.
CREATE TABLE documents (
    name TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL
);

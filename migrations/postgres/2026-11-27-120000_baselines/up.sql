-- Baselines: models kept by name, for drift to be measured against. The document is the model file
-- in base64.
CREATE TABLE baselines (
    name TEXT NOT NULL PRIMARY KEY,
    created_at_ms BIGINT NOT NULL,
    observations BIGINT NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
);

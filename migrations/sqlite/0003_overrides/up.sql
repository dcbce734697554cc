-- Overrides: what people said is answered in the place of the model. What is listed stands in
-- columns, the whole override in the document.
CREATE TABLE overrides (
    id TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    hits INTEGER NOT NULL,
    document_version INTEGER NOT NULL,
    document TEXT NOT NULL
) STRICT;

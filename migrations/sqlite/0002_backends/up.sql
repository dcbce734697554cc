-- Which backend an endpoint belongs to, for those with a name: the only backend has none, so the
-- endpoints that were stored before backends had names stay as they are.
CREATE TABLE endpoint_backends (
    endpoint_id TEXT NOT NULL PRIMARY KEY REFERENCES endpoints (id) ON DELETE CASCADE,
    backend TEXT NOT NULL
) STRICT;

-- Ways back to JSON that were given up. Rows are kept for ever: each is an act of a person.
CREATE TABLE closed_ways (
    id            UUID PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('expense', 'income')),
    epoch         BIGINT NOT NULL,
    archive       TEXT NOT NULL,
    actor         TEXT NOT NULL,
    reason        TEXT NOT NULL DEFAULT '',
    closed_at     TIMESTAMPTZ NOT NULL,
    overridden_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX closed_ways_one_holds ON closed_ways (kind) WHERE overridden_at IS NULL;

-- Imports of foreign data: each row is the checkpoint from which a killed one goes on.
CREATE TABLE imports (
    id               UUID PRIMARY KEY,
    kind             TEXT NOT NULL CHECK (kind IN ('expense', 'income')),
    format           TEXT NOT NULL CHECK (format IN ('array', 'ndjson', 'csv')),
    state            TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    idempotency_key  TEXT NOT NULL,
    done             BIGINT NOT NULL DEFAULT 0,
    total            BIGINT,
    accepted         BIGINT NOT NULL DEFAULT 0,
    rejected         BIGINT NOT NULL DEFAULT 0,
    renumbered       BIGINT NOT NULL DEFAULT 0,
    rejects_bytes    BIGINT NOT NULL DEFAULT 0,
    renumbered_bytes BIGINT NOT NULL DEFAULT 0,
    columns          TEXT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    error            TEXT,
    waiting_for      TEXT,
    actor            TEXT NOT NULL,
    reason           TEXT NOT NULL DEFAULT '',
    owner            UUID,
    lease_until      TIMESTAMPTZ,
    created_at       TIMESTAMPTZ NOT NULL,
    started_at       TIMESTAMPTZ,
    moved_at         TIMESTAMPTZ NOT NULL,
    finished_at      TIMESTAMPTZ
);
-- An order that is repeated with its key finds the first one.
CREATE UNIQUE INDEX imports_by_key ON imports (idempotency_key);
CREATE INDEX imports_newest_first ON imports (created_at DESC, id DESC);
CREATE INDEX imports_active ON imports (created_at) WHERE state IN ('queued', 'running');

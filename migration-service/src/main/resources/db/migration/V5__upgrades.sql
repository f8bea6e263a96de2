-- Upgrades of the schemas of all services, and single steps back.
CREATE TABLE upgrades (
    id           UUID PRIMARY KEY,
    state        TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed')),
    steps        TEXT NOT NULL,
    percent      INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    snapshot     TEXT,
    actor        TEXT NOT NULL,
    reason       TEXT NOT NULL DEFAULT '',
    started_at   TIMESTAMPTZ NOT NULL,
    heartbeat_at TIMESTAMPTZ NOT NULL,
    finished_at  TIMESTAMPTZ
);
-- Single-flight: the database itself refuses a second one, however many replicas ask.
CREATE UNIQUE INDEX upgrades_one_runs ON upgrades (state) WHERE state = 'running';

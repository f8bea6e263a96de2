-- Since when each kind's phase rules, as it was first told: a ledger service that is started again counts anew.
CREATE TABLE tenures (
    kind     TEXT PRIMARY KEY CHECK (kind IN ('expense', 'income')),
    -- of the ledger that told it: one that is begun anew counts its epochs from the start, and inherits nothing
    identity UUID,
    epoch    BIGINT NOT NULL,
    since    TIMESTAMPTZ NOT NULL
);

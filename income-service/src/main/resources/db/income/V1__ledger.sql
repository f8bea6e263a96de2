-- The income ledger: entries, the log of their changes, and what decides who may write.
-- Runs with this service's own schema as the first of the search path, so no name is qualified.
-- Columns beyond the asked-for ones have defaults: a plain SQL INSERT or UPDATE works, and is found by comparing digests.

CREATE SEQUENCE incomes_id_seq AS BIGINT MINVALUE 1 MAXVALUE 9007199254740991;

CREATE TABLE incomes (
    id        BIGINT        NOT NULL DEFAULT nextval('incomes_id_seq'),
    date      DATE          NOT NULL,
    category  VARCHAR(100)  NOT NULL,
    amount    NUMERIC(10,2) NOT NULL,
    account   VARCHAR(100)  NOT NULL,
    currency  VARCHAR(10)   NOT NULL DEFAULT '₪',
    notes     TEXT,
    -- 0 and null: this row was written by plain SQL and never had a change
    version   BIGINT        NOT NULL DEFAULT 0,
    epoch     BIGINT        NOT NULL DEFAULT 0,
    change_id UUID,
    digest    UUID,
    CONSTRAINT incomes_pkey PRIMARY KEY (id),
    -- JavaScript clients read ids exactly up to 2^53 - 1
    CONSTRAINT incomes_id_range CHECK (id BETWEEN 1 AND 9007199254740991),
    CONSTRAINT incomes_date_range CHECK (date BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'),
    CONSTRAINT incomes_amount_is_number CHECK (amount <> 'NaN')
);

ALTER SEQUENCE incomes_id_seq OWNED BY incomes.id;

-- read backwards this is the order of every list: newest date first, then highest id
CREATE INDEX incomes_date_idx ON incomes (date, id);
CREATE INDEX incomes_category_idx ON incomes (category);
CREATE INDEX incomes_account_idx ON incomes (account);

-- What stays of a deleted entry, so that a late change cannot bring it back.
CREATE TABLE tombstones (
    id        BIGINT NOT NULL PRIMARY KEY,
    version   BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    change_id UUID   NOT NULL
);

CREATE SEQUENCE change_log_position_seq AS BIGINT;

-- Every change, committed together with the entry it changed. A position belongs to a set, so that a bulk delete cannot be torn.
CREATE TABLE change_log (
    position        BIGINT      NOT NULL,
    ordinal         INT         NOT NULL DEFAULT 0,
    change_id       UUID        NOT NULL,
    entry_id        BIGINT      NOT NULL,
    version         BIGINT      NOT NULL,
    epoch           BIGINT      NOT NULL,
    phase           TEXT        NOT NULL,
    action          TEXT        NOT NULL,
    set_id          UUID        NOT NULL,
    set_size        INT         NOT NULL DEFAULT 1,
    changed_at      TIMESTAMPTZ NOT NULL,
    changed_by      TEXT        NOT NULL,
    idempotency_key TEXT,
    request_digest  UUID,
    -- json and not jsonb: it keeps the text as it was written, and is cheaper to write
    before          JSON,
    after           JSON,
    digest          UUID,
    CONSTRAINT change_log_pkey PRIMARY KEY (position, ordinal)
);

CREATE INDEX change_log_entry_idx ON change_log (entry_id, version);
CREATE INDEX change_log_changed_at_idx ON change_log USING brin (changed_at);

-- Who rules. Exactly one row, read by every write, so nothing that changes often lives here.
CREATE TABLE ledger_state (
    only_row       BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    decided_epoch  BIGINT  NOT NULL DEFAULT 0,
    decided_phase  TEXT,
    prepared_epoch BIGINT,
    prepared_phase TEXT,
    -- the epoch in which this store takes writes; 0 unless it is the primary
    writable_epoch BIGINT  NOT NULL DEFAULT 0,
    json_identity  UUID,
    follower_state TEXT    NOT NULL DEFAULT 'NEEDS_BACKFILL'
);
INSERT INTO ledger_state DEFAULT VALUES;

-- How far this store is. Apart from ledger_state because it changes with every batch.
CREATE TABLE ledger_progress (
    only_row BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    -- as a follower: the position through which it has applied
    position BIGINT  NOT NULL DEFAULT 0,
    -- the log is complete after this position
    log_from BIGINT  NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO ledger_progress DEFAULT VALUES;

CREATE TABLE ledger_published (
    only_row BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    -- null: a baseline of everything must be published first
    through  BIGINT           DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO ledger_published DEFAULT VALUES;

-- Idempotency-Keys of the last 24 h, each naming the first change that it wrote.
CREATE TABLE idempotency_keys (
    key      TEXT        NOT NULL PRIMARY KEY,
    request  UUID        NOT NULL,
    entry_id BIGINT      NOT NULL,
    version  BIGINT      NOT NULL,
    used_at  TIMESTAMPTZ NOT NULL
);

-- Changes that lost against another one at the same version, or that a lost primary had beyond its successor.
CREATE TABLE orphans (
    id        BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    found_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    entry_id  BIGINT      NOT NULL,
    version   BIGINT      NOT NULL,
    epoch     BIGINT      NOT NULL,
    change_id UUID,
    position  BIGINT,
    why       TEXT        NOT NULL,
    after     JSON
);

-- Rows of a full synchronisation before they are merged. Unlogged: backfill_mark tells when a crash has emptied it.
CREATE UNLOGGED TABLE backfill_staging (
    id        BIGINT NOT NULL,
    deleted   BOOLEAN NOT NULL,
    date      DATE,
    category  VARCHAR(100),
    amount    NUMERIC(10,2),
    account   VARCHAR(100),
    currency  VARCHAR(10),
    notes     TEXT,
    version   BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    change_id UUID,
    digest    UUID
);
-- staged ascending by id, so block ranges are as good as a b-tree and cost nothing
CREATE INDEX backfill_staging_id_idx ON backfill_staging USING brin (id) WITH (pages_per_range = 16);

CREATE TABLE backfill_mark (
    only_row       BOOLEAN NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch          BIGINT  NOT NULL DEFAULT 0,
    image_position BIGINT  NOT NULL DEFAULT 0,
    last_id        BIGINT  NOT NULL DEFAULT 0,
    staged         BIGINT  NOT NULL DEFAULT 0,
    -- the tables were empty when it began: rows go into them at once and not by way of the staging table
    direct         BOOLEAN NOT NULL DEFAULT false
) WITH (fillfactor = 10);
INSERT INTO backfill_mark DEFAULT VALUES;

CREATE TABLE feature_flags (
    id          BIGINT       GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    name        VARCHAR(100) NOT NULL,
    enabled     BOOLEAN      NOT NULL DEFAULT false,
    user_id     VARCHAR(100),
    description TEXT,
    created_at  TIMESTAMPTZ  NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ  NOT NULL DEFAULT now(),
    CONSTRAINT feature_flags_name_user_key UNIQUE (name, user_id)
);
-- UNIQUE takes two nulls for different; a name has one global row at most
CREATE UNIQUE INDEX feature_flags_global_key ON feature_flags (name) WHERE user_id IS NULL;

CREATE VIEW audit_log AS
    SELECT position AS id,
           'incomes'::text AS table_name,
           entry_id AS record_id,
           action,
           before AS old_value,
           after AS new_value,
           changed_at,
           changed_by
    FROM change_log;

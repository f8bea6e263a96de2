-- The largest id that a body asks for: new ids are given above it.
ALTER TABLE imports ADD COLUMN highest_wanted BIGINT NOT NULL DEFAULT 0;

-- How many rows a verification read one by one; unknown of those before.
ALTER TABLE verifications ADD COLUMN entries_read BIGINT;

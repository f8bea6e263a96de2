-- Takes V7__entries_read back: the figure is gone, nothing depends on it.
ALTER TABLE verifications DROP COLUMN entries_read;

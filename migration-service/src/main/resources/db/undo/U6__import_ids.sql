-- Takes V6__import_ids back: an import that is under way then gives new ids as before.
ALTER TABLE imports DROP COLUMN highest_wanted;

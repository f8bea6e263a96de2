-- Takes V7__tenures back: a phase then counts from the start of its ledger service again.
DROP TABLE tenures;

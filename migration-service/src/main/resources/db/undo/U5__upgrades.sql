-- Takes V5__upgrades back: the history of upgrades goes with it.
DROP TABLE upgrades;

-- Takes V4__imports back: the list of imports goes with it, what they brought in stays.
DROP TABLE imports;

-- Takes V3__closed_ways back: ways back that were closed are open again.
DROP TABLE closed_ways;

package io.homebudget.backup.format;

/**
 * One thing that is wrong with a snapshot.
 *
 * @param file the path within the snapshot
 * @param place where in it, as exactly as it can be told: bytes, a line; empty where it is the file as a whole
 * @param what is wrong, for a person; never holds an entry's values
 */
public record Flaw(String file, String place, String what) {

    @Override
    public String toString() {
        return file + (place.isEmpty() ? "" : ", " + place) + ": " + what;
    }
}

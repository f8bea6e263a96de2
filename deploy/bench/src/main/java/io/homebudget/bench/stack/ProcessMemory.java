package io.homebudget.bench.stack;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The resident memory of a process as Linux accounts it ({@code /proc/PID/status}); in MB of 2^20 bytes. */
public record ProcessMemory(long pid) {

    /** Resident now. */
    public double residentMb() {
        return field("VmRSS");
    }

    /** The most that was resident since {@link #resetPeak}, or ever where resetting is not allowed. */
    public double peakMb() {
        return field("VmHWM");
    }

    /** Whether the kernel let us reset the peak. */
    public boolean resetPeak() {
        try {
            Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The options of the JVM that decide about memory. */
    public String heapOptions() {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
            return Arrays.stream(new String(line, StandardCharsets.UTF_8).split("\0"))
                    .filter(option -> option.startsWith("-X"))
                    .collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " is gone", e);
        }
    }

    private double field(String name) {
        try {
            return parse(Files.readAllLines(Path.of("/proc/" + pid + "/status")), name);
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " is gone, or this is not Linux", e);
        }
    }

    static double parse(List<String> status, String name) {
        for (String line : status) {
            if (line.startsWith(name + ":")) {
                String[] parts = line.substring(name.length() + 1).strip().split("\\s+");
                return Long.parseLong(parts[0]) / 1024.0;
            }
        }
        throw new IllegalStateException("/proc has no field " + name + " here");
    }
}

package io.homebudget.bench.stack;

import io.homebudget.bench.data.ArrayFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The stacks of one run, each started when first asked for and used by all figures that need its number of entries. */
public final class Stacks implements AutoCloseable {
    /** Ports that one stack may use: the front door's and those above it. */
    private static final int PORTS_PER_STACK = 10;

    private static final long SEED = 20_261_121;

    /** A stack by the number of entries it is started with. */
    public enum Size {
        /** A new installation, which takes a snapshot whole. */
        EMPTY(0),
        THOUSAND(1_000),
        TEN_THOUSAND(10_000),
        HUNDRED_THOUSAND(100_000),
        MILLION(1_000_000);

        private final long entries;

        Size(long entries) {
            this.entries = entries;
        }

        public long entries() {
            return entries;
        }
    }

    private final Path repository;
    private final Path work;
    private final int port;
    private final Map<Size, LocalStack> running = new EnumMap<>(Size.class);

    /** Why a stack did not start: later figures are told at once instead of waiting for the same again. */
    private final Map<Size, String> failed = new EnumMap<>(Size.class);

    /** @param port the first port; 60 ports from it on are used */
    public Stacks(Path repository, Path work, int port) {
        this.repository = repository;
        this.work = work;
        this.port = port;
    }

    public LocalStack of(Size size) {
        if (failed.containsKey(size)) {
            throw new IllegalStateException(failed.get(size));
        }
        return running.computeIfAbsent(size, this::start);
    }

    /** Where the bare endpoint listens: above the stacks. */
    public int barePort() {
        return port + PORTS_PER_STACK * Size.values().length;
    }

    public Path bareApp() {
        return repository.resolve("deploy/bench/bare/target/quarkus-app");
    }

    public Path work() {
        return work;
    }

    /** Stops the stacks that no later figure needs, so that they cost the next ones nothing, and removes their data. */
    public void keepOnly(Set<Size> needed) {
        for (Size size : Size.values()) {
            if (!needed.contains(size) && running.containsKey(size)) {
                running.remove(size).close();
                delete(home(size));
                delete(imports(size));
            }
        }
    }

    @Override
    public void close() {
        keepOnly(Set.of());
    }

    private LocalStack start(Size size) {
        System.out.println("... starting a stack with " + size.entries() + " entries");
        try {
            Path folder = ArrayFile.importFolder(imports(size), size.entries(), SEED);
            return LocalStack.start(repository, home(size), port + size.ordinal() * PORTS_PER_STACK, folder);
        } catch (IOException e) {
            failed.put(size, "cannot start the stack: " + e.getMessage());
            throw new UncheckedIOException(failed.get(size), e);
        } catch (IllegalStateException e) {
            failed.put(size, e.getMessage());
            throw e;
        }
    }

    private Path home(Size size) {
        return work.resolve("home-" + size.entries());
    }

    private Path imports(Size size) {
        return work.resolve("import-" + size.entries());
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            System.err.println("cannot remove " + folder + ": " + e.getMessage());
        }
    }
}

package io.homebudget.ledger.storage.breakglass;

import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.JsonFolder;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.postgres.PostgresPools;
import io.homebudget.ledger.storage.postgres.PostgresSettings;
import io.homebudget.ledger.storage.postgres.PostgresStore;
import io.homebudget.ledger.storage.postgres.StoreTimings;
import io.homebudget.ledger.storage.restoring.OfflineRestore;
import io.homebudget.ledger.storage.restoring.RestoreFiles;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Takes a kind's ledger back to a snapshot while no service runs; behind {@code ctl backup restore --offline}.
 *
 * <p>The store that rules is asked, and gets the difference as changes: followers and consumers follow when the services are
 * back. A new folder takes everything. A damaged folder is kept aside whole, and a new one takes its place.
 */
public final class RestoreSnapshot {
    /** What is kept aside lies in folders that begin so. */
    private static final String DAMAGED = "damaged-";

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Kind kind;
    private final Path folder;
    private final Optional<DatabaseUrl> database;
    private final boolean replaceDamaged;
    private final ExecutorService workers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "restore");
        thread.setDaemon(true);
        return thread;
    });

    private RestoreSnapshot(Kind kind, Path folder, Optional<DatabaseUrl> database, boolean replaceDamaged) {
        this.kind = kind;
        this.folder = folder;
        this.database = database;
        this.replaceDamaged = replaceDamaged;
    }

    /** {@code KIND FOLDER SNAPSHOT [replace-damaged]}; the environment's DATABASE_URL, where there is one */
    public static void main(String[] arguments) {
        Kind kind = Kind.ofWord(arguments[0]).orElseThrow();
        Optional<DatabaseUrl> database =
                Optional.ofNullable(System.getenv("DATABASE_URL")).map(DatabaseUrl::parse);
        boolean replace = List.of(arguments).contains("replace-damaged");
        try {
            String done = run(kind, Path.of(arguments[1]), database, replace, Path.of(arguments[2]));
            System.out.println(kind.plural() + ": " + done);
            System.exit(0);
        } catch (IOException failure) {
            System.err.println(kind.plural() + ": nothing was restored, or not all of it: " + failure.getMessage());
            System.exit(1);
        }
    }

    /** @return what was done, in words */
    static String run(Kind kind, Path folder, Optional<DatabaseUrl> database, boolean replace, Path snapshot)
            throws IOException {
        try (SnapshotRows rows = SnapshotRows.open(snapshot, kind)) {
            return new RestoreSnapshot(kind, folder, database, replace).run(rows);
        }
    }

    private String run(SnapshotRows rows) throws IOException {
        Files.createDirectories(folder);
        requireUnused();
        if (JsonFolder.isGivenUp(folder) && !replaceDamaged) {
            return intoPostgres(rows, Phase.DATABASE_ONLY);
        }
        if (new RestoreFiles(folder).replacing()) {
            if (!replaceDamaged) {
                throw new IOException("replacing the damaged store was interrupted; repeat with --replace-damaged");
            }
            return insteadOfDamaged(rows);
        }
        try (JsonStore json = open(UUID::randomUUID)) {
            return intoWhatRules(json, rows);
        } catch (RecoveryRequired damage) {
            if (!replaceDamaged) {
                throw new IOException(damage.getMessage()
                        + " To put a new store made of the snapshot in its place, repeat with --replace-damaged; what was"
                        + " written since the snapshot is then only in the files kept aside.");
            }
            return insteadOfDamaged(rows);
        }
    }

    private JsonStore open(Supplier<UUID> ids) throws IOException {
        EntryRules rules = new EntryRules(kind, "₪");
        return JsonStore.open(JsonStoreConfig.of(kind, folder), Clock.systemUTC(), ids, rules::take);
    }

    private OfflineRestore restore() {
        return new OfflineRestore(new RestoreFiles(folder), workers);
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    private String intoWhatRules(JsonStore json, SnapshotRows rows) throws IOException {
        Standing files = item(json.standing());
        boolean isNew = item(json.image(0)).rows() == 0
                && item(json.head()) == 0
                && files.decided().map(Rule::epoch).orElse(0L) <= 1;
        if (isNew) {
            RestoreState staged = restore().stage(rows.head(), Mode.EVERYTHING, rows::next, now());
            return told("a new store took everything", restore().everything(staged, json, json.identity()));
        }
        Rule rule = files.decided()
                .orElseThrow(() -> new IOException("the folder was never served; start the service once, or empty it"));
        if (rule.phase().primary() == StoreName.JSON) {
            RestoreState staged = restore().stage(rows.head(), Mode.CHANGES, rows::next, now());
            return told("the JSON store was taken back", restore().changes(staged, json, rule));
        }
        if (rule.phase() == Phase.DATABASE_READS) {
            // JSON lacks the restore until the services follow: it must not be taken for complete meanwhile
            item(json.markInSync(false));
        }
        return intoPostgres(rows, rule.phase());
    }

    private String intoPostgres(SnapshotRows rows, Phase known) throws IOException {
        DatabaseUrl url = database.orElseThrow(() -> new IOException("PostgreSQL rules in phase " + known
                + ": start it (ctl start postgres) and repeat, or go back to JSON first (ctl rollback)"));
        Vertx vertx = Vertx.vertx();
        Pool pool = PostgresPools.open(
                vertx,
                PgConnectOptions.fromUri(url.reactiveUrl()).setUser(url.user()).setPassword(url.password()),
                2);
        PGSimpleDataSource jdbc = new PGSimpleDataSource();
        jdbc.setURL(url.jdbcUrl());
        jdbc.setUser(url.user());
        jdbc.setPassword(url.password());
        try (PostgresStore postgres = new PostgresStore(new PostgresStore.Parts(
                kind,
                pool,
                pool,
                jdbc::getConnection,
                workers,
                PostgresSettings.DEFAULTS,
                Clock.systemUTC(),
                UUID::randomUUID,
                through -> Uni.createFrom().voidItem(),
                StoreTimings.NONE))) {
            Rule rule = item(postgres.standing())
                    .decided()
                    .filter(decided -> decided.phase().primary() == StoreName.POSTGRES)
                    .orElseThrow(
                            () -> new IOException("PostgreSQL does not say that it rules; start the service first"));
            RestoreState staged = restore().stage(rows.head(), Mode.CHANGES, rows::next, now());
            return told("PostgreSQL was taken back", restore().changes(staged, postgres, rule));
        } finally {
            pool.close();
            vertx.close();
        }
    }

    /** The new store keeps the identity that PostgreSQL knows, so that the services start on it. */
    private String insteadOfDamaged(SnapshotRows rows) throws IOException {
        Path aside = folder.resolve(DAMAGED + Instant.now().toEpochMilli());
        Files.createDirectory(aside, PRIVATE);
        RestoreFiles files = new RestoreFiles(folder);
        files.beginReplacing();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(file -> !files.marks(file))
                    .toList()) {
                Files.move(file, aside.resolve(file.getFileName()));
            }
        }
        UUID identity = rows.head().identity();
        boolean[] given = new boolean[1];
        try (JsonStore json = open(() -> {
            if (given[0]) {
                return UUID.randomUUID();
            }
            given[0] = true;
            return identity;
        })) {
            if (!json.identity().equals(identity)) {
                throw new IOException(
                        "the new store did not take the old one's identity; the old files are in " + aside);
            }
            RestoreState staged = restore().stage(rows.head(), Mode.EVERYTHING, rows::next, now());
            RestoreReport report = restore().insteadOfDamaged(staged, json, identity);
            files.endReplacing();
            return told("a new store took the place of the damaged one, which is kept in " + aside, report);
        }
    }

    /** A folder in use looks unusable too. */
    private void requireUnused() throws IOException {
        try (FileChannel lock = FileChannel.open(
                        folder.resolve("ledger.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = lock.tryLock()) {
            if (held == null) {
                throw inUse();
            }
        } catch (OverlappingFileLockException ours) {
            throw inUse();
        }
    }

    private IOException inUse() {
        return new IOException(folder + " is in use; stop the service first (ctl stop " + kind.word() + ")");
    }

    private static String told(String what, RestoreReport report) {
        return what + ": " + report.created() + " created, " + report.updated() + " updated, " + report.deleted()
                + " deleted";
    }

    private static <T> T item(Uni<T> uni) throws IOException {
        try {
            return uni.subscribeAsCompletionStage().get(1, java.util.concurrent.TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }
}

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
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import java.io.IOException;
import java.nio.channels.FileChannel;
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
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

    /** What PostgreSQL answers where a schema or a table is not there. */
    private static final Set<String> NO_LEDGER = Set.of("3F000", "42P01");

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Kind kind;
    private final Path folder;
    private final Optional<DatabaseUrl> database;
    private final Damaged damaged;
    private final ExecutorService workers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "restore");
        thread.setDaemon(true);
        return thread;
    });

    private RestoreSnapshot(Kind kind, Path folder, Optional<DatabaseUrl> database, Damaged damaged) {
        this.kind = kind;
        this.folder = folder;
        this.database = database;
        this.damaged = damaged;
    }

    /** What to do about a folder that cannot be read. */
    enum Damaged {
        LEAVE,
        REPLACE,
        /** Also where PostgreSQL cannot be asked whether it rules: what it alone acknowledged is then lost. */
        REPLACE_ACCEPTING_LOSS
    }

    /** {@code KIND FOLDER SNAPSHOT [replace-damaged [accept-loss]]}; the environment's DATABASE_URL, where there is one */
    public static void main(String[] arguments) {
        Kind kind = Kind.ofWord(arguments[0]).orElseThrow();
        Optional<DatabaseUrl> database =
                Optional.ofNullable(System.getenv("DATABASE_URL")).map(DatabaseUrl::parse);
        List<String> words = List.of(arguments);
        Damaged damaged = !words.contains("replace-damaged")
                ? Damaged.LEAVE
                : words.contains("accept-loss") ? Damaged.REPLACE_ACCEPTING_LOSS : Damaged.REPLACE;
        try {
            String done = run(kind, Path.of(arguments[1]), database, damaged, Path.of(arguments[2]));
            System.out.println(kind.plural() + ": " + done);
            System.exit(0);
        } catch (IOException | RecoveryRequired failure) {
            System.err.println(kind.plural() + ": nothing was restored, or not all of it: " + failure.getMessage());
            System.exit(1);
        }
    }

    /** @return what was done, in words */
    static String run(Kind kind, Path folder, Optional<DatabaseUrl> database, Damaged damaged, Path snapshot)
            throws IOException {
        try (SnapshotRows rows = SnapshotRows.open(snapshot, kind)) {
            return new RestoreSnapshot(kind, folder, database, damaged).run(rows);
        }
    }

    private String run(SnapshotRows rows) throws IOException {
        Files.createDirectories(folder);
        try (FileChannel held = requireUnused()) {
            if (JsonFolder.isGivenUp(folder)) {
                // whatever lies here is no store any more: PostgreSQL alone has the ledger, damaged files or not
                return intoPostgres(rows, Phase.DATABASE_ONLY);
            }
        }
        if (new RestoreFiles(folder).replacing()) {
            if (damaged == Damaged.LEAVE) {
                throw new IOException("replacing the damaged store was interrupted; repeat with --replace-damaged");
            }
            return insteadOfDamaged(rows);
        }
        try (JsonStore json = open(UUID::randomUUID)) {
            return intoWhatRules(json, rows);
        } catch (RecoveryRequired damage) {
            if (damaged == Damaged.LEAVE) {
                throw new IOException(damage.getMessage()
                        + " To put a new store in its place, repeat with --replace-damaged: made of the snapshot where the"
                        + " JSON store ruled, and what was written since is then only in the files kept aside; empty, to be"
                        + " filled from it, where PostgreSQL rules.");
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
        return withPostgres(url, postgres -> {
            Rule rule = item(postgres.standing())
                    .decided()
                    .filter(decided -> decided.phase().primary() == StoreName.POSTGRES)
                    .orElseThrow(
                            () -> new IOException("PostgreSQL does not say that it rules; start the service first"));
            RestoreState staged = restore().stage(rows.head(), Mode.CHANGES, rows::next, now());
            return told("PostgreSQL was taken back", restore().changes(staged, postgres, rule));
        });
    }

    /** What is done with PostgreSQL while it is open. */
    @FunctionalInterface
    private interface PostgresWork<T> {
        T with(PostgresStore postgres) throws IOException;
    }

    private <T> T withPostgres(DatabaseUrl url, PostgresWork<T> work) throws IOException {
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
            return work.with(postgres);
        } finally {
            pool.close();
            vertx.close();
        }
    }

    /**
     * What PostgreSQL says about who rules; empty where it was never told. A folder that cannot be read cannot say it, and where
     * PostgreSQL rules, nothing that it acknowledged may be taken back because files beside it are damaged.
     */
    private Optional<Standing> askedPostgres() throws IOException {
        if (database.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(withPostgres(database.get(), postgres -> item(postgres.standing())));
        } catch (IOException away) {
            if (hasNoLedger(away) || damaged == Damaged.REPLACE_ACCEPTING_LOSS) {
                return Optional.empty();
            }
            throw new IOException(
                    "PostgreSQL, which may rule, cannot be asked (" + away.getMessage() + "). Start it (up --without "
                            + kind.word() + ") and repeat. If it is lost for good, add --accept-loss: what it alone"
                            + " acknowledged is then lost.",
                    away);
        }
    }

    /** The server answers, but has no such schema or table. */
    private static boolean hasNoLedger(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PgException answer && NO_LEDGER.contains(answer.getSqlState())) {
                return true;
            }
        }
        return false;
    }

    /** The new store keeps the identity that PostgreSQL knows, so that the services start on it. */
    private String insteadOfDamaged(SnapshotRows rows) throws IOException {
        Optional<Standing> postgres = askedPostgres();
        Optional<Rule> ruling = postgres.flatMap(Standing::decided)
                .filter(decided -> decided.phase().primary() == StoreName.POSTGRES);
        RestoreFiles files = new RestoreFiles(folder);
        Path aside = setAside(files);
        UUID identity = ruling.isPresent() && postgres.get().identity() != null
                ? postgres.get().identity()
                : rows.head().identity();
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
            String done = ruling.isPresent()
                    ? beside(json, ruling.get(), aside)
                    : told(
                            "a new store took the place of the damaged one, which is kept in " + aside,
                            restore()
                                    .insteadOfDamaged(
                                            restore().stage(rows.head(), Mode.EVERYTHING, rows::next, now()),
                                            json,
                                            identity));
            files.endReplacing();
            return done;
        }
    }

    /** PostgreSQL rules and has everything: the new store only learns that, and is filled from it. */
    private static String beside(JsonStore json, Rule ruling, Path aside) throws IOException {
        item(json.adopt(ruling));
        item(json.needBackfill());
        return "PostgreSQL rules in " + ruling.phase()
                + " and has everything, so nothing was taken back; an empty store took the"
                + " place of the damaged one, which is kept in " + aside
                + (ruling.phase().dual()
                        ? ". Start the service, then fill it from PostgreSQL: ctl backup restore ID --store json"
                        : ". It is filled when the ledger goes back to it");
    }

    private Path setAside(RestoreFiles files) throws IOException {
        Path aside = folder.resolve(DAMAGED + Instant.now().toEpochMilli());
        Files.createDirectory(aside, PRIVATE);
        files.beginReplacing();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(Files::isRegularFile)
                    .filter(file -> !files.marks(file))
                    .toList()) {
                Files.move(file, aside.resolve(file.getFileName()));
            }
        }
        return aside;
    }

    /** A folder in use looks unusable too. @return holds the folder until it is closed */
    private FileChannel requireUnused() throws IOException {
        FileChannel lock =
                FileChannel.open(folder.resolve("ledger.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw inUse();
            }
            return lock;
        } catch (OverlappingFileLockException ours) {
            lock.close();
            throw inUse();
        } catch (IOException failure) {
            lock.close();
            throw failure;
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
            return uni.subscribeAsCompletionStage().get(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        }
    }
}

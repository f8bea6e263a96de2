package io.homebudget.backup.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotWriter;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.standin.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3CopiesIT {
    private static final String KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    static Path data;

    private static S3Server server;
    private static S3Client raw;
    private static int number;

    @TempDir
    Path folder;

    private final String prefix = "test-" + number++;

    @BeforeAll
    static void start() throws IOException {
        server = new S3Server(Files.createDirectory(data.resolve("s3")));
        raw = S3Client.builder()
                .endpointOverride(URI.create(server.url()))
                .forcePathStyle(true)
                .region(Region.US_EAST_1)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .build();
    }

    @AfterAll
    static void stop() throws IOException {
        raw.close();
        server.close();
    }

    @ParameterizedTest(name = "encrypted: {0}")
    @ValueSource(booleans = {false, true})
    void aCopyComesBackAsTheSnapshotItWas(boolean encrypted) throws Exception {
        // Given a snapshot with a file of several parts
        SnapshotId id = written(1);
        Transfers transfers = transfers(encrypted);
        transfers.upload(id, Progress.NONE);
        assertThat(transfers.remote()).containsExactly(id);
        assertThat(copies(encrypted).manifest(id))
                .isEqualTo(new Catalogue(folder).find(id).orElseThrow().manifest());
        String before =
                FileSummer.of(folder.resolve(id.text()), "json/noise.bin").sha256();
        // When the folder is lost
        Durable.removeTree(folder.resolve(id.text()));
        transfers.local(id, Progress.NONE);
        // Then
        Listed listed = new Catalogue(folder).find(id).orElseThrow();
        assertThat(listed.good()).isTrue();
        assertThat(FileSummer.of(folder.resolve(id.text()), "json/noise.bin").sha256())
                .isEqualTo(before);
    }

    @Test
    void withTheKeySetNothingReadableLeavesTheProcess() throws Exception {
        // Given
        SnapshotId id = written(2);
        // When
        transfers(true).upload(id, Progress.NONE);
        // Then
        for (S3Object object : objects()) {
            if (!object.key().endsWith(CopyList.NAME)) {
                byte[] stored = raw.getObjectAsBytes(
                                request -> request.bucket(S3Server.BUCKET).key(object.key()))
                        .asByteArray();
                assertThat(new String(stored, StandardCharsets.ISO_8859_1))
                        .as(object.key())
                        .doesNotContain("Snapshot", "entries", "\"id\"");
            }
        }
        // and without the key it is refused, naming the setting
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        assertThatThrownBy(() -> copies(false).fetch(id, elsewhere, Progress.NONE))
                .hasMessageContaining("BACKUP_S3_ENCRYPTION_KEY");
    }

    @ParameterizedTest(name = "encrypted: {0}")
    @ValueSource(booleans = {false, true})
    void aByteFlippedInTheStoreIsFoundOnFetchingAndNothingHalfIsListed(boolean encrypted) throws Exception {
        // Given
        SnapshotId id = written(3);
        Transfers transfers = transfers(encrypted);
        transfers.upload(id, Progress.NONE);
        String key = prefix + "/" + id + "/json/noise.bin";
        byte[] stored = raw.getObjectAsBytes(
                        request -> request.bucket(S3Server.BUCKET).key(key))
                .asByteArray();
        stored[stored.length / 2] ^= 1;
        raw.putObject(request -> request.bucket(S3Server.BUCKET).key(key), RequestBody.fromBytes(stored));
        Durable.removeTree(folder.resolve(id.text()));
        // When
        assertThatThrownBy(() -> transfers.local(id, Progress.NONE)).isInstanceOf(IOException.class);
        // Then
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void anInterruptedUploadIsNotListedAndGoesOnWithThePartsThatAreThere() throws Exception {
        // Given an upload of several parts that broke off after the first
        SnapshotId id = written(4);
        String key = prefix + "/" + id + "/json/noise.bin";
        byte[] noise = Files.readAllBytes(folder.resolve(id.text()).resolve("json/noise.bin"));
        PartedUpload cut = new PartedUpload(raw, S3Server.BUCKET, key, 5 << 20);
        cut.write(noise, 0, noise.length - 100);
        String uploadId = raw.listMultipartUploads(
                        request -> request.bucket(S3Server.BUCKET).prefix(key))
                .uploads()
                .get(0)
                .uploadId();
        Transfers transfers = transfers(false);
        assertThat(transfers.remote()).isEmpty();
        // When
        transfers.upload(id, Progress.NONE);
        // Then the same upload was completed
        assertThat(transfers.remote()).containsExactly(id);
        assertThat(raw.listMultipartUploads(
                                request -> request.bucket(S3Server.BUCKET).prefix(key))
                        .uploads())
                .extracting(upload -> upload.uploadId())
                .doesNotContain(uploadId);
        assertThat(raw.getObjectAsBytes(
                                request -> request.bucket(S3Server.BUCKET).key(key))
                        .asByteArray())
                .isEqualTo(noise);
    }

    @ParameterizedTest(name = "encrypted: {0}")
    @ValueSource(booleans = {false, true})
    void filesThatAnInterruptedCopyBroughtThereAreNotSentAgain(boolean encrypted) throws Exception {
        // Given a copy that ended before its last files
        SnapshotId id = written(7);
        Transfers transfers = transfers(encrypted);
        Progress ending = (share, doing) -> {
            if (doing.equals("copying RESTORE.md")) {
                throw new IllegalStateException("ended");
            }
        };
        assertThatThrownBy(() -> transfers.upload(id, ending)).hasMessage("ended");
        String key = prefix + "/" + id + "/json/noise.bin";
        Instant sent = raw.headObject(request -> request.bucket(S3Server.BUCKET).key(key))
                .lastModified();
        String tag = raw.headObject(request -> request.bucket(S3Server.BUCKET).key(key))
                .eTag();
        // When
        transfers.upload(id, Progress.NONE);
        // Then
        assertThat(transfers.remote()).containsExactly(id);
        assertThat(raw.headObject(request -> request.bucket(S3Server.BUCKET).key(key)))
                .matches(head -> head.lastModified().equals(sent) && head.eTag().equals(tag));
        assertThat(objects()).noneMatch(object -> object.key().endsWith(CopyList.UNFINISHED));
    }

    @Test
    void reconcilingCopiesWhatIsMissingAndRemovingLeavesNothing() throws Exception {
        // Given
        SnapshotId first = written(5);
        SnapshotId second = written(6);
        Transfers transfers = transfers(false);
        transfers.upload(first, Progress.NONE);
        // When
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(transfers.remote()).containsExactlyInAnyOrder(first, second);
        // When
        copies(false).remove(first);
        copies(false).remove(second);
        // Then
        assertThat(objects()).isEmpty();
    }

    @Test
    void aPinGoesWithTheCopyAndComesBackWithIt() throws Exception {
        // Given one that was pinned before it was copied, and one after
        SnapshotId before = written(8);
        SnapshotId after = written(9);
        Transfers transfers = transfers(false);
        new Catalogue(folder).update(before, state -> state.pinned(true));
        transfers.upload(before, Progress.NONE);
        transfers.upload(after, Progress.NONE);
        assertThat(copies(false).pinned()).containsExactly(before);
        // When
        assertThat(transfers.pin(after, true)).isTrue();
        assertThat(transfers.pin(before, false)).isTrue();
        // Then
        assertThat(copies(false).pinned()).containsExactly(after);
        // When the folder is lost
        Durable.removeTree(folder.resolve(after.text()));
        transfers.local(after, Progress.NONE);
        // Then
        Listed listed = new Catalogue(folder).find(after).orElseThrow();
        assertThat(listed.state().pinned()).isTrue();
        assertThat(listed.good()).isTrue();
        // When a mark was missed
        copies(false).pin(after, false);
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(copies(false).pinned()).containsExactly(after);
        // When
        copies(false).remove(after);
        // Then
        assertThat(copies(false).pinned()).isEmpty();
        copies(false).remove(before);
    }

    @Test
    void aSnapshotFoundDamagedHereIsReplacedByItsCopy() throws Exception {
        // Given
        SnapshotId id = written(10);
        Transfers transfers = transfers(false);
        transfers.upload(id, Progress.NONE);
        Catalogue catalogue = new Catalogue(folder);
        catalogue.update(id, state -> state.pinned(true));
        Path file = folder.resolve(id.text()).resolve("json/noise.bin");
        byte[] bytes = Files.readAllBytes(file);
        bytes[5] ^= 1;
        Files.write(file, bytes);
        assertThat(new Checker(catalogue, Clock.systemUTC()).check(id, Progress.NONE))
                .isNotEmpty();
        // When
        transfers.local(id, Progress.NONE);
        // Then
        assertThat(catalogue.find(id).orElseThrow())
                .matches(listed -> listed.good() && listed.state().pinned());
        assertThat(new Checker(catalogue, Clock.systemUTC()).check(id, Progress.NONE))
                .isEmpty();
        copies(false).remove(id);
    }

    @ParameterizedTest(name = "encrypted: {0}")
    @ValueSource(booleans = {false, true})
    void aFileThatIsNotTheManifestsIsNotCopied(boolean encrypted) throws Exception {
        // Given
        SnapshotId id = written(11);
        Path file = folder.resolve(id.text()).resolve("json/noise.bin");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        Transfers transfers = transfers(encrypted);
        SnapshotId whole = written(12);
        // When
        assertThatThrownBy(() -> transfers.upload(id, Progress.NONE))
                .hasMessageContaining("json/noise.bin")
                .hasNoSuppressedExceptions();
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(new Catalogue(folder).find(id).orElseThrow().good()).isFalse();
        assertThat(copies(encrypted).list()).contains(whole).doesNotContain(id);
        assertThat(objects()).noneMatch(object -> object.key().contains(id.text()));
        copies(encrypted).remove(whole);
    }

    /** What was found to be damaged while copying does not keep others from being copied, and is not tried again. */
    @Test
    void reconcilingGoesOnBehindADamagedSnapshot() throws Exception {
        // Given
        // the newest goes first
        SnapshotId damaged = written(15);
        Path file = folder.resolve(damaged.text()).resolve("json/noise.bin");
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] ^= 1;
        Files.write(file, bytes);
        SnapshotId gone = written(14);
        Files.delete(folder.resolve(gone.text()).resolve("json/noise.bin"));
        SnapshotId whole = written(13);
        Transfers transfers = transfers(false);
        // When
        Map<SnapshotId, Flaw> found = transfers.reconcile(Progress.NONE);
        // Then
        assertThat(copies(false).list()).contains(whole).doesNotContain(damaged, gone);
        assertThat(found).containsOnlyKeys(damaged, gone);
        assertThat(found.values())
                .allSatisfy(flaw -> assertThat(flaw.toString()).contains("json/noise.bin"));
        assertThat(transfers.standing().word()).isEqualTo("failing");
        assertThat(transfers.standing().trouble()).contains(damaged.text(), gone.text(), "json/noise.bin");
        assertThat(new Catalogue(folder).list())
                .filteredOn(listed -> listed.good())
                .extracting(Listed::id)
                .contains(whole)
                .doesNotContain(damaged, gone);
        copies(false).remove(whole);
    }

    @Test
    void aStoreThatIsAwaySaysSo() {
        BackupConfig.S3 nowhere = config(false, "http://127.0.0.1:1");
        try (S3Copies copies = new S3Copies(nowhere)) {
            assertThatThrownBy(copies::list).isInstanceOf(IOException.class).hasMessageContaining(S3Server.BUCKET);
        }
    }

    private List<S3Object> objects() {
        return raw.listObjectsV2(request -> request.bucket(S3Server.BUCKET).prefix(prefix + "/"))
                .contents();
    }

    private Transfers transfers(boolean encrypted) {
        return new Transfers(new Catalogue(folder), copies(encrypted), Clock.systemUTC());
    }

    private S3Copies copies(boolean encrypted) {
        return new S3Copies(config(encrypted, server.url()));
    }

    private SnapshotId written(int random) throws IOException {
        SnapshotId id = SnapshotId.at(NOW, random);
        byte[] noise = new byte[(11 << 20) + 17];
        new Random(random).nextBytes(noise);
        Arrays.fill(noise, 0, 100, (byte) 'x');
        Exports.snapshot(
                folder,
                id,
                new SnapshotWriter.Description(NOW, Reason.MANUAL, "operator", null, null, List.of(), List.of()),
                writer -> writer.file("json/noise.bin", out -> out.write(noise)));
        new Catalogue(folder).checked(id, NOW, List.of());
        return id;
    }

    private BackupConfig.S3 config(boolean encrypted, String endpoint) {
        return new BackupConfig.S3() {
            @Override
            public Optional<String> bucket() {
                return Optional.of(S3Server.BUCKET);
            }

            @Override
            public Optional<String> prefix() {
                return Optional.of(prefix);
            }

            @Override
            public Optional<String> endpoint() {
                return Optional.of(endpoint);
            }

            @Override
            public String region() {
                return "us-east-1";
            }

            @Override
            public Optional<String> accessKey() {
                return Optional.of("a");
            }

            @Override
            public Optional<String> secretKey() {
                return Optional.of("b");
            }

            @Override
            public boolean pathStyle() {
                return true;
            }

            @Override
            public Optional<String> encryptionKey() {
                return encrypted ? Optional.of(KEY) : Optional.empty();
            }

            @Override
            public Duration callTimeout() {
                return Duration.ofSeconds(20);
            }

            @Override
            public Duration listTimeout() {
                return Duration.ofSeconds(5);
            }

            @Override
            public int attempts() {
                return 2;
            }

            @Override
            public Duration firstPause() {
                return Duration.ofSeconds(1);
            }

            @Override
            public Duration longestPause() {
                return Duration.ofSeconds(8);
            }

            @Override
            public int partMegabytes() {
                return 5;
            }
        };
    }
}

package io.homebudget.backup.remote;

import io.homebudget.backup.catalogue.StateFile;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.FileSum;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.jobs.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.commons.io.input.TeeInputStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Copies in a bucket of any S3-compatible store, one object per file, under {@code PREFIX/ID/}. */
public final class S3Copies implements RemoteCopies, AutoCloseable {
    private static final long MEGABYTE = 1 << 20;
    /** Read at once of a file that is sent. */
    private static final int PIECE = 1 << 16;
    /** An empty object beside a copy's files; not encrypted, since it says nothing. */
    private static final String PINNED = "PINNED";

    /** Waits out a store that is away for a minute. */
    private final S3Client s3;
    /** Gives up soon: somebody waits for a list, and a store that hangs must not make it hang. */
    private final S3Client impatient;

    private final String bucket;
    private final String prefix;
    private final int partBytes;
    private final Sealing sealing;

    /** Connects to nothing before the first call. */
    public S3Copies(BackupConfig.S3 config) {
        bucket = config.bucket().orElseThrow();
        String wanted = config.prefix().orElse("");
        prefix = wanted.isEmpty() || wanted.endsWith("/") ? wanted : wanted + "/";
        partBytes = Math.toIntExact(config.partMegabytes() * MEGABYTE);
        sealing = config.encryptionKey().map(Sealing::new).orElse(null);
        s3 = client(config, override -> override.retryStrategy(RetryMode.STANDARD)
                .retryStrategy(strategy -> strategy.maxAttempts(config.attempts())
                        .backoffStrategy(BackoffStrategy.exponentialDelayHalfJitter(
                                config.firstPause(), config.longestPause()))));
        impatient = client(config, override -> override.apiCallTimeout(config.listTimeout()));
    }

    private static S3Client client(BackupConfig.S3 config, Consumer<ClientOverrideConfiguration.Builder> patience) {
        S3ClientBuilder builder = S3Client.builder()
                .region(Region.of(config.region()))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                // every object and part carries its SHA-256; the newer trailers are not understood everywhere
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .forcePathStyle(config.pathStyle())
                .overrideConfiguration(
                        override -> patience.accept(override.apiCallAttemptTimeout(config.callTimeout())));
        config.endpoint().map(URI::create).ifPresent(builder::endpointOverride);
        if (config.accessKey().isPresent() && config.secretKey().isPresent()) {
            builder.credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(
                    config.accessKey().get(), config.secretKey().get())));
        }
        return builder.build();
    }

    private interface Call<T> {
        T run() throws IOException, InterruptedException;
    }

    private interface QuietCall<T> {
        T run() throws IOException;
    }

    @Override
    public boolean configured() {
        return true;
    }

    @Override
    public Set<SnapshotId> list() throws IOException {
        return having(CopyList.NAME, s3);
    }

    @Override
    public Set<SnapshotId> listSoon() throws IOException {
        return having(CopyList.NAME, impatient);
    }

    @Override
    public Set<SnapshotId> pinned() throws IOException {
        return having(PINNED, s3);
    }

    @Override
    public Set<SnapshotId> pinnedSoon() throws IOException {
        return having(PINNED, impatient);
    }

    @Override
    public void pin(SnapshotId id, boolean pinned) throws IOException {
        asking(() -> {
            mark(id, pinned);
            return null;
        });
    }

    private void mark(SnapshotId id, boolean pinned) throws IOException {
        if (pinned) {
            try (OutputStream empty = new PartedUpload(s3, bucket, key(id, PINNED), partBytes)) {
                empty.flush();
            }
        } else {
            s3.deleteObject(request -> request.bucket(bucket).key(key(id, PINNED)));
        }
    }

    private Set<SnapshotId> having(String name, S3Client asked) throws IOException {
        return asking(() -> {
            Set<SnapshotId> found = new TreeSet<>();
            for (S3Object object : asked.listObjectsV2Paginator(
                            request -> request.bucket(bucket).prefix(prefix))
                    .contents()) {
                String[] names = object.key().substring(prefix.length()).split("/", 2);
                if (names.length == 2 && names[1].equals(name)) {
                    SnapshotId.ofName(names[0]).ifPresent(found::add);
                }
            }
            return found;
        });
    }

    @Override
    public Manifest manifest(SnapshotId id) throws IOException {
        return asking(() -> {
            CopyList list = whole(id);
            String key = key(id, Manifest.FILE);
            try (InputStream stored =
                            s3.getObject(request -> request.bucket(bucket).key(key));
                    InputStream plain = list.sealedBy() == null ? stored : sealing.open(stored, key)) {
                return SnapshotJson.MAPPER.readValue(plain, Manifest.class);
            }
        });
    }

    @Override
    public void upload(SnapshotId id, Path folder, Progress progress) throws IOException, InterruptedException {
        calling(() -> {
            try {
                copy(id, folder, progress);
            } catch (DamagedSnapshot e) {
                // it is copied never again, so nobody would come to remove what is there of it
                try {
                    remove(id);
                } catch (IOException left) {
                    e.addSuppressed(left);
                }
                throw e;
            }
            return null;
        });
    }

    private void copy(SnapshotId id, Path folder, Progress progress) throws IOException, InterruptedException {
        if (head(key(id, CopyList.NAME)) != null) {
            return;
        }
        Manifest manifest = SnapshotReader.open(folder).manifest();
        List<String> paths = new ArrayList<>();
        manifest.files().forEach(file -> paths.add(file.path()));
        paths.addAll(List.of(Manifest.FILE, Manifest.SUMS));
        Map<String, CopyList.Item> items = unfinished(id);
        long total = Math.max(1, manifest.bytes());
        long done = 0;
        for (String path : paths) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the copy was interrupted");
            }
            progress.at((double) done / total, "copying " + path);
            if (!there(id, items.get(path))) {
                FileSum sent = send(id, folder, path, manifest.file(path).orElse(null));
                items.put(path, new CopyList.Item(path, sent.bytes(), sent.sha256()));
                write(id, CopyList.UNFINISHED, paths, items);
            }
            done += manifest.file(path).map(FileSum::bytes).orElse(0L);
        }
        if (StateFile.read(folder).pinned()) {
            mark(id, true);
        }
        write(id, CopyList.NAME, paths, items);
        s3.deleteObject(request -> request.bucket(bucket).key(key(id, CopyList.UNFINISHED)));
        progress.at(1, "copied");
    }

    /** What an interrupted copy has brought there, with the same key. */
    private Map<String, CopyList.Item> unfinished(SnapshotId id) throws IOException {
        Map<String, CopyList.Item> items = new HashMap<>();
        CopyList before = read(id, CopyList.UNFINISHED);
        if (before != null && Objects.equals(before.sealedBy(), sealedBy())) {
            before.items().forEach(item -> items.put(item.path(), item));
        }
        return items;
    }

    private boolean there(SnapshotId id, CopyList.Item item) {
        if (item == null) {
            return false;
        }
        HeadObjectResponse found = head(key(id, item.path()));
        return found != null && found.contentLength() == item.bytes();
    }

    private void write(SnapshotId id, String name, List<String> paths, Map<String, CopyList.Item> items)
            throws IOException {
        CopyList list = new CopyList(
                CopyList.FORMAT,
                id,
                sealedBy(),
                paths.stream().map(items::get).filter(Objects::nonNull).toList());
        try (OutputStream out = new PartedUpload(s3, bucket, key(id, name), partBytes)) {
            out.write(SnapshotJson.MAPPER.writeValueAsBytes(list));
        }
    }

    private String sealedBy() {
        return sealing == null ? null : sealing.fingerprint();
    }

    /**
     * @param expected what the manifest says of the file; null of the manifest and the sums themselves
     * @throws DamagedSnapshot where the file cannot be read, or is another one now: then no object was made of it
     */
    private FileSum send(SnapshotId id, Path folder, String path, FileSum expected) throws IOException {
        String key = key(id, path);
        PartedUpload upload = new PartedUpload(s3, bucket, key, partBytes);
        FileSummer summer = new FileSummer();
        // closing is what makes the object: not after a failure
        OutputStream out = sealing == null ? upload : sealing.seal(upload, key);
        byte[] piece = new byte[PIECE];
        try (InputStream in = read(path, () -> Files.newInputStream(folder.resolve(path)))) {
            for (int length = read(path, () -> in.read(piece));
                    length >= 0;
                    length = read(path, () -> in.read(piece))) {
                summer.write(piece, 0, length);
                out.write(piece, 0, length);
            }
        }
        if (expected != null && !summer.finish(path).sha256().equals(expected.sha256())) {
            throw new DamagedSnapshot(
                    new Flaw(path, "", "it is not copied: its SHA-256 is not the one that the manifest says"));
        }
        out.close();
        upload.close();
        return upload.sum();
    }

    /** What cannot be read here is damage here, and no trouble of the store. */
    private static <T> T read(String path, QuietCall<T> reading) throws DamagedSnapshot {
        try {
            return reading.run();
        } catch (NoSuchFileException e) {
            throw new DamagedSnapshot(new Flaw(path, "", "it is missing"), e);
        } catch (IOException e) {
            throw new DamagedSnapshot(new Flaw(path, "", "it cannot be read: " + e.getMessage()), e);
        }
    }

    @Override
    public void fetch(SnapshotId id, Path into, Progress progress) throws IOException, InterruptedException {
        calling(() -> {
            CopyList list = whole(id);
            long total = Math.max(
                    1, list.items().stream().mapToLong(CopyList.Item::bytes).sum());
            long done = 0;
            for (CopyList.Item item : list.items()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("fetching was interrupted");
                }
                // refuses paths that lead out of the snapshot
                FileSum checked = new FileSum(item.path(), item.bytes(), item.sha256(), List.of());
                progress.at((double) done / total, "fetching " + item.path());
                receive(id, checked, into, list.sealedBy() != null);
                done += item.bytes();
            }
            return null;
        });
    }

    /** Of a whole copy that can be read. */
    private CopyList whole(SnapshotId id) throws IOException {
        CopyList list = read(id, CopyList.NAME);
        if (list == null) {
            throw new IOException("there is no whole copy of " + id);
        }
        if (list.sealedBy() != null && !list.sealedBy().equals(sealedBy())) {
            throw new IOException("the copy of " + id + " is encrypted with the key " + list.sealedBy()
                    + ": set BACKUP_S3_ENCRYPTION_KEY to the one that it was made with");
        }
        return list;
    }

    /** Null where there is none. */
    private CopyList read(SnapshotId id, String name) throws IOException {
        try (InputStream in = s3.getObject(request -> request.bucket(bucket).key(key(id, name)))) {
            return SnapshotJson.MAPPER.readValue(in, CopyList.class);
        } catch (NoSuchKeyException e) {
            return null;
        }
    }

    private void receive(SnapshotId id, FileSum item, Path into, boolean encrypted) throws IOException {
        Path file = into.resolve(item.path());
        Durable.folder(file.getParent());
        String key = key(id, item.path());
        FileSummer summer = new FileSummer();
        try (InputStream stored = new TeeInputStream(
                        s3.getObject(request -> request.bucket(bucket).key(key)), summer);
                InputStream plain = encrypted ? sealing.open(stored, key) : stored;
                FileChannel channel = Durable.create(file)) {
            plain.transferTo(Channels.newOutputStream(channel));
            // what a decrypting stream did not need to look at counts all the same
            stored.transferTo(OutputStream.nullOutputStream());
            channel.force(true);
        }
        FileSum found = summer.finish(item.path());
        if (!found.sha256().equals(item.sha256())) {
            throw new DamagedSnapshot(new Flaw(
                    item.path(), "", "its copy in the store is damaged: its SHA-256 is not the one that was sent"));
        }
        Durable.syncFolder(file.getParent());
    }

    /** The name that makes it a copy goes first. */
    @Override
    public void remove(SnapshotId id) throws IOException {
        asking(() -> {
            String folder = prefix + id + "/";
            s3.deleteObject(request -> request.bucket(bucket).key(key(id, CopyList.NAME)));
            for (S3Object object : s3.listObjectsV2Paginator(
                            request -> request.bucket(bucket).prefix(folder))
                    .contents()) {
                s3.deleteObject(request -> request.bucket(bucket).key(object.key()));
            }
            for (MultipartUpload upload : s3.listMultipartUploadsPaginator(
                            request -> request.bucket(bucket).prefix(folder))
                    .uploads()) {
                s3.abortMultipartUpload(
                        request -> request.bucket(bucket).key(upload.key()).uploadId(upload.uploadId()));
            }
            return null;
        });
    }

    private HeadObjectResponse head(String key) {
        try {
            return s3.headObject(request -> request.bucket(bucket).key(key));
        } catch (NoSuchKeyException e) {
            return null;
        }
    }

    private String key(SnapshotId id, String path) {
        return prefix + id + "/" + path;
    }

    private <T> T asking(QuietCall<T> call) throws IOException {
        try {
            return call.run();
        } catch (SdkException e) {
            throw new IOException("the S3 store at bucket " + bucket + ": " + e.getMessage(), e);
        }
    }

    private <T> T calling(Call<T> call) throws IOException, InterruptedException {
        try {
            return call.run();
        } catch (SdkException e) {
            throw new IOException("the S3 store at bucket " + bucket + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        s3.close();
        impatient.close();
    }
}

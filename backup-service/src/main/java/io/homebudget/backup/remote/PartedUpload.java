package io.homebudget.backup.remote;

import io.homebudget.backup.format.FileSum;
import io.homebudget.backup.format.FileSummer;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

/**
 * One object, given as a stream and uploaded in parts, each with its SHA-256, which the store checks. What fits into one part goes in
 * one call. Parts that an interrupted upload left there with the same checksum are not sent again. Memory is one part.
 */
final class PartedUpload extends OutputStream {
    private final S3Client s3;
    private final String bucket;
    private final String key;
    private final byte[] part;
    private final FileSummer summer = new FileSummer();
    private final List<CompletedPart> done = new ArrayList<>();
    private Map<Integer, Part> there = Map.of();
    private String uploadId;
    private int filled;
    private FileSum sum;

    PartedUpload(S3Client s3, String bucket, String key, int partBytes) {
        this.s3 = s3;
        this.bucket = bucket;
        this.key = key;
        this.part = new byte[partBytes];
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int from, int length) throws IOException {
        summer.write(piece, from, length);
        int at = from;
        int left = length;
        while (left > 0) {
            if (filled == part.length) {
                sendPart();
            }
            int taken = Math.min(part.length - filled, left);
            System.arraycopy(piece, at, part, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
        }
    }

    private void sendPart() {
        if (uploadId == null) {
            begin();
        }
        int number = done.size() + 1;
        String checksum = sha256(part, filled);
        Part before = there.get(number);
        String tag;
        if (before != null && checksum.equals(before.checksumSHA256()) && before.size() == filled) {
            tag = before.eTag();
        } else {
            tag = s3.uploadPart(
                            request -> request.bucket(bucket)
                                    .key(key)
                                    .uploadId(uploadId)
                                    .partNumber(number)
                                    .checksumSHA256(checksum),
                            RequestBody.fromBytes(Arrays.copyOf(part, filled)))
                    .eTag();
        }
        done.add(CompletedPart.builder()
                .partNumber(number)
                .eTag(tag)
                .checksumSHA256(checksum)
                .build());
        filled = 0;
    }

    /** Goes on with the newest unfinished upload of this object, if there is one. */
    private void begin() {
        uploadId = s3
                .listMultipartUploadsPaginator(request -> request.bucket(bucket).prefix(key))
                .uploads()
                .stream()
                .filter(upload -> upload.key().equals(key))
                .max(Comparator.comparing(MultipartUpload::initiated))
                .map(MultipartUpload::uploadId)
                .orElse(null);
        if (uploadId == null) {
            uploadId = s3.createMultipartUpload(
                            request -> request.bucket(bucket).key(key).checksumAlgorithm(ChecksumAlgorithm.SHA256))
                    .uploadId();
            return;
        }
        there = new HashMap<>();
        s3.listPartsPaginator(request -> request.bucket(bucket).key(key).uploadId(uploadId)).parts().stream()
                .forEach(found -> there.put(found.partNumber(), found));
    }

    /** Only after closing: of what was stored. */
    FileSum sum() {
        return sum;
    }

    @Override
    public void close() throws IOException {
        if (sum != null) {
            return;
        }
        if (uploadId == null) {
            String checksum = sha256(part, filled);
            s3.putObject(
                    request -> request.bucket(bucket).key(key).checksumSHA256(checksum),
                    RequestBody.fromBytes(Arrays.copyOf(part, filled)));
        } else {
            sendPart();
            s3.completeMultipartUpload(request ->
                    request.bucket(bucket).key(key).uploadId(uploadId).multipartUpload(parts -> parts.parts(done)));
        }
        FileSum sent = summer.finish(key);
        long stored = s3.headObject(request -> request.bucket(bucket).key(key)).contentLength();
        if (stored != sent.bytes()) {
            throw new IOException(key + " has " + stored + " bytes in the store, sent were " + sent.bytes());
        }
        sum = sent;
    }

    private static String sha256(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bytes, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every Java platform must have", e);
        }
    }
}

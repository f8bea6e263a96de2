package io.homebudget.backup.remote;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import io.homebudget.backup.format.FileSummer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;

/**
 * Encrypts what leaves this process, in a stream: AES-256-GCM in segments of 1 MiB, each with a key derived for the one object. A
 * changed, missing or exchanged segment is found on reading; an object put under another name is too.
 */
final class Sealing {
    private static final int KEY_BYTES = 32;
    private static final int SEGMENT = 1 << 20;

    private static final int FINGERPRINT_BYTES = 8;

    private final AesGcmHkdfStreaming cipher;
    private final String fingerprint;

    /** @throws IllegalArgumentException naming the setting and never its value */
    Sealing(String base64Key) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(base64Key.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("BACKUP_S3_ENCRYPTION_KEY is not Base64");
        }
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("BACKUP_S3_ENCRYPTION_KEY has " + key.length + " bytes, needed are "
                    + KEY_BYTES + ". Make one with: openssl rand -base64 32");
        }
        fingerprint = fingerprint(key);
        try {
            cipher = new AesGcmHkdfStreaming(key, "HmacSha256", KEY_BYTES, SEGMENT, 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no AES-GCM, which every Java platform must have", e);
        }
    }

    /** Tells keys apart and nothing about them: 64 bits of a hash of 256 random ones. */
    String fingerprint() {
        return fingerprint;
    }

    private static String fingerprint(byte[] key) {
        FileSummer summer = new FileSummer();
        summer.write(key, 0, key.length);
        return summer.finish("key").sha256().substring(0, 2 * FINGERPRINT_BYTES);
    }

    /** @param name of the object, bound to its content */
    OutputStream seal(OutputStream out, String name) throws IOException {
        try {
            return cipher.newEncryptingStream(out, name.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot encrypt", e);
        }
    }

    InputStream open(InputStream in, String name) throws IOException {
        try {
            return cipher.newDecryptingStream(in, name.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot decrypt", e);
        }
    }
}

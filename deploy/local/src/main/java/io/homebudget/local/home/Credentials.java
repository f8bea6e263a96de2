package io.homebudget.local.home;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The secrets of one home: made on the first start, kept afterwards, readable by their owner only. */
public final class Credentials {
    public static final String OWNER = "home_budget";
    public static final String DATABASE = "home_budget";
    private static final Pattern PASSWORD = Pattern.compile("postgresql://[^:]+:([^@]+)@.*");
    private final Path folder;

    public Credentials(Home home) {
        this.folder = home.credentials();
    }

    /** Makes what is missing and brings {@code postgres.url} to this start's port. */
    public Credentials ensure(Ports ports) {
        try {
            Home.privateFolder(folder);
            for (String name : new String[] {"operator.token", "viewer.token", "service.token", "postgres.superuser"}) {
                if (!Files.exists(folder.resolve(name))) {
                    write(name, secret());
                }
            }
            Path url = folder.resolve("postgres.url");
            String password = Files.exists(url) ? ownerPassword() : secret();
            String wanted =
                    "postgresql://" + OWNER + ":" + password + "@localhost:" + ports.of("postgres") + "/" + DATABASE;
            if (!Files.exists(url) || !wanted.equals(read("postgres.url"))) {
                write("postgres.url", wanted);
            }
            return this;
        } catch (IOException e) {
            throw new Refused("The credentials in " + folder + " cannot be made: " + e.getMessage());
        }
    }

    public String operator() {
        return read("operator.token");
    }

    public String viewer() {
        return read("viewer.token");
    }

    public String service() {
        return read("service.token");
    }

    public String postgresUrl() {
        return read("postgres.url");
    }

    public String superuserPassword() {
        return read("postgres.superuser");
    }

    public Path superuserPasswordFile() {
        return folder.resolve("postgres.superuser");
    }

    public String ownerPassword() {
        Matcher matcher = PASSWORD.matcher(postgresUrl());
        if (!matcher.matches()) {
            throw new Refused(folder.resolve("postgres.url")
                    + " is not a PostgreSQL URL with a password. Put back what was there (postgresql://" + OWNER
                    + ":PASSWORD@localhost:PORT/" + DATABASE + ").");
        }
        return matcher.group(1);
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve(name)).strip();
        } catch (IOException e) {
            throw new Refused("The credential " + folder.resolve(name) + " cannot be read (" + e.getMessage()
                    + "). It is made by deploy/local/up on its first start.");
        }
    }

    private void write(String name, String value) throws IOException {
        Path beside = folder.resolve(name + ".tmp");
        Files.deleteIfExists(beside);
        Files.createFile(beside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(beside, (value + "\n").getBytes(StandardCharsets.UTF_8));
        Files.move(beside, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String secret() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

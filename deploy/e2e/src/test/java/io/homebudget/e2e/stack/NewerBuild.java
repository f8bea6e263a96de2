package io.homebudget.e2e.stack;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** A service's build in a folder of its own, to which a step of its schema can be added: the next version of that service. */
public final class NewerBuild {
    private final String service;
    private final Path folder;

    /** Copies what is packaged. @param folder is made */
    public NewerBuild(String service, Path folder) throws IOException {
        this.service = service;
        this.folder = folder;
        Path root = Path.of(System.getProperty("homebudget.root", "../.."));
        Path packaged = root.resolve(service + "-service/target/quarkus-app");
        try (Stream<Path> all = Files.walk(packaged)) {
            for (Path file : all.toList()) {
                Files.copy(file, folder.resolve(packaged.relativize(file).toString()));
            }
        }
    }

    public Path jar() {
        return folder.resolve("quarkus-run.jar");
    }

    /** To be called while the service is stopped. @param name as Flyway takes it, for example {@code V2__name.sql} */
    public void add(String name, String sql) throws IOException {
        try (Stream<Path> jars = Files.list(folder.resolve("app"));
                FileSystem jar = FileSystems.newFileSystem(jars.findFirst().orElseThrow())) {
            Files.writeString(jar.getPath("db", service, name), sql);
        }
    }
}

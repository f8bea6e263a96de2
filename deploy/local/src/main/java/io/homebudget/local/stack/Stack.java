package io.homebudget.local.stack;

import io.homebudget.local.frontdoor.FrontDoor;
import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Ports;
import io.homebudget.local.kafka.Broker;
import io.homebudget.local.postgres.PostgresMember;
import io.homebudget.local.supervision.Member;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the local stack consists of, and with which settings: one place, each number with its reason. */
public final class Stack {
    public static final List<String> SERVICES = List.of("expense", "income", "migration", "backup");
    /** In the order of starting; services tolerate the absence of each other. */
    public static final List<String> MEMBERS =
            List.of("postgres", "kafka", "expense", "income", "migration", "backup", "front-door");
    /** Clients are turned away first, stores go last; what is in one stage stops side by side. */
    public static final List<List<String>> STOP_STAGES = List.of(
            List.of("front-door"),
            List.of("migration", "backup"),
            List.of("expense", "income"),
            List.of("kafka"),
            List.of("postgres"));

    private static final String SERIAL = "-XX:+UseSerialGC";
    /** Holds 1,000,000 entries in memory within 1.2 GB resident; the serial collector keeps the least beside the heap. */
    private static final List<String> LEDGER_HEAP = List.of("-Xms64m", "-Xmx900m", SERIAL);
    /** Streams in chunks, holds no ledger. */
    private static final List<String> SMALL_HEAP = List.of("-Xms32m", "-Xmx256m", SERIAL);
    /**
     * At most 50 MB of objects live, an import or a verification of a million entries included; classes, compiled code and threads
     * take about 170 MB beside the heap. The first compiler alone: the second one wants 40 MB for itself while it works, and takes
     * processor time from clients for code that mostly waits. What malloc keeps after a burst is given back by Java versions
     * that can.
     */
    private static final List<String> MIGRATION_HEAP = List.of(
            "-Xms32m",
            "-Xmx128m",
            SERIAL,
            "-XX:TieredStopAtLevel=1",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:TrimNativeHeapInterval=30000");
    /** One node with a handful of partitions; its data is in the page cache, not in the heap. */
    private static final List<String> KAFKA_HEAP = List.of("-Xms64m", "-Xmx320m", SERIAL);
    /** Passes bodies through in pieces; memory is per connection, not per body. */
    private static final List<String> FRONT_DOOR_HEAP = List.of("-Xms32m", "-Xmx160m", SERIAL);

    private final Path root;
    private final Home home;
    private final Ports ports;
    private final Credentials credentials;

    /** @param root the repository, where the services' builds lie */
    public Stack(Path root, Home home, Ports ports, Credentials credentials) {
        this.root = root;
        this.home = home;
        this.ports = ports;
        this.credentials = credentials;
    }

    /** All members; which are started is the caller's choice. */
    public List<Member> members() {
        List<Member> members = new ArrayList<>();
        members.add(new PostgresMember(home, ports, credentials));
        members.add(new JavaMember(
                "kafka",
                home,
                KAFKA_HEAP,
                false,
                main(
                        Broker.class,
                        home.kafkaData().toString(),
                        Integer.toString(ports.of("kafka")),
                        Integer.toString(ports.of("kafka controller"))),
                Map.of(),
                ReadyProbe.listening(ports.of("kafka")),
                Duration.ofSeconds(20)));
        for (String service : SERVICES) {
            boolean ledger = service.equals("expense") || service.equals("income");
            members.add(new JavaMember(
                    service,
                    home,
                    ledger ? LEDGER_HEAP : service.equals("migration") ? MIGRATION_HEAP : SMALL_HEAP,
                    !ledger,
                    List.of("-jar", serviceJar(root, service).toString()),
                    serviceEnvironment(service),
                    ReadyProbe.http(ports.url(service)),
                    // a ledger writes its array file anew on a clean stop: seconds for a million entries
                    Duration.ofSeconds(ledger ? 60 : 20)));
        }
        members.add(new JavaMember(
                "front-door",
                home,
                FRONT_DOOR_HEAP,
                false,
                main(FrontDoor.class, Integer.toString(ports.frontDoor())),
                Map.of(),
                ReadyProbe.http(ports.url("front-door")),
                Duration.ofSeconds(10)));
        return members;
    }

    static Path serviceJar(Path root, String service) {
        return root.resolve(service + "-service/target/quarkus-app/quarkus-run.jar");
    }

    private Map<String, String> serviceEnvironment(String service) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("ENV", "dev");
        // glibc keeps a pool of freed memory per thread otherwise: 40 MB more in a service of 30 threads
        environment.put("MALLOC_ARENA_MAX", "2");
        environment.put("PORT", Integer.toString(ports.of(service)));
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(ports.of(service)));
        // this is one person's machine: nothing listens to the network
        environment.put("QUARKUS_HTTP_HOST", "localhost");
        // the front door, which sets X-Forwarded-For itself, is the only caller from elsewhere
        environment.put("TRUST_PROXY", "true");
        // set even where PostgreSQL and Kafka are left out: a later `ctl start` is then noticed without a restart
        environment.put("DATABASE_URL", credentials.postgresUrl());
        environment.put("KAFKA_BOOTSTRAP_SERVERS", "localhost:" + ports.of("kafka"));
        environment.put("LEDGER_DATA_DIR", home.data().resolve(service).toString());
        environment.put("BACKUP_DIR", home.backups().toString());
        if (service.equals("migration")) {
            // on the disk of PostgreSQL, so that a run can tell whether there is room; survives a restart
            environment.put("DATABASE_DISK_PATH", home.data().toString());
            environment.put("IMPORT_DIR", home.data().resolve("imports").toString());
        }
        environment.put("OPERATOR_TOKEN", credentials.operator());
        environment.put("VIEWER_TOKEN", credentials.viewer());
        environment.put("SERVICE_TOKEN", credentials.service());
        environment.put("EXPENSE_URL", ports.url("expense"));
        environment.put("INCOME_URL", ports.url("income"));
        environment.put("MIGRATION_URL", ports.url("migration"));
        environment.put("BACKUP_URL", ports.url("backup"));
        environment.put("FRONT_DOOR_URL", ports.url("front-door"));
        return environment;
    }

    private static List<String> main(Class<?> main, String... arguments) {
        List<String> launch = new ArrayList<>(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        launch.addAll(List.of(arguments));
        return launch;
    }
}

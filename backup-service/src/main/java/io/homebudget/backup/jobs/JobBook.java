package io.homebudget.backup.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.SnapshotJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * All jobs, each in a small file of its own under {@code .jobs}: they outlive the process, with PostgreSQL absent too.
 *
 * <p>Guarantees: a job's beginning, its end and each told fact are on disk before anybody sees them; progress between is in
 * memory only. What a killed process left unfinished is marked failed by the next owner of the folder (A30). The
 * newest {@link #KEPT} of each type are kept, so that hourly snapshots do not push out a monthly drill.
 */
public final class JobBook {
    /** More than a year of daily snapshots; 1 KB each. */
    static final int KEPT = 500;

    private static final Logger LOG = Logger.getLogger(JobBook.class);
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final Clock clock;
    private final Map<UUID, Job> jobs = new ConcurrentHashMap<>();

    public JobBook(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /** Reads what is there and ends what nobody works on any more. Only the owner of the folder may call it. */
    public void open() throws IOException {
        Durable.folder(folder);
        jobs.clear();
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.filter(file -> file.getFileName().toString().endsWith(SUFFIX))
                    .toList();
        }
        for (Path file : files) {
            try {
                Job job = SnapshotJson.MAPPER.readValue(Files.readAllBytes(file), Job.class);
                jobs.put(job.id(), job);
            } catch (JsonProcessingException e) {
                LOG.warnf("a job's file cannot be read and is passed over: file=%s", file.getFileName());
            }
        }
        for (Job job : List.copyOf(jobs.values())) {
            if (!job.state().isFinal()) {
                change(job.id(), one -> one.failed(clock.instant(), Job.STOPPED), true);
            }
        }
        prune();
    }

    public Optional<Job> find(UUID id) {
        return Optional.ofNullable(jobs.get(id));
    }

    /** Newest first. */
    public List<Job> all() {
        return jobs.values().stream()
                .sorted(Comparator.comparing(Job::createdAt)
                        .thenComparing(Job::id)
                        .reversed())
                .toList();
    }

    Job add(JobOrder order) throws IOException {
        prune();
        Job job = Job.queued(UUID.randomUUID(), order, clock.instant());
        write(job);
        jobs.put(job.id(), job);
        return job;
    }

    /** @param durable false for progress, which a crash may forget */
    void change(UUID id, UnaryOperator<Job> change, boolean durable) throws IOException {
        Job changed = change.apply(jobs.get(id));
        if (durable) {
            write(changed);
        }
        jobs.put(id, changed);
    }

    private void write(Job job) throws IOException {
        Durable.replace(folder.resolve(job.id() + SUFFIX), SnapshotJson.MAPPER.writeValueAsBytes(job));
    }

    private void prune() throws IOException {
        Map<String, Integer> ofType = new HashMap<>();
        for (Job job : all()) {
            if (ofType.merge(job.type(), 1, Integer::sum) > KEPT && job.state().isFinal()) {
                jobs.remove(job.id());
                Files.deleteIfExists(folder.resolve(job.id() + SUFFIX));
            }
        }
    }
}

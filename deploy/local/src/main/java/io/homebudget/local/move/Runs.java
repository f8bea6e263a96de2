package io.homebudget.local.move;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs and verifications of migration-service, asked for and followed to their end. */
public final class Runs {
    private static final String ROOT = "/api/v1/migration";
    private static final String SUCCEEDED = "succeeded";
    /** Gates may open by themselves (a follower catches up, a store comes back); longer waits are the person's decision. */
    private static final Duration GATE_LIMIT = Duration.ofSeconds(60);

    private final JsonHttp http;
    private final Jobs jobs;
    private final ProgressLine progress;

    public Runs(JsonHttp operator, ProgressLine progress) {
        this.http = operator;
        this.progress = progress;
        this.jobs = new Jobs(operator, progress);
    }

    /** The kind's part of {@code GET /status}, waiting while the service or the phase is not known yet. */
    public JsonNode status(Kind kind) throws Stopped, InterruptedException {
        long limit = System.nanoTime() + GATE_LIMIT.toNanos();
        String trouble = "";
        while (System.nanoTime() < limit) {
            try {
                Answer answer = http.get(ROOT + "/status");
                JsonNode status = answer.json().path(kind.word());
                if (answer.ok() && status.hasNonNull("phase")) {
                    return status;
                }
                trouble = answer.ok() ? "the phase of " + kind.word() + " is not known" : answer.reason();
                if (answer.status() == 401 || answer.status() == 403) {
                    break;
                }
            } catch (IOException e) {
                trouble = "migration-service does not answer";
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
        throw new Stopped("The status of " + kind.word() + " cannot be read: " + trouble);
    }

    public Phase phase(Kind kind) throws Stopped, InterruptedException {
        return Phase.valueOf(status(kind).path("phase").asText());
    }

    /**
     * Takes the kind to a neighbouring phase. A run of the kind that is already under way (started by a predecessor that was
     * killed) is waited for.
     *
     * @return the run in its final state; succeeded, or this throws with the reason
     */
    public JsonNode take(Kind kind, Phase target, String reason) throws Stopped, InterruptedException {
        String label = kind.word() + " to " + target;
        return patiently(label, () -> taken(label, kind, target, reason));
    }

    private JsonNode taken(String label, Kind kind, Phase target, String reason)
            throws Stopped, Passing, IOException, InterruptedException {
        while (true) {
            Answer answer = http.post(
                    ROOT + "/runs",
                    Map.of("kind", kind.word(), "target", target.name(), "consent", true, "reason", reason));
            if (answer.ok()) {
                return succeeded(
                        label,
                        jobs.follow(
                                label,
                                ROOT + "/runs/" + answer.json().path("id").asText()));
            }
            Optional<String> running = answer.status() == 409 ? running(kind) : Optional.empty();
            if (running.isEmpty()) {
                throw refused(label, answer, Set.of(409, 412, 429, 503));
            }
            JsonNode run = jobs.follow(label, ROOT + "/runs/" + running.get());
            if (phase(kind) == target) {
                return succeeded(label, run);
            }
        }
    }

    /**
     * Compares everything; while a store is away for the moment, again.
     *
     * @return the verification in its final state; {@code differences} may be above 0
     */
    public JsonNode verify(Kind kind) throws Stopped, InterruptedException {
        String label = "verifying " + kind.word();
        return patiently(label, () -> verified(label, kind));
    }

    private JsonNode verified(String label, Kind kind) throws Stopped, Passing, IOException, InterruptedException {
        Answer answer = http.post(ROOT + "/verifications", Map.of("kind", kind.word()));
        if (!answer.ok()) {
            throw refused(label, answer, Set.of(409, 429, 503));
        }
        JsonNode ended = jobs.follow(
                label, ROOT + "/verifications/" + answer.json().path("id").asText());
        if (!SUCCEEDED.equals(ended.path("state").asText())) {
            throw new Passing(ended.path("state").asText() + ": " + Jobs.error(ended));
        }
        return ended;
    }

    /** What may be over in a moment. */
    private static final class Passing extends Exception {
        private static final long serialVersionUID = 1L;

        Passing(String trouble) {
            super(trouble);
        }
    }

    private interface Attempt {
        JsonNode run() throws Stopped, Passing, IOException, InterruptedException;
    }

    /** Repeats what met a passing trouble, or a service that does not answer. */
    private JsonNode patiently(String label, Attempt attempt) throws Stopped, InterruptedException {
        long limit = System.nanoTime() + GATE_LIMIT.toNanos();
        while (true) {
            String trouble;
            try {
                return attempt.run();
            } catch (Passing e) {
                trouble = e.getMessage();
            } catch (IOException e) {
                trouble = "migration-service does not answer";
            }
            if (System.nanoTime() > limit) {
                throw new Stopped(label + " is not possible: " + trouble);
            }
            progress.update(label, -1, "waiting: " + trouble);
            TimeUnit.MILLISECONDS.sleep(1_000);
        }
    }

    /** @param passing the statuses of refusals that may be over in a moment */
    private static Passing refused(String label, Answer answer, Set<Integer> passing) throws Stopped {
        if (!passing.contains(answer.status())) {
            throw new Stopped(label + " was refused: " + refusal(answer));
        }
        return new Passing(refusal(answer));
    }

    private Optional<String> running(Kind kind) throws IOException, InterruptedException {
        for (JsonNode run : http.get(ROOT + "/runs").json().path("items")) {
            boolean open = "running".equals(run.path("state").asText())
                    || "queued".equals(run.path("state").asText());
            String of = run.path("kind").asText();
            if (open && (of.equals(kind.word()) || of.equals("all"))) {
                return Optional.of(run.path("id").asText());
            }
        }
        return Optional.empty();
    }

    private static JsonNode succeeded(String label, JsonNode job) throws Stopped {
        if (!SUCCEEDED.equals(job.path("state").asText())) {
            throw new Stopped(label + " " + job.path("state").asText() + ": " + Jobs.error(job));
        }
        return job;
    }

    /** The reason and, where a gate is closed, each failed check with its advice. */
    private static String refusal(Answer answer) {
        StringBuilder words = new StringBuilder(answer.reason());
        for (JsonNode check : answer.json().path("checks")) {
            if (!check.path("ok").asBoolean()) {
                words.append("; ")
                        .append(check.path("name").asText())
                        .append(": ")
                        .append(check.path("reason").asText());
                if (!check.path("advice").asText("").isBlank()) {
                    words.append(" (").append(check.path("advice").asText()).append(")");
                }
            }
        }
        return words.toString();
    }
}

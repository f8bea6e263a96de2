package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An array file that this store did not write: from the old backend, or edited by hand. Every record is validated; what cannot
 * be taken keeps its text, line and reason.
 *
 * @param entries what can be taken, by id
 * @param rejects what cannot
 */
record ForeignArray(Map<Long, Entry> entries, List<Reject> rejects) {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    // a text that is too long is a record that cannot be taken, not a file that cannot be read
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** @param raw the record's text exactly as it stands in the file; {@code id} where it can be told, else null */
    record Reject(int line, String reason, String raw, Long id) {}

    /** @throws RecoveryRequired where it is no JSON array; nothing was touched then (A3) */
    static ForeignArray read(Path file, byte[] bytes, RecordRules rules) throws IOException {
        Map<Long, Entry> entries = new LinkedHashMap<>();
        List<Reject> rejects = new ArrayList<>();
        Interner interner = new Interner();
        RecordRules interning = record -> {
            Verdict<Entry> verdict = rules.take(record);
            return verdict.accepted() ? Verdict.accept(interner.entry(verdict.value())) : verdict;
        };
        try (JsonParser parser = JSON.getFactory().createParser(bytes)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw refused(file, 0, "it is no JSON array");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == null) {
                    throw refused(file, bytes.length, "the array does not end");
                }
                int line = parser.currentTokenLocation().getLineNr();
                int from = (int) parser.currentTokenLocation().getByteOffset();
                JsonNode record = JSON.readTree(parser);
                int to = (int) parser.currentLocation().getByteOffset();
                take(
                        record,
                        line,
                        new String(bytes, from, to - from, StandardCharsets.UTF_8),
                        interning,
                        entries,
                        rejects);
            }
            if (parser.nextToken() != null) {
                throw refused(file, parser.currentTokenLocation().getByteOffset(), "something stands behind the array");
            }
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            long offset = e.getLocation() == null ? -1 : e.getLocation().getByteOffset();
            throw refused(file, offset, "it does not parse as JSON");
        }
        return new ForeignArray(entries, rejects);
    }

    private static void take(
            JsonNode record, int line, String raw, RecordRules rules, Map<Long, Entry> entries, List<Reject> rejects) {
        Verdict<Entry> verdict = null;
        String reason;
        if (!record.isObject()) {
            reason = "it is no object";
        } else {
            verdict = rules.take(record);
            reason = verdict.accepted() ? null : verdict.refusal().detail();
        }
        if (reason == null && verdict.value().id() < 1) {
            reason = "its id is below 1";
        }
        if (reason == null && entries.putIfAbsent(verdict.value().id(), verdict.value()) != null) {
            reason = "an earlier record has the same id";
        }
        if (reason != null) {
            JsonNode id = record.path("id");
            rejects.add(new Reject(line, reason, raw, id.isIntegralNumber() ? (Long) id.asLong() : null));
        }
    }

    private static RecoveryRequired refused(Path file, long offset, String what) {
        return new RecoveryRequired(
                file,
                offset,
                what,
                "The file was not touched. Correct it, or put a good one in its place, then start again.");
    }

    /**
     * Adds the rejects to {@code rejected.ndjson}, each once, however often a start was interrupted.
     *
     * @return how many records the file holds
     */
    static long keepRejects(Disk disk, Path file, List<Reject> rejects) throws IOException {
        Set<String> known = new HashSet<>();
        if (Files.exists(file)) {
            known.addAll(Files.readAllLines(file));
        }
        StringBuilder out = new StringBuilder();
        for (Reject reject : rejects) {
            StringBuilder line =
                    new StringBuilder("{\"line\":").append(reject.line()).append(",\"reason\":");
            EntryWriter.string(reject.reason(), line, true);
            EntryWriter.string(reject.raw(), line.append(",\"raw\":"), true);
            line.append('}');
            if (known.add(line.toString())) {
                out.append(line).append('\n');
            }
        }
        if (!out.isEmpty()) {
            try (Disk.Writable target = disk.open(file)) {
                target.append(ByteBuffer.wrap(out.toString().getBytes(StandardCharsets.US_ASCII)));
                target.force();
            }
        }
        return known.size();
    }
}

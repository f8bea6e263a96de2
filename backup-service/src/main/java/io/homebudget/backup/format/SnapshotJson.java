package io.homebudget.backup.format;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.StoreName;

/** How snapshots are read and written as JSON: by nothing that an application's configuration could change. */
public final class SnapshotJson {
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addMixIn(Kind.class, Word.class)
            .addMixIn(StoreName.class, Word.class)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** Kinds and stores are written by their words, as everywhere outside. */
    private interface Word {
        @JsonValue
        String word();
    }

    private SnapshotJson() {}
}

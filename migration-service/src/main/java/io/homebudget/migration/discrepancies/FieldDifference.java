package io.homebudget.migration.discrepancies;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.migration.ledgers.RecordedChange;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Which fields of a damaged entry are not what was recorded. Compares values as they are: null is not "" (A12). Pure functions. */
final class FieldDifference {
    private FieldDifference() {}

    /** @param changes the entry's last changes, newest first */
    static List<String> of(
            Kind kind,
            Finding finding,
            Optional<EntryImage> damaged,
            Optional<EntryImage> other,
            List<RecordedChange> changes) {
        boolean comparable = finding.type() == Finding.Type.FIELD || finding.type() == Finding.Type.STALE;
        EntryState seen = finding.seen();
        if (!comparable || damaged.filter(image -> shows(image, seen)).isEmpty()) {
            return List.of();
        }
        return recorded(finding, seen, other, changes)
                .map(right -> between(kind, damaged.get().values(), right))
                .orElse(List.of());
    }

    private static Optional<EntryValues> recorded(
            Finding finding, EntryState seen, Optional<EntryImage> other, List<RecordedChange> changes) {
        Optional<EntryValues> logged = changes.stream()
                .filter(change -> finding.type() == Finding.Type.STALE || change.version() == seen.version())
                .findFirst()
                .map(RecordedChange::after);
        return logged.isPresent()
                ? logged
                : other.filter(image -> image.values() != null && whole(image)).map(EntryImage::values);
    }

    /** Whether the image is of the same moment as the judged state. */
    private static boolean shows(EntryImage image, EntryState state) {
        return state != null
                && image.values() != null
                && image.version() == state.version()
                && digest(image).filter(state.actual()::equals).isPresent();
    }

    private static boolean whole(EntryImage image) {
        return digest(image).filter(digest -> digest.equals(image.recorded())).isPresent();
    }

    private static Optional<UUID> digest(EntryImage image) {
        try {
            return Optional.of(EntryDigest.of(image.values().withId(image.id())));
        } catch (DateTimeException | IllegalArgumentException notAnEntry) {
            return Optional.empty();
        }
    }

    static List<String> between(Kind kind, EntryValues left, EntryValues right) {
        List<String> names = new ArrayList<>();
        for (Field field : Field.values()) {
            if (kind.has(field) && !Objects.equals(value(left, field), value(right, field))) {
                names.add(field.key());
            }
        }
        return names;
    }

    private static Object value(EntryValues values, Field field) {
        switch (field) {
            case DATE:
                return values.date();
            case BUSINESS:
                return values.business();
            case CATEGORY:
                return values.category();
            case AMOUNT:
                return values.cents();
            case ACCOUNT:
                return values.account();
            case CURRENCY:
                return values.currency();
            default:
                return values.notes();
        }
    }
}

package io.homebudget.bench.data;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.json.EntryWriter;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Plausible expenses, the same for the same seed: five years of dates, few categories and accounts, texts of a household's
 * length, some of them not ASCII, some notes absent. So indexes, escapes and row widths are what a real ledger would have.
 */
public final class EntryGenerator {
    private static final LocalDate FIRST_DAY = LocalDate.of(2021, 1, 1);
    private static final int DAYS = 5 * 365;
    private static final String[] CATEGORIES = {
        "Food", "Dining out", "Clothing", "Transport", "Housing", "Health", "Children", "Gifts", "Travel", "Other"
    };
    private static final String[] ACCOUNTS = {"Cash", "12345", "54321", "Visa 4411", "Joint account"};
    private static final String[] SHOPS = {
        "ampm",
        "H&M",
        "Golda",
        "Super-Pharm",
        "IKEA",
        "שופרסל",
        "Café Noir",
        "Egged",
        "Book Depot",
        "Hardware \"Tools\""
    };
    private static final String[] NOTES = {
        "", "weekly shopping", "birthday", "shared with Noa", "תשלום 2 מתוך 3", "refund?"
    };

    private final Random random;

    public EntryGenerator(long seed) {
        random = new Random(seed);
    }

    public Entry entry(long id) {
        int note = random.nextInt(NOTES.length + 1);
        return new Entry(
                id,
                FIRST_DAY.plusDays(random.nextInt(DAYS)),
                random.nextInt(20) == 0 ? null : pick(SHOPS),
                pick(CATEGORIES),
                50 + random.nextInt(random.nextInt(10) == 0 ? 500_000 : 20_000),
                pick(ACCOUNTS),
                "₪",
                note == NOTES.length ? null : NOTES[note]);
    }

    /** The body of a create: an entry without its id. */
    public String body() {
        Entry entry = entry(0);
        StringBuilder out = new StringBuilder(200);
        out.append("{\"date\":\"").append(entry.date()).append("\",\"business\":");
        EntryWriter.string(entry.business(), out, true);
        out.append(",\"category\":");
        EntryWriter.string(entry.category(), out, true);
        out.append(",\"amount\":").append(Amounts.print(entry.cents())).append(",\"account\":");
        EntryWriter.string(entry.account(), out, true);
        out.append(",\"currency\":");
        EntryWriter.string(entry.currency(), out, true);
        out.append(",\"notes\":");
        EntryWriter.string(entry.notes(), out, true);
        return out.append('}').toString();
    }

    /** {@code count} bodies for a load generator to draw from. */
    public List<String> bodies(int count) {
        List<String> bodies = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            bodies.add(body());
        }
        return bodies;
    }

    private String pick(String[] of) {
        return of[random.nextInt(of.length)];
    }
}

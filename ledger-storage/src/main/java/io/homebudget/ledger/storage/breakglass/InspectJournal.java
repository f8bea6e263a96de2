package io.homebudget.ledger.storage.breakglass;

import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.JournalInspector;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.journal.Segment;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Prints what a journal holds and where it is damaged, without the service; behind {@code ctl journal inspect}. Read-only.
 *
 * <p>Status 0: whole. 1: torn or damaged somewhere, said where; or no journal at all. Contents are personal: only {@code --content} shows them.
 */
public final class InspectJournal implements JournalInspector.Visitor {
    private final PrintStream out;
    private final boolean content;
    private long frames;
    private long bytes;
    private boolean trouble;

    private InspectJournal(PrintStream out, boolean content) {
        this.out = out;
        this.content = content;
    }

    /** {@code FOLDER [--content]} */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        if (!Files.isDirectory(folder)) {
            System.err.println(folder + " is not a folder: nothing to inspect.");
            System.exit(1);
        }
        boolean content = arguments.length > 1 && arguments[1].equals("--content");
        InspectJournal inspect = new InspectJournal(System.out, content);
        JournalInspector.list(folder, inspect);
        System.exit(inspect.conclude());
    }

    @Override
    public void segment(Path file, Segment.Header header) {
        out.println(file.getFileName());
    }

    @Override
    public boolean frame(Frame frame) {
        frames++;
        bytes += frame.payload().length;
        String what = content && frame.type().text() ? frame.text() : frame.payload().length + " bytes";
        out.printf("  %10d  at byte %10d  %-18s %s%n", frame.number(), frame.offset(), frame.type(), what);
        return !out.checkError();
    }

    @Override
    public void torn(Path file, long offset) {
        trouble = true;
        out.println("  the last record is torn at byte " + offset
                + ": it was never acknowledged; the next start cuts it and keeps it aside");
    }

    @Override
    public void damaged(RecoveryRequired damage) {
        trouble = true;
        out.println("  DAMAGED: " + damage.getMessage());
    }

    private int conclude() {
        if (frames == 0 && !trouble) {
            out.println("There is no journal here: the service has not been started on this folder yet.");
            return 1;
        }
        out.println(frames + " records, " + bytes + " bytes of content, " + (trouble ? "not whole" : "whole"));
        return trouble ? 1 : 0;
    }
}

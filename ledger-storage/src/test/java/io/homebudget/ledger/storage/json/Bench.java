package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/** Prints what the store does; run by hand: {@code Bench <folder> <entries>}. */
final class Bench {
    private Bench() {}

    public static void main(String[] args) throws Exception {
        Path folder = Files.createDirectories(Path.of(args[0]));
        int entries = Integer.parseInt(args[1]);
        if (!Files.exists(folder.resolve("expenses.json"))) {
            make(folder.resolve("expenses.json"), entries);
        }
        long t = System.nanoTime();
        JsonStore store = Stores.ruling(folder);
        say("open", t);
        memory();
        writes(store, 32, 200_000);
        writes(store, 1, 5_000);
        memory();
        t = System.nanoTime();
        Stores.await(store.checkpoint());
        say("checkpoint", t);
        for (DataSource source : DataSource.values()) {
            t = System.nanoTime();
            store.digests(1024, source).await().indefinitely();
            say("digests " + source, t);
        }
        t = System.nanoTime();
        System.out.println("listed " + Stores.all(store).size());
        say("list", t);
        memory();
        store.close();
        store = null;
        t = System.nanoTime();
        store = Stores.open(folder);
        say("open again", t);
        memory();
        store.close();
    }

    private static void writes(JsonStore store, int callers, int count) throws Exception {
        Semaphore inFlight = new Semaphore(callers);
        CountDownLatch done = new CountDownLatch(count);
        long t = System.nanoTime();
        for (int i = 0; i < count; i++) {
            inFlight.acquire();
            store.write(Stores.create("bench"), 1).subscribe().with(outcome -> {
                inFlight.release();
                done.countDown();
            });
        }
        done.await();
        double seconds = (System.nanoTime() - t) / 1e9;
        System.out.printf("%d callers: %.0f writes/s%n", callers, count / seconds);
    }

    private static void make(Path file, int entries) throws Exception {
        Random random = new Random(1);
        try (var out = Files.newBufferedWriter(file)) {
            for (int i = 1; i <= entries; i++) {
                out.write(i == 1 ? "[" : ",\n");
                out.write("{\"date\": \"20" + (10 + random.nextInt(15)) + "-0" + (1 + random.nextInt(9)) + "-1"
                        + random.nextInt(10) + "\", \"business\": \"shop " + random.nextInt(500)
                        + "\", \"category\": \"cat " + random.nextInt(30) + "\", \"amount\": "
                        + random.nextInt(100_000) / 100.0
                        + ", \"account\": \"" + random.nextInt(20) + "\", \"currency\": \"\\u20aa\", \"notes\": \"note "
                        + random.nextInt() + "\", \"id\": " + i + "}");
            }
            out.write("]");
        }
    }

    private static void say(String what, long since) {
        System.out.printf("%s: %.2f s%n", what, (System.nanoTime() - since) / 1e9);
    }

    private static void memory() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.println("heap used: " + ((runtime.totalMemory() - runtime.freeMemory()) >> 20) + " MB");
    }
}

package io.homebudget.ledger.storage.testing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and a server and does what networks do: refuses, falls silent, or loses the answer to a request that
 * the server has carried out. The server itself never notices more than a closed connection.
 */
public final class TcpRelay implements AutoCloseable {
    private final int target;
    private final int port;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private final Object thawed = new Object();
    private volatile boolean frozen;
    private volatile Loss loss;
    private volatile Hang hang;
    private ServerSocket listening;

    /** Relays from a free port of its own to a port of this machine. */
    public TcpRelay(int target) {
        this.target = target;
        try {
            listening = listen(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.port = listening.getLocalPort();
        accept(listening);
    }

    public int port() {
        return port;
    }

    /** Ends all connections and takes no new ones, as a server that was stopped. */
    public synchronized void refuse() {
        close(listening);
        // whoever learns that an answer is lost finds no other connection that still works
        pairs.stream().filter(pair -> pair.losing == null).forEach(Pair::close);
        pairs.forEach(Pair::close);
    }

    public synchronized boolean passes() {
        return !frozen && !listening.isClosed();
    }

    /** Lets everything through again. */
    public synchronized void pass() {
        thaw();
        if (listening.isClosed()) {
            try {
                listening = listen(port);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            accept(listening);
        }
    }

    /** Connections stay, nothing moves any more, as with a server that hangs. */
    public void freeze() {
        frozen = true;
    }

    private void thaw() {
        synchronized (thawed) {
            frozen = false;
            thawed.notifyAll();
        }
    }

    /**
     * Once: the next request that contains the text reaches the server, its answer never comes back, the connection ends.
     *
     * @return completes when the server has answered, so the request is carried out
     */
    public CompletableFuture<Void> loseAnswerTo(String text) {
        Loss armed = new Loss(text, null, new CompletableFuture<>());
        loss = armed;
        return armed.lost();
    }

    /** As {@link #loseAnswerTo}, on the connection on which a request with the earlier text has come by. */
    public CompletableFuture<Void> loseAnswerAfter(String earlier, String text) {
        Loss armed = new Loss(earlier, new Loss(text, null, new CompletableFuture<>()), null);
        loss = armed;
        return armed.then().lost();
    }

    /** @param then what its connection loses later; null where it is the answer to this */
    private record Loss(String text, Loss then, CompletableFuture<Void> lost) {}

    /**
     * Once: freezes when a request with the text comes by, before the server has it.
     *
     * @return completes when frozen
     */
    public CompletableFuture<Void> freezeBefore(String text) {
        return hangAt(text, true);
    }

    /** As {@link #freezeBefore}, after the server has it: only the answer is not let through. */
    public CompletableFuture<Void> freezeAfter(String text) {
        return hangAt(text, false);
    }

    private CompletableFuture<Void> hangAt(String text, boolean before) {
        Hang armed = new Hang(text, before, new CompletableFuture<>());
        hang = armed;
        return armed.hangs();
    }

    private record Hang(String text, boolean before, CompletableFuture<Void> hangs) {}

    @Override
    public void close() {
        thaw();
        refuse();
    }

    private static ServerSocket listen(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
        return socket;
    }

    private void accept(ServerSocket socket) {
        daemon("relay-accept", () -> {
            while (!socket.isClosed()) {
                try {
                    Pair pair = new Pair(socket.accept(), new Socket(InetAddress.getLoopbackAddress(), target));
                    pairs.add(pair);
                    daemon("relay-to-server", pair::requests);
                    daemon("relay-to-client", pair::answers);
                    if (socket.isClosed()) {
                        pair.close();
                    }
                } catch (IOException e) {
                    // closed, or the server is away: the client finds out by itself
                    continue;
                }
            }
        });
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // it is gone, which is all that was wanted
            return;
        }
    }

    /** One client's connection and the one to the server that belongs to it. */
    private final class Pair {
        private final Socket client;
        private final Socket server;
        private volatile Loss losing;
        private Loss expected;

        Pair(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        void requests() {
            pump(client, server, true);
        }

        void answers() {
            pump(server, client, false);
        }

        private void pump(Socket from, Socket to, boolean toServer) {
            byte[] buffer = new byte[64 * 1024];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    Hang after = toServer ? hangs(buffer, n) : null;
                    waitWhileFrozen();
                    if (toServer) {
                        arm(buffer, n);
                    } else if (losing != null) {
                        losing.lost().complete(null);
                        return;
                    }
                    if (after != null) {
                        freeze();
                    }
                    out.write(buffer, 0, n);
                    out.flush();
                    if (after != null) {
                        after.hangs().complete(null);
                    }
                }
            } catch (IOException e) {
                // one side went away; the other follows below
                return;
            } finally {
                close();
            }
        }

        private void arm(byte[] buffer, int n) {
            Loss wanted = expected != null ? expected : loss;
            if (wanted == null || !said(buffer, n, wanted.text())) {
                return;
            }
            if (wanted == loss) {
                loss = null;
            }
            if (wanted.then() != null) {
                expected = wanted.then();
            } else {
                losing = wanted;
            }
        }

        /** Freezes at once where it shall be before the request; else returns what is to hang after it. */
        private Hang hangs(byte[] buffer, int n) {
            Hang wanted = hang;
            if (wanted == null || !said(buffer, n, wanted.text())) {
                return null;
            }
            hang = null;
            if (!wanted.before()) {
                return wanted;
            }
            freeze();
            wanted.hangs().complete(null);
            return null;
        }

        private static boolean said(byte[] buffer, int n, String text) {
            return new String(buffer, 0, n, StandardCharsets.UTF_8).contains(text);
        }

        private void waitWhileFrozen() {
            synchronized (thawed) {
                while (frozen) {
                    try {
                        thawed.wait();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                }
            }
        }

        void close() {
            pairs.remove(this);
            TcpRelay.close(client);
            TcpRelay.close(server);
        }
    }
}

package io.homebudget.local.home;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** One number gives all ports: the front door's, the others in a row above it. */
public record Ports(int frontDoor) {
    private static final int SPAN = 8;

    public Ports {
        if (frontDoor < 1 || frontDoor + SPAN - 1 > 65535) {
            throw new Refused("--port " + frontDoor + " leaves no room for the seven ports above it; choose 1024 to "
                    + (65535 - SPAN + 1) + ".");
        }
    }

    public int of(String member) {
        return switch (member) {
            case "front-door" -> frontDoor;
            case "expense" -> frontDoor + 1;
            case "income" -> frontDoor + 2;
            case "migration" -> frontDoor + 3;
            case "backup" -> frontDoor + 4;
            case "postgres" -> frontDoor + 5;
            case "kafka" -> frontDoor + 6;
            case "kafka controller" -> frontDoor + 7;
            default -> throw new IllegalArgumentException("no port for " + member);
        };
    }

    public String url(String member) {
        return "http://localhost:" + of(member);
    }

    /** Refuses, naming port and flag, when one of them is taken: a child that cannot bind would only die in its log. */
    public void refuseTaken(List<String> members) {
        List<String> taken = new ArrayList<>();
        for (String member : members) {
            try (ServerSocket socket = new ServerSocket()) {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), of(member)));
            } catch (IOException e) {
                taken.add(of(member) + " (" + member + ")");
            }
        }
        if (!taken.isEmpty()) {
            throw new Refused("Taken by another program: port " + String.join(", port ", taken)
                    + ". Stop that program, or choose other ports with --port B (eight in a row from B; now B is "
                    + frontDoor + ").");
        }
    }
}

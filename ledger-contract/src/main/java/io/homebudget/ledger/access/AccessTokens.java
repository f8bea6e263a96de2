package io.homebudget.ledger.access;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The tokens of the three roles, and the decision who is who.
 *
 * <p>Guarantees: outside development nothing starts with a token that is missing, short or like a default; comparing takes the
 * same time whatever was sent (SHA-256 of both sides, all roles compared always); neither messages nor {@link #toString} show
 * a token. A role without a token can be taken by nobody.
 */
public final class AccessTokens {
    /** Below this many characters a token is refused outside development. */
    public static final int MIN_LENGTH = 32;

    private static final List<String> DEFAULT_LIKE = List.of(
            "changeme",
            "change-me",
            "change_me",
            "default",
            "example",
            "password",
            "secret",
            "placeholder",
            "insecure");
    private static final String SCHEME = "Bearer ";

    private final Map<Role, byte[]> digests = new EnumMap<>(Role.class);

    private AccessTokens(Map<Role, String> tokens) {
        tokens.forEach((role, token) -> digests.put(role, sha256(token)));
    }

    /** How strictly tokens are judged: {@code dev} takes what it gets, {@code staging} and {@code prod} do not. */
    public static boolean isDevelopment(String env) {
        return "dev".equals(env) || "test".equals(env);
    }

    /**
     * @param env the value of {@code ENV}
     * @param tokens as configured; missing or blank where there is none
     * @throws IllegalStateException naming each setting and its remedy, where {@code env} is not development and a token will
     *     not do
     */
    public static AccessTokens of(String env, Map<Role, String> tokens) {
        Map<Role, String> given = new EnumMap<>(Role.class);
        tokens.forEach((role, token) -> {
            if (token != null && !token.isBlank()) {
                given.put(role, token.strip());
            }
        });
        List<String> problems = new ArrayList<>();
        for (Role role : Role.values()) {
            String problem = problem(given.get(role));
            if (problem != null && !isDevelopment(env)) {
                problems.add(role.setting() + " " + problem);
            }
        }
        if (given.size() > given.values().stream().distinct().count() && !isDevelopment(env)) {
            problems.add("two of the tokens are the same, so that one role could do what another may");
        }
        if (!problems.isEmpty()) {
            throw new IllegalStateException("Refusing to start with ENV=" + env + ": " + String.join("; ", problems)
                    + ". Set each to its own random value, for example the output of: openssl rand -hex 32");
        }
        return new AccessTokens(given);
    }

    private static String problem(String token) {
        if (token == null) {
            return "is missing";
        }
        if (token.length() < MIN_LENGTH) {
            return "has " + token.length() + " characters, at least " + MIN_LENGTH + " are needed";
        }
        String lower = token.toLowerCase(Locale.ROOT);
        for (String word : DEFAULT_LIKE) {
            if (lower.contains(word)) {
                return "looks like a default (it contains a word such as " + word + ")";
            }
        }
        return token.chars().distinct().count() < 8 ? "looks like a default (hardly any different characters)" : null;
    }

    /**
     * Whether the bearer of this Authorization header may do what one of the {@code wanted} roles may.
     *
     * @param authorization the header as sent; null where there was none
     * @return empty: yes; else the refusal to answer, 401 or 403
     */
    public Optional<Refusal> check(String authorization, Role... wanted) {
        Optional<Role> role = roleOf(authorization);
        if (role.isEmpty()) {
            return Optional.of(Refusal.of(LedgerError.UNAUTHENTICATED, hint(wanted)));
        }
        for (Role one : wanted) {
            if (role.get().covers(one)) {
                return Optional.empty();
            }
        }
        return Optional.of(Refusal.of(LedgerError.FORBIDDEN, "This call needs " + words(wanted) + "."));
    }

    /** Whose token the Authorization header carries. */
    public Optional<Role> roleOf(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        byte[] digest = sha256(authorization.substring(SCHEME.length()).strip());
        Role found = null;
        for (Map.Entry<Role, byte[]> entry : digests.entrySet()) {
            if (MessageDigest.isEqual(entry.getValue(), digest)) {
                found = entry.getKey();
            }
        }
        return Optional.ofNullable(found);
    }

    private String hint(Role... wanted) {
        for (Role role : wanted) {
            if (digests.containsKey(role)) {
                return "This call needs " + words(wanted) + ": send it as Authorization: Bearer ...";
            }
        }
        return "This call needs " + words(wanted) + ", and none is configured: set " + wanted[0].setting()
                + " where the service starts, then send it as Authorization: Bearer ...";
    }

    private static String words(Role... wanted) {
        List<String> words = new ArrayList<>();
        for (Role role : wanted) {
            words.add("the " + role.name().toLowerCase(Locale.ROOT) + "'s token");
        }
        return String.join(" or ", words);
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every Java platform must have", e);
        }
    }

    @Override
    public String toString() {
        return "AccessTokens of " + digests.keySet();
    }
}

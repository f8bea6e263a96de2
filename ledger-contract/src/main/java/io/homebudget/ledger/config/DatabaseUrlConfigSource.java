package io.homebudget.ledger.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Derives the datasource's settings from {@code DATABASE_URL}, so that people set one thing once.
 *
 * <p>Where it is missing, the settings point to a loopback port on which nothing listens, and {@link #CONFIGURED} is
 * {@code false}: a ledger in its JSON phase starts and serves without PostgreSQL. Stands above application.properties and below
 * the environment, so that a single derived setting can still be overridden. A service without datasources gets none of them:
 * it would warn of settings that nobody reads.
 */
public final class DatabaseUrlConfigSource implements ConfigSource {
    /** {@code true} when DATABASE_URL was set. */
    public static final String CONFIGURED = "ledger.database.configured";
    /** The setting it all comes from; also read as a system property of the same name, which wins. */
    public static final String SETTING = "DATABASE_URL";

    /** Above application.properties (250), below the environment (300). */
    private static final int ORDINAL = 275;
    /** Port 1 (tcpmux) is closed everywhere: connecting fails at once instead of reaching somebody. */
    private static final DatabaseUrl NOWHERE = new DatabaseUrl("nobody", "nothing", "127.0.0.1", 1, "none", "");

    /** In every program that has datasources, and in no other. */
    private static final String DATASOURCES = "io.quarkus.datasource.common.runtime.DataSourceUtil";

    private final Map<String, String> properties;

    /** Used by the configuration library. */
    public DatabaseUrlConfigSource() {
        this(
                System.getProperty(SETTING) != null ? System.getProperty(SETTING) : System.getenv(SETTING),
                hasDatasources());
    }

    /** @param setting the value of DATABASE_URL; null or blank where it is not set */
    public DatabaseUrlConfigSource(String setting) {
        this(setting, true);
    }

    /** @param datasources whether the program has any */
    DatabaseUrlConfigSource(String setting, boolean datasources) {
        boolean configured = setting != null && !setting.isBlank();
        DatabaseUrl url = configured ? DatabaseUrl.parse(setting) : NOWHERE;
        Map<String, String> derived = new HashMap<>();
        derived.put(CONFIGURED, String.valueOf(configured));
        if (datasources) {
            derived.put("quarkus.datasource.reactive.url", url.reactiveUrl());
            derived.put("quarkus.datasource.jdbc.url", url.jdbcUrl());
            derived.put("quarkus.datasource.username", url.user());
            derived.put("quarkus.datasource.password", url.password());
        }
        this.properties = Map.copyOf(derived);
    }

    private static boolean hasDatasources() {
        try {
            Class.forName(DATASOURCES, false, DatabaseUrlConfigSource.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException none) {
            return false;
        }
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }

    @Override
    public Map<String, String> getProperties() {
        return properties;
    }

    @Override
    public Set<String> getPropertyNames() {
        return properties.keySet();
    }

    @Override
    public String getValue(String name) {
        return properties.get(name);
    }

    @Override
    public String getName() {
        return "DATABASE_URL";
    }
}

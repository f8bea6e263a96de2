package io.homebudget.migration.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** The page in a real browser, as a person uses it. What it looks like lies in {@code target/console.png} afterwards. */
@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
@EnabledIf("io.homebudget.migration.console.Browser#present")
class ConsoleIT implements World.Aware {
    @TestHTTPResource("/console/index.html")
    URI page;

    private World world;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    @BeforeEach
    void ready() {
        Api.awaitReady();
        for (long id = 1; id <= 20; id++) {
            world.expense.ledger.write(id, "one");
        }
    }

    private static void until(Browser browser, String condition) {
        Awaitility.await(condition)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> browser.evaluate(condition).asBoolean());
    }

    @Test
    void aPersonTakesAKindForwardAndBackWithExplicitConfirmation() throws Exception {
        world.income.ledger.newestSchema(2, 0);
        try (Browser browser = new Browser(page)) {
            until(browser, "!document.getElementById('entry').hidden");
            browser.evaluate("document.getElementById('token').value = '" + World.OPERATOR
                    + "'; document.getElementById('entry').requestSubmit()");
            until(browser, "document.getElementById('forward-expense') !== null");
            until(browser, "document.getElementById('link').className === 'on'");
            until(browser, "!document.getElementById('update').hidden");
            until(browser, "!document.getElementById('forward-expense').disabled");

            browser.evaluate("document.getElementById('forward-expense').click()");
            until(browser, "document.getElementById('confirm').open");
            assertThat(browser.evaluate("document.getElementById('confirm-yes').disabled")
                            .asBoolean())
                    .isTrue();
            assertThat(world.expense.ledger.phase()).isEqualTo(Phase.JSON_ONLY);
            browser.evaluate("document.getElementById('confirm-consent').click()");
            browser.evaluate("document.getElementById('confirm-yes').click()");

            until(
                    browser,
                    "document.querySelector('[aria-labelledby=title-expense] .here').textContent === 'dual write'");
            until(browser, "document.getElementById('runs').textContent.includes('succeeded')");
            browser.screenshot(Path.of("target/console.png"));
            assertThat(world.expense.ledger.phase()).isEqualTo(Phase.DUAL_WRITE);

            until(browser, "document.getElementById('back-expense') !== null");
            browser.evaluate("document.getElementById('back-expense').click()");
            until(browser, "document.getElementById('confirm').open");
            browser.evaluate("document.getElementById('confirm-consent').click()");
            browser.evaluate("document.getElementById('confirm-yes').click()");
            until(
                    browser,
                    "document.querySelector('[aria-labelledby=title-expense] .here').textContent === 'json only'");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}

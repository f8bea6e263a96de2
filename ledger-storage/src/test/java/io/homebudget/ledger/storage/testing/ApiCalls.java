package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.atlassian.oai.validator.restassured.OpenApiValidationFilter;
import io.homebudget.ledger.entry.Kind;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;

/**
 * Calls of one kind's ledger API and what is asserted about every answer. Topics extend this with their tests, classes that know
 * a ledger implement topics: so the same tests hold for the reference ledger and for the real one in every phase.
 *
 * <p>Every test starts with a ledger that has no entries. Literals are written for expenses and turned into those of incomes.
 */
public interface ApiCalls {
    String OPERATOR = "operator-token-of-the-tests-000001";
    String VIEWER = "viewer-token-of-the-tests-000000002";
    String SERVICE = "service-token-of-the-tests-00000003";
    String ENTRY =
            "{\"date\":\"2026-01-31\",\"business\":\"Shop\",\"category\":\"Food\",\"amount\":12.5,\"account\":\"Cash\",\"notes\":\"n\"}";
    String OF_ENTRY =
            "\"date\":\"2026-01-31\",\"business\":\"Shop\",\"category\":\"Food\",\"amount\":12.5,\"account\":\"Cash\",\"currency\":\"\u20aa\",\"notes\":\"n\"";
    /** Reading the document takes longer than a call, so it is read once. */
    OpenApiValidationFilter OLD_DOCUMENT = OldOpenApi.filter();

    Kind kind();

    /** The id that the nth entry created by a test has; ids are never given twice, so they do not start at 1 in every test. */
    long id(int nth);

    default Integer[] ids(int... nth) {
        return Arrays.stream(nth).mapToObj(n -> (int) id(n)).toArray(Integer[]::new);
    }

    default String root() {
        return kind() == Kind.EXPENSE ? "/api/v1/expense" : "/api/v1/income";
    }

    default RequestSpecification call() {
        return given().filter(OLD_DOCUMENT).contentType("application/json").urlEncodingEnabled(false);
    }

    default RequestSpecification operator() {
        return call().header("Authorization", "Bearer " + OPERATOR);
    }

    /** The same text for this kind. */
    default String mine(String forExpenses) {
        return kind() == Kind.EXPENSE
                ? forExpenses
                : forExpenses.replace("\"business\":\"Shop\",", "").replace("expense", "income");
    }

    default Response create() {
        Response created = call().body(ENTRY).post(root());
        assertThat(created.statusCode()).isEqualTo(200);
        return created;
    }

    /** Status and body of a POST with exactly this Content-Type, which REST Assured would not send. */
    default String posted(String contentType, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + root()))
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    default void answers(Response response, int status, String body) {
        assertThat(response.asString()).isEqualTo(mine(body));
        assertThat(response.statusCode()).isEqualTo(status);
    }

    default void problem(Response response, int status, String slug) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.contentType()).isEqualTo("application/problem+json");
        assertThat(response.jsonPath().getString("type")).endsWith(":" + slug);
        assertThat(response.jsonPath().getInt("status")).isEqualTo(status);
        assertThat(response.jsonPath().<Object>get("detail")).isInstanceOf(String.class);
        assertThat(response.jsonPath().getString("title")).isNotEmpty();
    }

    default void invalid(Response response, String loc, String type) {
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.jsonPath().getString("detail[0].loc.join('/')")).isEqualTo(mine(loc));
        assertThat(response.jsonPath().getString("detail[0].type")).isEqualTo(type);
        assertThat(response.jsonPath().getMap("detail[0]")).containsOnlyKeys("loc", "msg", "type");
    }
}

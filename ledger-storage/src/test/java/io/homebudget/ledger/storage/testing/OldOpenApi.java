package io.homebudget.ledger.storage.testing;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import com.atlassian.oai.validator.restassured.OpenApiValidationFilter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * Holds the traffic of tests against the old backend's OpenAPI document. The validator knows OpenAPI 3.0 only, so {@code anyOf}
 * with {@code null} becomes {@code nullable} in memory; nothing else of the document is touched.
 *
 * <p>What the document does not know (new calls and parameters, the answers 400, 404 ...) and requests that are wrong on
 * purpose are not reported: what must hold is that every answer to a known call has the documented shape.
 */
public final class OldOpenApi {
    private OldOpenApi() {}

    public static OpenApiValidationFilter filter() {
        return new OpenApiValidationFilter(OpenApiInteractionValidator.createForInlineApiSpecification(asVersion30())
                .withLevelResolver(LevelResolver.create()
                        .withLevel("validation.request", ValidationReport.Level.IGNORE)
                        .withLevel("validation.response.status.unknown", ValidationReport.Level.IGNORE)
                        .withLevel("validation.response.contentType.notAllowed", ValidationReport.Level.IGNORE)
                        .build())
                .build());
    }

    private static String asVersion30() {
        try (InputStream in = OldOpenApi.class.getResourceAsStream("/openapi_v1.json")) {
            JsonNode document = new ObjectMapper().readTree(in);
            ((ObjectNode) document).put("openapi", "3.0.3");
            makeNullable(document);
            return document.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void makeNullable(JsonNode node) {
        if (node instanceof ObjectNode object && object.get("anyOf") instanceof ArrayNode choices) {
            for (int i = choices.size() - 1; i >= 0; i--) {
                if ("null".equals(choices.get(i).path("type").asText())) {
                    choices.remove(i);
                    object.put("nullable", true);
                }
            }
            if (choices.size() == 1) {
                object.set("type", choices.get(0).get("type"));
                object.remove("anyOf");
            }
        }
        node.forEach(OldOpenApi::makeNullable);
    }
}

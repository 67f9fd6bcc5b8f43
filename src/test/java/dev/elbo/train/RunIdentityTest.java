package dev.elbo.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which runs are the same, by what their checkpoints say. */
class RunIdentityTest {
    private static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    private static List<String> differences(String there, String here) {
        return RunIdentity.differences(json(there), json(here));
    }

    @Test
    void theDigitsOfANumberDoNotCountButItsValueDoes() {
        // Java prints the same float64 in other digits since JDK 19
        assertEquals(
                List.of(),
                differences(
                        "{'a': 5.9604644775390625E-8, 'b': 'K[x=2.0E-3]'}",
                        "{'a': 5.960464477539063E-8, 'b': 'K[x=0.002]'}"));
        assertEquals(
                List.of("a is 0.1 there and 0.1000001 here", "b is K[x=0.5] there and K[x=0.25] here"),
                differences("{'a': 0.1, 'b': 'K[x=0.5]'}", "{'a': 0.1000001, 'b': 'K[x=0.25]'}"));
    }

    @Test
    void whatIsAbsentHasItsDefault() {
        assertEquals(List.of(), differences("{'training': {}}", "{'training': {'drop_last': false, 'patience': 20}}"));
        assertEquals(List.of(), differences("{'model': {'stochastic': true}}", "{'model': {}}"));
        assertEquals(
                List.of("training.drop_last is false there and true here"),
                differences("{'training': {}}", "{'training': {'drop_last': true}}"));
        assertEquals(
                List.of("model.latent is 2 there and missing here", "data.test_sha256 is missing there and x here"),
                differences("{'model': {'latent': 2}}", "{'data': {'test_sha256': 'x'}}"));
    }
}

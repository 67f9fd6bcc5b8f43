package dev.elbo.analysis;

import static dev.elbo.io.Failures.fails;
import static dev.elbo.io.Failures.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.elbo.Backends;
import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import dev.elbo.data.ReadOptions;
import dev.elbo.data.TableOptions;
import dev.elbo.error.ElboException;
import dev.elbo.model.Activation;
import dev.elbo.model.ColumnKind;
import dev.elbo.model.Component;
import dev.elbo.model.Likelihood;
import dev.elbo.model.MixedTable;
import dev.elbo.model.Table;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import dev.elbo.net.TinyModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a model's file says of the table that it was trained on, and what is refused. */
class TableSchemaTest {
    private static final Component COLUMNS = Likelihood.columns(MixedTable.TABLE.modelled());

    private static InputSchema schema(Component likelihood, Map<String, String> metadata) {
        VaeSpec spec = VaeSpec.mlp(MixedTable.PLACES, List.of(3), 2, Activation.RELU, likelihood, true);
        try (Backend backend = Backends.reference();
                TinyModel model = new TinyModel(backend, spec, 1, 1)) {
            return InputSchema.of("model", StoredModel.of(model.vae, metadata));
        }
    }

    private static InputSchema table() {
        return schema(COLUMNS, Map.of(Table.KEY, MixedTable.TABLE.toJson()));
    }

    @Test
    void placesAreNamedByColumnAndWord() {
        assertEquals(
                List.of(
                        "age",
                        "smokes",
                        "colour=red",
                        "colour=green",
                        "colour=blue, dark",
                        "visits",
                        "height",
                        "weight",
                        "claims"),
                table().columns());
        Table numbered = schema(COLUMNS, Map.of()).table().orElseThrow();
        assertEquals(MixedTable.TABLE.modelled(), numbered.modelled());
        assertEquals(List.of("0", "1", "2"), numbered.columns().get(2).words());
        assertEquals(List.of("0", "1"), numbered.columns().get(1).words());
        assertEquals(List.of(), numbered.columns().get(0).words());
        assertEquals(Optional.empty(), schema(Likelihood.GAUSSIAN, Map.of()).table());
    }

    @Test
    void filesAreReadAsRowsOfTheTable() {
        assertEquals(
                Optional.of(TableOptions.DEFAULT.withTable(MixedTable.TABLE)),
                table().readOptions(ReadOptions.DEFAULT).table());
        TableOptions more = TableOptions.DEFAULT.withMissing("-9").withUnknownMissing(true);
        assertEquals(
                Optional.of(more.withTable(MixedTable.TABLE)),
                table().readOptions(ReadOptions.DEFAULT.withTable(more)).table());
        InputSchema plain = schema(Likelihood.GAUSSIAN, Map.of());
        assertSame(ReadOptions.DEFAULT, plain.readOptions(ReadOptions.DEFAULT));
        fails(
                ElboException.Kind.USAGE,
                () -> plain.readOptions(ReadOptions.DEFAULT.withTable(more)),
                "model: takes no missing values, as a model of Likelihood.columns does");
    }

    @Test
    void rowsOfAnotherTableAreRefused() {
        Dataset rows = Dataset.of("rows", MixedTable.TABLE, MixedTable.rows(5, 1));
        assertSame(rows, table().standardize(rows));
        refused(
                () -> schema(Likelihood.GAUSSIAN, Map.of()).standardize(rows),
                "rows: is a table of words or with gaps, which the model model does not take");
        Dataset numbers = Dataset.of("numbers", new float[MixedTable.PLACES], MixedTable.PLACES);
        refused(() -> table().standardize(numbers), "numbers: its rows are not those of the table", "readOptions");
    }

    @Test
    void metadataOfAnotherModelAreRefused() {
        Table other = Table.builder().gaussian("age").poisson("visits").build();
        refused(
                () -> schema(COLUMNS, Map.of(Table.KEY, other.toJson())),
                "model: 'elbo.table' in the metadata: its columns are not those of the model");
        refused(
                () -> schema(Likelihood.GAUSSIAN, Map.of(Table.KEY, other.toJson())),
                "its columns are not those of the model");
        refused(() -> schema(COLUMNS, Map.of(Table.KEY, "{\"columns\":[{\"name\":\"a\",\"kind\":\"odd\"}]}")), "'odd'");
        refused(
                () -> schema(COLUMNS, Map.of("elbo.standardization", "{\"mean\":[0],\"deviation\":[2]}")),
                "'elbo.standardization' in the metadata: place 1 (from 0) is of a column of kind "
                        + ColumnKind.BERNOULLI.label());
    }
}

package dev.elbo.verify;

import dev.elbo.model.ColumnKind;
import dev.elbo.model.Columns;
import dev.elbo.model.Columns.Column;
import dev.elbo.tensor.ElementType;
import dev.elbo.tensor.Tensor;
import java.util.List;

/** Checks of losses of counts against values to 17 digits: the float64 definitions cancel, the oracle's too. */
final class CountAnswers {
    /** Count, output, −log p and its derivative, by mpmath 1.3.0 with 50 digits. */
    private static final double[][] POISSON = {
        {0, -13.8125, 1.0030150942450053e-6, 1.0030150942450053e-6},
        {1, 0.5, 1.1487212707001281, 0.64872127070012815},
        {3, -13.8125, 43.229260472243149, -2.9999989969849058},
        {12, 2.5, 2.1697084563653596, 0.18249396070347344},
        {1000, 6.875, 4.9035440728399544, -32.224634415323394},
        {1000000, 13.8125, 12.35387926610835, -3006.0307789035159},
        {1000000, -13.8125, 26628018.384659173, -999999.99999899698},
        {7, 16.125, 10069178.040255708, 10069275.390094347},
        {999999, 16.125, 6759803.0842419583, 9069283.3900943467}
    };
    /** Count, output, log dispersion, −log p and its derivatives by both. */
    private static final double[][] NEGATIVE_BINOMIAL = {
        {0, -13.8125, -9.25, 9.9781752308855722e-7, 9.9265580137247761e-7, 5.1617217160796042e-9},
        {0, 16.125, 13.8125, 2399677.6216731198, 907171.79757195785, 1492505.8241011619},
        {1, 0.5, -9.25, 9.2509953871748947, 3.7814783930412607e-5, -0.99910072057369868},
        {3, 0.25, 0.25, 2.4962102572615453, -0.85798729165612926, -0.20516192704468381},
        {12, 2.5, -0.5, 3.8080058463218013, 0.0086549354359947871, -0.59245541386549453},
        {1000, 6.875, 3, 6.3514617117210487, -0.65520265327035695, -0.48384156271954043},
        {1000000, 13.8125, 13.8125, 10.436477354779235, -1503.015389451758, 0.8814195328469021},
        {1000000, 13.8125, -9.25, 23.066440233327941, -2.8978568898032684e-7, -0.99916642869160772},
        {1000000, -13.8125, 0.5, 14312491.540499102, -999999.39163996027, 999976.88914356897},
        {999999, 16.125, 13.8125, 1109890.7918794097, 817078.89370299999, 890033.53444694006},
        {7, 1.875, 13.8125, 1.9209838767840791, -0.47917774561742361, -3.3953775868446762e-6},
        {250, 16.125, -4.5, 10.182957010996809, 0.011108720711978457, -0.84951273662570259}
    };

    private CountAnswers() {}

    static List<Check> all() {
        return List.of(
                new Check("columnLoss", "known answers, poisson", (s, o) -> poisson(s, o)),
                new Check("columnLoss", "known answers, negative-binomial", (s, o) -> negativeBinomial(s, o)));
    }

    private static Tensor columns(Scratch s, ColumnKind kind) {
        int[] table = new Columns(List.of(Column.of(kind))).table();
        Tensor columns = s.zeros(ElementType.INT32, 1, Columns.FIELDS);
        columns.write(table);
        return columns;
    }

    private static void poisson(Scratch s, Outcome outcome) {
        Tensor columns = columns(s, ColumnKind.POISSON);
        Tensor loss = s.zeros(1, 1);
        Tensor dOutput = s.zeros(1, 1);
        for (double[] known : POISSON) {
            Tensor x = s.real(1, 1, known[0]);
            Tensor output = s.real(1, 1, known[1]);
            s.ops().columnLoss(output, x, columns, null, null, null, 1, loss, dOutput, null, null);
            close(s, outcome, "loss", known[2], loss);
            close(s, outcome, "dOutput", known[3], dOutput);
        }
    }

    private static void negativeBinomial(Scratch s, Outcome outcome) {
        Tensor columns = columns(s, ColumnKind.NEGATIVE_BINOMIAL);
        Tensor loss = s.zeros(1, 1);
        Tensor dOutput = s.zeros(1, 1);
        Tensor dLogDispersion = s.zeros(1, 1);
        for (double[] known : NEGATIVE_BINOMIAL) {
            Tensor x = s.real(1, 1, known[0]);
            Tensor output = s.real(1, 1, known[1]);
            Tensor logDispersion = s.real(1, 1, known[2]);
            s.ops().columnLoss(output, x, columns, null, logDispersion, null, 1, loss, dOutput, null, dLogDispersion);
            close(s, outcome, "loss", known[3], loss);
            close(s, outcome, "dOutput", known[4], dOutput);
            close(s, outcome, "dLogDispersion", known[5], dLogDispersion);
        }
    }

    /** Within one rounding, and what the definitions lose in float64. */
    private static void close(Scratch s, Outcome outcome, String name, double expected, Tensor actual) {
        double tolerance = (s.backend().unitRoundoff() + 1e-8) * Math.max(1, Math.abs(expected));
        outcome.close(name + " of " + expected, expected, actual.toDoubles()[0], tolerance);
    }
}

package dev.elbo.analysis.information;

/** The unit of information. */
public enum Unit {
    /** Natural logarithms. */
    NATS(1),
    /** Logarithms to base 2. */
    BITS(1 / Math.log(2));

    private final double perNat;

    Unit(double perNat) {
        this.perNat = perNat;
    }

    /**
     * {@return a number of nats in this unit}
     *
     * @param nats an amount of information
     */
    public double of(double nats) {
        return nats * perNat;
    }
}

package dev.elbo.report;

import dev.elbo.io.ImageShape;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The rendering of model outputs in the report.
 *
 * @param image shape of the examples if they are pictures
 * @param unit converts rows to the data's own unit, in place
 * @param features their names
 */
public record Rendering(Optional<ImageShape> image, UnaryOperator<float[]> unit, List<String> features) {}

/**
 * Addressed random numbers that are the same, bit for bit, on every backend.
 *
 * <p>Nothing here has state. A number is a function of its address (seed, step, stream, k, element), so it depends neither
 * on the order in which numbers are asked for, nor on how a batch is cut, nor on the device, and the state to resume is
 * (seed, step). {@link dev.elbo.noise.Noise} is the entry; {@link dev.elbo.noise.Philox} makes the words,
 * {@link dev.elbo.noise.Uniforms} and {@link dev.elbo.noise.Normals} turn them into floats with IEEE operations only.
 *
 * <p><b>The float32 value is the noise.</b> A backend of float64 uses the same float widened
 * ({@link dev.elbo.noise.Noise#normals(long, int, NoiseStream, int, long, int, double[], int)}).
 */
package dev.elbo.noise;

/**
 * Single kernels for programs that use JCuda themselves: on their context, their {@code CUdeviceptr} and their
 * {@code CUstream}. {@link dev.elbo.cuda.embed.ElboKernels} is the entry point; the following holds for all kernels.
 *
 * <ul>
 *   <li><b>A call queues its launches in the stream given and returns.</b> It makes no other call of the driver: it waits
 *       for nothing, copies nothing, allocates no device memory, and may be captured. A stream of {@code null} is the NULL
 *       stream. Arguments are read and results written when the stream reaches the launch.
 *   <li><b>Matrices are float32 and row-major</b>, element (i, j) at {@code pointer + 4 · (i · stride + j)} bytes; without
 *       strides they are dense. Pointers must be multiples of 4 bytes. Where pointer and row are multiples of 16 bytes,
 *       accesses take 16 bytes at a time; what is not aligned gives the same bits, slower. Gaps between rows are neither read
 *       nor written.
 *   <li><b>Shapes</b>: B examples, K samples of each. What is sampled has K·B rows, row k·B + b for sample k of example b.
 *   <li><b>What changes from step to step lies in device memory of the caller</b>, so that a captured step stays valid: the
 *       clock, and {@link dev.elbo.cuda.embed.DeviceSchedule the schedule}. The clock is {@code int[4]}: the step of the
 *       noise, the first row of the batch in the data, the row of the schedule, and the number of the first sample.
 *       {@link dev.elbo.cuda.embed.ElboKernels#nextStep} moves it to the next step;
 *       {@link dev.elbo.cuda.embed.ElboKernels#advance} and {@code cuMemsetD32Async} change other counters.
 *   <li><b>Wrong arguments are reported before anything is queued</b>, in one line: an {@link IllegalArgumentException} for a null,
 *       misaligned or overlapping argument or an impossible size, an {@link IllegalStateException} for closed kernels,
 *       for kernels whose context was destroyed, and for streams and threads of another context, a
 *       {@link dev.elbo.error.ElboException} for errors of the driver. Only the driver can tell whether a pointer's memory is still allocated and large enough;
 *       {@link dev.elbo.cuda.embed.ElboKernels.Validation#DRIVER} asks it.
 *   <li><b>Any thread</b> may call where the context is current; calls of one object exclude each other.
 *   <li>The same arguments give the same bits, on every device, and those of the {@code cuda} backend.
 * </ul>
 */
package dev.elbo.cuda.embed;

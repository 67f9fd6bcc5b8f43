/**
 * Backends: memory, the closed set of operations with their contracts ({@link dev.elbo.backend.Ops}), and programs of recorded
 * operations. One thread at a time uses a backend.
 *
 * <ul>
 *   <li><b>Operation</b>: one method of {@link dev.elbo.backend.Ops}, with its formula, shapes and checks.
 *   <li><b>Program</b>: operations recorded once, to be run many times; on a GPU a CUDA graph.
 *   <li><b>Clock</b>: four int32 counters in backend memory (noise step, batch row, slot, first sample); not time.
 *   <li><b>Slot</b>: the clock's counter of rows of the schedule and of the metrics; of upload buffers, one of the two.
 *   <li><b>Schedule</b>: values that change by plan, one row for each step: Adam's factors and β.
 *   <li><b>Pass</b>: a sweep over a data set in batches ({@code dev.elbo.analysis.Pass}).
 *   <li><b>Arena</b>, <b>layout</b>: one buffer, and the places of named matrices in it.
 * </ul>
 */
package dev.elbo.backend;

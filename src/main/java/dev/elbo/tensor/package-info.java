/** Backend memory: buffers, which own and are closed, and tensors, which are views. */
package dev.elbo.tensor;

/**
 * Backends: memory, the closed set of operations with their contracts ({@link dev.elbo.backend.Ops}), and programs of
 * recorded operations. One thread at a time uses a backend.
 */
package dev.elbo.backend;

/**
 * Files: durable writing, bounded reading, safetensors, NPY, pictures and plots. Independent of models and data sets.
 */
package dev.elbo.io;

/** Files: durable writing, bounded reading, safetensors, NPY, pictures and plots. Knows nothing of models or data sets. */
package dev.elbo.io;

/** Data sets: their content, the readers of their formats, and the sources of the named ones. */
package dev.elbo.data;

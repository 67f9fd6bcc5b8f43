/** Data sets: what they hold, how they are read, and where the named ones come from. */
package dev.elbo.data;

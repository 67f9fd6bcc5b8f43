/** How the library says that something went wrong, and what an interrupt does. */
package dev.elbo.error;

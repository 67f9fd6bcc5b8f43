/**
 * Native libraries in a process that others share: what they need of it, they alone see.
 *
 * @hidden
 */
package dev.elbo.natives;

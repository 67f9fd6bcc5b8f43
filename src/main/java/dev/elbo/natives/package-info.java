/**
 * Native libraries in a shared process: settings that a library needs are visible to it alone.
 *
 * @hidden
 */
package dev.elbo.natives;

/**
 * Native libraries in a process that others share: settings that a library needs are visible to it alone.
 *
 * @hidden
 */
package dev.elbo.natives;

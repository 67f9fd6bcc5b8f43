/** Training: the loop over the epochs, what changes along it by plan, what it tells, and the folder that a run leaves. */
package dev.elbo.train;

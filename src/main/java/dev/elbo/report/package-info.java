/** The report of a run, on one self-contained page. */
package dev.elbo.report;

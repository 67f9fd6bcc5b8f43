/** What a run came to, on one page that needs nothing but itself. */
package dev.elbo.report;

/** Memory of a backend and views of it: few owners, which are closed, and many views, which are values. */
package dev.elbo.tensor;

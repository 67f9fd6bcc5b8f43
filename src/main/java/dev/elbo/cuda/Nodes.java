package dev.elbo.cuda;

import java.util.List;

/** What an operation is made of, in its order; of one that is recorded it may only be known at the end of the program. */
@FunctionalInterface
interface Nodes {
    List<Node> nodes();
}

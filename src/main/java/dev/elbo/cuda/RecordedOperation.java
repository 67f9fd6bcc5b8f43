package dev.elbo.cuda;

import java.util.List;

/** An operation as its nodes, in order; those of a recorded one may only be known at the end of the program. */
@FunctionalInterface
interface RecordedOperation {
    List<Node> nodes();

    /** {@return the arguments, or null if it is never fused} */
    default FusibleOperation request() {
        return null;
    }

    /** An operation whose nodes a program may fuse with those of others. */
    record Requested(FusibleOperation request, List<Node> nodes) implements RecordedOperation {}
}

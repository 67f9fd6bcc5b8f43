package dev.elbo.cuda;

import java.util.List;

/** What an operation is made of, in its order; of one that is recorded it may only be known at the end of the program. */
@FunctionalInterface
interface RecordedOperation {
    List<Node> nodes();

    /** {@return what was asked for, or null where it always stays a launch of its own} */
    default FusibleOperation request() {
        return null;
    }

    /** Nodes that a program may make otherwise, together with those of other requests. */
    record Requested(FusibleOperation request, List<Node> nodes) implements RecordedOperation {}
}

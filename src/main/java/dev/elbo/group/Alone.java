package dev.elbo.group;

import java.nio.ByteBuffer;

/** A group of one member. */
enum Alone implements Peers {
    MEMBER;

    @Override
    public int rank() {
        return 0;
    }

    @Override
    public int size() {
        return 1;
    }

    @Override
    public void exchange(ByteBuffer[] send, ByteBuffer[] receive) {
        // there is nobody to send to
    }

    @Override
    public Traffic traffic() {
        return new Traffic(0, 0);
    }

    @Override
    public void close() {
        // nothing is held
    }
}

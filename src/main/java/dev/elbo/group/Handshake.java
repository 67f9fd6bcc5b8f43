package dev.elbo.group;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;

/**
 * The first messages of a connection, in which each side proves that it is a member of the same attempt of the same run. The side that
 * connects says its nonce, rank and a challenge; the side that accepts answers with its rank, a challenge and a proof; the first
 * proves itself too, and is told that it is in.
 */
final class Handshake {
    private static final byte[] MAGIC = "elbogrp1".getBytes(StandardCharsets.US_ASCII);
    private static final int CHALLENGE = 16;
    private static final int HELLO = MAGIC.length + GroupKey.NONCE_BYTES + 2 * Integer.BYTES + CHALLENGE;
    private static final int ANSWER = MAGIC.length + Integer.BYTES + CHALLENGE + GroupKey.PROOF_BYTES;
    private static final byte IN = 1;

    private final GroupKey key;
    private final int rank;
    private final int size;
    private final Duration patience;

    Handshake(GroupKey key, int rank, int size, Duration patience) {
        this.key = key;
        this.rank = rank;
        this.size = size;
        this.patience = patience;
    }

    /** What makes a side no member. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    /** Introduces this member to one that it has connected to. */
    void connecting(Connection other, int accepting) throws Refused {
        byte[] asked = GroupKey.random(CHALLENGE);
        write(
                other,
                ByteBuffer.allocate(HELLO)
                        .put(MAGIC)
                        .put(key.nonce())
                        .putInt(rank)
                        .putInt(size)
                        .put(asked));
        ByteBuffer answer = read(other, ANSWER);
        require(MessageDigest.isEqual(MAGIC, bytes(answer, MAGIC.length)), "it does not speak as members of elbo do");
        int found = answer.getInt();
        require(found == accepting, "it is member " + found);
        byte[] answered = bytes(answer, CHALLENGE);
        byte[] proof = key.proof("accepting", asked, answered, rank, accepting, size);
        require(MessageDigest.isEqual(proof, bytes(answer, proof.length)), "it has another secret");
        write(
                other,
                ByteBuffer.allocate(GroupKey.PROOF_BYTES)
                        .put(key.proof("connecting", asked, answered, rank, accepting, size)));
        require(read(other, 1).get() == IN, "it refuses this member");
    }

    /** Returns the rank of a side that has connected to this member, once it has proved it. */
    int accepting(Connection other) throws Refused {
        ByteBuffer hello = read(other, HELLO);
        require(MessageDigest.isEqual(MAGIC, bytes(hello, MAGIC.length)), "it does not speak as members of elbo do");
        require(
                MessageDigest.isEqual(key.nonce(), bytes(hello, GroupKey.NONCE_BYTES)),
                "it belongs to another run or an earlier attempt");
        int found = hello.getInt();
        int expected = hello.getInt();
        require(expected == size, "its group has " + expected + " members, not " + size);
        require(found > rank && found < size, "it says that it is member " + found + ", which does not connect here");
        byte[] asked = bytes(hello, CHALLENGE);
        byte[] answered = GroupKey.random(CHALLENGE);
        write(
                other,
                ByteBuffer.allocate(ANSWER)
                        .put(MAGIC)
                        .putInt(rank)
                        .put(answered)
                        .put(key.proof("accepting", asked, answered, found, rank, size)));
        byte[] proof = key.proof("connecting", asked, answered, found, rank, size);
        require(MessageDigest.isEqual(proof, bytes(read(other, proof.length), proof.length)), "it has another secret");
        return found;
    }

    /** Tells a side that it is in. */
    void welcome(Connection other) {
        write(other, ByteBuffer.allocate(1).put(IN));
    }

    private static void require(boolean holds, String otherwise) throws Refused {
        if (!holds) {
            throw new Refused(otherwise);
        }
    }

    private void write(Connection other, ByteBuffer message) {
        other.write(new ByteBuffer[] {message.flip()}, patience);
    }

    private ByteBuffer read(Connection other, int length) {
        ByteBuffer message = ByteBuffer.allocate(length);
        other.read(message, patience);
        return message.flip();
    }

    private static byte[] bytes(ByteBuffer from, int count) {
        byte[] bytes = new byte[count];
        from.get(bytes);
        return bytes;
    }
}

package dev.elbo.group;

import java.nio.ByteBuffer;

/** The precision of numbers, and what is done with arrays of it. */
enum Numbers {
    FLOAT32(Float.BYTES) {
        @Override
        Object array(int length) {
            return new float[length];
        }

        @Override
        void add(Object to, int at, Object from, int start, int count) {
            add((float[]) to, at, (float[]) from, start, count);
        }

        private void add(float[] to, int at, float[] from, int start, int count) {
            for (int i = 0; i < count; i++) {
                to[at + i] += from[start + i];
            }
        }

        @Override
        void put(Object from, int start, ByteBuffer to, int at, int count) {
            to.asFloatBuffer().put(at, (float[]) from, start, count);
        }

        @Override
        void get(ByteBuffer from, int start, Object to, int at, int count) {
            from.asFloatBuffer().get(start, (float[]) to, at, count);
        }
    },
    FLOAT64(Double.BYTES) {
        @Override
        Object array(int length) {
            return new double[length];
        }

        @Override
        void add(Object to, int at, Object from, int start, int count) {
            add((double[]) to, at, (double[]) from, start, count);
        }

        private void add(double[] to, int at, double[] from, int start, int count) {
            for (int i = 0; i < count; i++) {
                to[at + i] += from[start + i];
            }
        }

        @Override
        void put(Object from, int start, ByteBuffer to, int at, int count) {
            to.asDoubleBuffer().put(at, (double[]) from, start, count);
        }

        @Override
        void get(ByteBuffer from, int start, Object to, int at, int count) {
            from.asDoubleBuffer().get(start, (double[]) to, at, count);
        }
    };

    final int bytes;

    Numbers(int bytes) {
        this.bytes = bytes;
    }

    abstract Object array(int length);

    /** Adds numbers of an array to those of another, or of another place of the same. */
    abstract void add(Object to, int at, Object from, int start, int count);

    /** Copies numbers to a buffer, at a place counted in numbers from its position. */
    abstract void put(Object from, int start, ByteBuffer to, int at, int count);

    /** Copies numbers from a buffer, at a place counted in numbers from its position. */
    abstract void get(ByteBuffer from, int start, Object to, int at, int count);
}

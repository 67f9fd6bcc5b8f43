package dev.elbo.data.picture;

/** Colours by number, as Java packs them: alpha, red, green, blue. */
record Palette(int[] argb) {
    /** Reads red, green and blue, one after the other, from a file's bytes, all opaque. */
    static Palette rgb(Source in, long at, int count) {
        int[] colours = new int[count];
        for (int i = 0; i < count; i++) {
            colours[i] = 0xff000000 | in.u8(at + 3L * i) << 16 | in.u8(at + 3L * i + 1) << 8 | in.u8(at + 3L * i + 2);
        }
        return new Palette(colours);
    }

    void alpha(int colour, int alpha) {
        argb[colour] = argb[colour] & 0xffffff | alpha << 24;
    }

    boolean isGrey() {
        for (int colour : argb) {
            if ((colour >> 16 & 0xff) != (colour & 0xff) || (colour >> 8 & 0xff) != (colour & 0xff)) {
                return false;
            }
        }
        return true;
    }

    int colour(Source in, int number) {
        if (number >= argb.length) {
            throw in.broken("a pixel has colour " + number + " of a palette of " + argb.length
                    + "; it is corrupt, take another copy");
        }
        return argb[number];
    }
}

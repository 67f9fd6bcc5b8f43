package dev.elbo.data.picture;

/** The first picture of a GIF (CompuServe 87a, 89a), laid on a white screen of the size that the file declares. */
final class Gif implements PictureFormat.Codec {
    private static final int EXTENSION = 0x21;
    private static final int GRAPHIC_CONTROL = 0xf9;
    private static final int IMAGE = 0x2c;
    /** Codes have at most this many bits. */
    private static final int MAX_BITS = 12;
    /** Blocks of comments and the like before the picture. */
    private static final int MAX_BLOCKS = 1 << 16;

    /** The first line of each pass, and how far its lines are apart. */
    private static final int[][] PASSES = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    /** The first picture; its coded pixels begin at {@code data}. */
    private record Frame(int left, int top, int width, int height, boolean interlaced, Palette palette, long data) {}

    @Override
    public PictureHeader header(Source in) {
        int width = in.u16Low(6);
        int height = in.u16Low(8);
        Frame frame = frame(in, width, height);
        // no code stands for more pixels than there are codes
        return PictureHeader.of(in, PictureFormat.GIF, height, width, frame.palette.isGrey(), false, 1, 1L << MAX_BITS);
    }

    /** Returns whether another picture follows the first, by skipping its blocks; false also for a file that ends. */
    static boolean hasMore(Source in) {
        long at = frame(in, in.u16Low(6), in.u16Low(8)).data + 1;
        for (boolean pixels = true; pixels || at < in.size() && in.u8(at) == EXTENSION; pixels = false) {
            at += pixels ? 0 : 2;
            while (at < in.size() && in.u8(at) != 0) {
                at += 1 + in.u8(at);
            }
            at++;
        }
        return at < in.size() && in.u8(at) == IMAGE;
    }

    private static Frame frame(Source in, int screenWidth, int screenHeight) {
        int packed = in.u8(10);
        long at = 13;
        Palette shared = null;
        if ((packed & 0x80) != 0) {
            shared = Palette.rgb(in, at, 2 << (packed & 7));
            at += 3L * shared.argb().length;
        }
        int transparent = -1;
        for (int blocks = 0; in.u8(at) == EXTENSION; ) {
            if (in.u8(at + 1) == GRAPHIC_CONTROL && in.u8(at + 2) == 4) {
                transparent = (in.u8(at + 3) & 1) != 0 ? in.u8(at + 6) : -1;
            }
            at += 2;
            while (in.u8(at) != 0) {
                at += 1 + in.u8(at);
                if (++blocks > MAX_BLOCKS) {
                    throw in.broken("has more than " + MAX_BLOCKS + " blocks before its picture; save it again");
                }
            }
            at++;
        }
        if (in.u8(at) != IMAGE) {
            throw in.broken("has no picture at byte " + at + "; it is corrupt, take another copy");
        }
        int left = in.u16Low(at + 1);
        int top = in.u16Low(at + 3);
        int width = in.u16Low(at + 5);
        int height = in.u16Low(at + 7);
        int local = in.u8(at + 9);
        if (width == 0 || height == 0 || left + width > screenWidth || top + height > screenHeight) {
            throw in.broken("its first picture of " + width + " × " + height + " pixels at " + left + ", " + top
                    + " does not lie on its screen of " + screenWidth + " × " + screenHeight + "; save it again");
        }
        at += 10;
        Palette palette = shared;
        if ((local & 0x80) != 0) {
            palette = Palette.rgb(in, at, 2 << (local & 7));
            at += 3L * palette.argb().length;
        }
        if (palette == null) {
            throw in.broken("has no palette; it is corrupt, take another copy");
        }
        if (transparent >= 0 && transparent < palette.argb().length) {
            palette.alpha(transparent, 0);
        }
        return new Frame(left, top, width, height, (local & 0x40) != 0, palette, at);
    }

    @Override
    public Picture decode(Source in, PictureHeader header) {
        Frame frame = frame(in, header.width(), header.height());
        byte[] numbers = numbers(in, frame);
        Canvas canvas = new Canvas(header);
        int row = 0;
        for (int[] pass : frame.interlaced ? PASSES : new int[][] {{0, 1}}) {
            for (int y = pass[0]; y < frame.height; y += pass[1], row++) {
                int at = (frame.top + y) * header.width() + frame.left;
                for (int x = 0; x < frame.width; x++) {
                    canvas.paint(at + x, frame.palette.colour(in, numbers[row * frame.width + x] & 0xff));
                }
            }
        }
        return canvas.picture();
    }

    /** Colour numbers in the order of the file: LZW, codes packed from the low bits up. */
    private static byte[] numbers(Source in, Frame frame) {
        int least = in.u8(frame.data);
        if (least < 2 || least > 8) {
            throw in.broken("its code size is " + least + " bits, not 2 to 8; it is corrupt, take another copy");
        }
        int clear = 1 << least;
        Bits bits = new Bits(in, frame.data + 1);
        byte[] out = new byte[frame.width * frame.height];
        // where each code's pixels begin in what is decoded already, and how many they are
        int[] starts = new int[1 << MAX_BITS];
        int[] lengths = new int[1 << MAX_BITS];
        int size = least + 1;
        int next = clear + 2;
        int previous = -1;
        for (int done = 0; done < out.length; ) {
            int code = bits.next(size);
            if (code == clear) {
                size = least + 1;
                next = clear + 2;
                previous = -1;
                continue;
            }
            boolean known = code < clear || code > clear + 1 && code < next;
            boolean growing = previous >= 0 && next < 1 << MAX_BITS;
            if (!known && !(growing && code == next)) {
                throw in.broken(
                        code == clear + 1
                                ? "its pixels end after " + done + " of " + out.length
                                        + "; it is truncated or corrupt, take another copy"
                                : "its code " + code
                                        + " is used before it is defined; it is corrupt, take another copy");
            }
            int begin = done;
            if (growing) {
                // the previous pixels and the first of these, which lie one after the other
                starts[next] = begin - lengths(previous, clear, lengths);
                lengths[next] = lengths(previous, clear, lengths) + 1;
            }
            int count = Math.min(
                    code == next && growing ? lengths[next] : lengths(code, clear, lengths), out.length - done);
            for (int i = 0; i < count; i++) {
                out[done++] = code < clear ? (byte) code : out[starts[code] + i];
            }
            if (growing && ++next == 1 << size && size < MAX_BITS) {
                size++;
            }
            previous = code;
        }
        return out;
    }

    private static int lengths(int code, int clear, int[] lengths) {
        return code < clear ? 1 : lengths[code];
    }

    /** The bits of a chain of blocks. */
    private static final class Bits {
        private final Source in;
        private long at;
        private int left;
        private int held;
        private int count;

        Bits(Source in, long at) {
            this.in = in;
            this.at = at;
        }

        int next(int bits) {
            while (count < bits) {
                if (left == 0) {
                    left = in.u8(at++);
                    if (left == 0) {
                        throw in.broken(
                                "its pixels end before the picture is full; it is truncated, take another copy");
                    }
                }
                held |= in.u8(at++) << count;
                count += 8;
                left--;
            }
            int code = held & (1 << bits) - 1;
            held >>>= bits;
            count -= bits;
            return code;
        }
    }
}

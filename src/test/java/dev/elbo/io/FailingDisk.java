package dev.elbo.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The real disk, whose N-th operation fails, and whose writes take a few bytes at a time. */
public final class FailingDisk implements Disk {
    private final int failAt;
    private final List<String> done = new ArrayList<>();

    /** @param failAt number of the operation that fails, from 1 */
    public FailingDisk(int failAt) {
        this.failAt = failAt;
    }

    /** Whether it has come to that. */
    public boolean hasFailed() {
        return done.size() >= failAt;
    }

    /** All operations, by name. */
    public List<String> done() {
        return done;
    }

    private void step(String what) throws IOException {
        done.add(what);
        if (done.size() == failAt) {
            throw new IOException("No space left on device");
        }
    }

    @Override
    public Output create(Path file) throws IOException {
        step("create");
        return wrap(REAL.create(file));
    }

    @Override
    public Output append(Path file) throws IOException {
        step("append");
        return wrap(REAL.append(file));
    }

    private Output wrap(Output real) {
        return new Output() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                ByteBuffer some = bytes.slice(bytes.position(), (bytes.remaining() + 1) / 2);
                if (done.size() + 1 == failAt && some.remaining() > 1) {
                    // the disk gets full in the middle
                    real.write(some.limit(some.limit() / 2));
                }
                step("write");
                int taken = real.write(some);
                bytes.position(bytes.position() + taken);
                return taken;
            }

            @Override
            public void force() throws IOException {
                step("force");
                real.force();
            }

            @Override
            public void close() throws IOException {
                real.close();
                step("close");
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step("rename");
        REAL.rename(from, to);
    }

    @Override
    public void forceFolder(Path folder) throws IOException {
        step("forceFolder");
        REAL.forceFolder(folder);
    }

    @Override
    public void delete(Path file) throws IOException {
        step("delete");
        REAL.delete(file);
    }
}

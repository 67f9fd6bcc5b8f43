package dev.elbo.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The real disk, with a record of what was done to one folder, and of what a power cut after any of it may leave: content
 * that was not forced is lost, there or torn, and each change of a name that was not forced has happened or not, whatever
 * came before or after it.
 */
public final class CrashingDisk implements Disk {
    /** A promise that is not kept, to show that it is needed. */
    public enum Fault {
        NONE,
        /** {@code force} of files does nothing. */
        NO_FORCE,
        /** {@code forceFolder} does nothing. */
        NO_FOLDER_FORCE
    }

    /** What the content of files that was not forced has become. */
    private enum Unforced {
        LOST,
        KEPT,
        TORN
    }

    private interface Event {}

    private record Name(String removed, String added, int file) implements Event {}

    private record Write(int file, byte[] bytes) implements Event {}

    private record Force(int file) implements Event {}

    private record ForceFolder() implements Event {}

    private record Said(String what) implements Event {}

    /** What is on the device after the cut, and what had been said before it. */
    public record Crash(String said, Map<String, byte[]> files) {
        /** Puts it into a folder. */
        public void write(Path folder) throws IOException {
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        }
    }

    private final Path folder;
    private final Fault fault;
    private final List<Event> events = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();
    private int files;

    public CrashingDisk(Path folder, Fault fault) {
        this.folder = folder.toAbsolutePath();
        this.fault = fault;
    }

    /** Something that the program told its user. */
    public void said(String what) {
        events.add(new Said(what));
    }

    private String name(Path file) {
        Path absolute = file.toAbsolutePath();
        if (!absolute.getParent().equals(folder)) {
            throw new AssertionError(file + " is not in " + folder);
        }
        return absolute.getFileName().toString();
    }

    @Override
    public Output create(Path file) throws IOException {
        int number = files++;
        names.put(name(file), number);
        events.add(new Name(null, name(file), number));
        return output(REAL.create(file), number);
    }

    @Override
    public Output append(Path file) throws IOException {
        return output(REAL.append(file), names.get(name(file)));
    }

    private Output output(Output real, int number) {
        return new Output() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                byte[] copy = new byte[bytes.remaining()];
                bytes.duplicate().get(copy);
                int taken = real.write(bytes);
                events.add(new Write(number, Arrays.copyOf(copy, taken)));
                return taken;
            }

            @Override
            public void force() throws IOException {
                real.force();
                if (fault != Fault.NO_FORCE) {
                    events.add(new Force(number));
                }
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        REAL.rename(from, to);
        int number = names.remove(name(from));
        names.put(name(to), number);
        events.add(new Name(name(from), name(to), number));
    }

    @Override
    public void forceFolder(Path forced) throws IOException {
        REAL.forceFolder(forced);
        if (fault != Fault.NO_FOLDER_FORCE) {
            events.add(new ForceFolder());
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        REAL.delete(file);
        if (names.remove(name(file)) != null) {
            events.add(new Name(name(file), null, -1));
        }
    }

    /** Every state that a power cut at any moment may leave. */
    public List<Crash> crashes() {
        List<Crash> crashes = new ArrayList<>();
        for (int end = 0; end <= events.size(); end++) {
            crashes.addAll(after(events.subList(0, end)));
        }
        return crashes;
    }

    private static List<Crash> after(List<Event> done) {
        Map<String, Integer> settled = new LinkedHashMap<>();
        List<Name> open = new ArrayList<>();
        Map<Integer, byte[]> forced = new HashMap<>();
        Map<Integer, byte[]> written = new HashMap<>();
        String said = "";
        for (Event event : done) {
            if (event instanceof Name name) {
                open.add(name);
            } else if (event instanceof Write write) {
                byte[] before = written.getOrDefault(write.file, new byte[0]);
                byte[] all = Arrays.copyOf(before, before.length + write.bytes.length);
                System.arraycopy(write.bytes, 0, all, before.length, write.bytes.length);
                written.put(write.file, all);
            } else if (event instanceof Force force) {
                forced.put(force.file, written.getOrDefault(force.file, new byte[0]));
            } else if (event instanceof ForceFolder) {
                open.forEach(name -> apply(name, settled));
                open.clear();
            } else if (event instanceof Said what) {
                said = what.what;
            }
        }
        List<Crash> crashes = new ArrayList<>();
        // where nothing is ever forced, the latest changes are the ones of interest
        int free = Math.min(open.size(), 6);
        open.subList(0, open.size() - free).forEach(name -> apply(name, settled));
        List<Name> unsure = open.subList(open.size() - free, open.size());
        for (int happened = 0; happened < 1 << free; happened++) {
            Map<String, Integer> there = new LinkedHashMap<>(settled);
            for (int i = 0; i < free; i++) {
                if ((happened >> i & 1) == 1) {
                    apply(unsure.get(i), there);
                }
            }
            for (Unforced fate : Unforced.values()) {
                Map<String, byte[]> content = new TreeMap<>();
                there.forEach((name, file) -> content.put(
                        name,
                        content(
                                forced.getOrDefault(file, new byte[0]),
                                written.getOrDefault(file, new byte[0]),
                                fate)));
                crashes.add(new Crash(said, content));
            }
        }
        return crashes;
    }

    private static void apply(Name name, Map<String, Integer> names) {
        if (name.removed != null) {
            names.remove(name.removed);
        }
        if (name.added != null) {
            names.put(name.added, name.file);
        }
    }

    private static byte[] content(byte[] forced, byte[] written, Unforced fate) {
        switch (fate) {
            case LOST -> {
                return forced;
            }
            case KEPT -> {
                return written;
            }
            default -> {
                // the length is there, half of the content is not
                byte[] torn = written.clone();
                Arrays.fill(torn, forced.length + (written.length - forced.length) / 2, written.length, (byte) 0);
                return torn;
            }
        }
    }
}

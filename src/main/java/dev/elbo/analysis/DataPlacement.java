package dev.elbo.analysis;

import dev.elbo.backend.Backend;
import dev.elbo.data.Dataset;
import java.util.Locale;

/** The placement of data while a backend works on them. Results do not depend on it. */
public enum DataPlacement {
    /** Resident if the data take at most half of the backend's free memory, else streamed. */
    AUTO,
    /** The data are in the backend's memory, as a whole. */
    RESIDENT,
    /** The data are in the host's memory, and chunks are uploaded while the backend works on others. */
    STREAMED;

    /**
     * {@return {@link #RESIDENT} or {@link #STREAMED}, for data that are used together}
     *
     * @param backend asked for its free memory
     * @param together data sets, none of them there yet
     */
    public DataPlacement resolve(Backend backend, Dataset... together) {
        if (this != AUTO) {
            return this;
        }
        long bytes = 0;
        for (Dataset data : together) {
            if ((long) data.size() * data.features() > backend.longestBuffer()) {
                return STREAMED;
            }
            bytes += data.size() * rowBytes(data);
        }
        return bytes <= backend.freeMemory() / 2 ? RESIDENT : STREAMED;
    }

    /** Returns the bytes of an example on its way to a backend. */
    static long rowBytes(Dataset data) {
        return (long) data.features() * (data.isBytes() ? 1 : Float.BYTES);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

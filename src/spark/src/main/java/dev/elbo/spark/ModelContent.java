package dev.elbo.spark;

import dev.elbo.analysis.InputSchema;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import dev.elbo.io.Sha256;
import dev.elbo.model.TableColumn;
import dev.elbo.model.VaeSpec;
import dev.elbo.net.StoredModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** The file of a model, which a transformer and its copies share on the driver, with its broadcast to the executors. */
final class ModelContent implements Serializable {
    /**
     * What the executors get.
     *
     * @param name of the model in messages
     * @param bytes of the file
     * @param digest SHA-256 of the bytes
     */
    record Bytes(String name, byte[] bytes, String digest) implements Serializable {
        /** Reads the model, checked. */
        StoredModel stored() {
            return StoredModel.read(name, bytes);
        }
    }

    private record Description(VaeSpec spec, InputSchema inputs) {}

    private final Bytes bytes;
    private transient Description description;
    private transient SparkContext context;
    private transient Broadcast<Bytes> broadcast;

    private ModelContent(Bytes bytes) {
        this.bytes = bytes;
    }

    /** Returns the settings of Hadoop, with those of the session if there is one. */
    static Configuration configuration() {
        Option<SparkSession> session = SparkSession.getActiveSession();
        if (session.isEmpty()) {
            session = SparkSession.getDefaultSession();
        }
        return session.isEmpty()
                ? new Configuration()
                : session.get().sparkContext().hadoopConfiguration();
    }

    /** Reads the file of a model and checks it. */
    static ModelContent read(String name, Configuration configuration) {
        try {
            Path path = new Path(name);
            FileSystem files = path.getFileSystem(configuration);
            FileStatus status = files.getFileStatus(path);
            if (status.isDirectory()) {
                throw ElboException.data(name + ": is a folder; VaeModel.ofFile reads a model.safetensors,"
                        + " VaeModel.load the folder that VaeModel.save has written");
            }
            if (status.getLen() > Integer.MAX_VALUE - 8) {
                throw ElboException.data(name + ": has " + status.getLen() + " bytes; models below 2 GiB are served");
            }
            byte[] bytes = new byte[(int) status.getLen()];
            try (FSDataInputStream in = files.open(path)) {
                in.readFully(bytes);
            }
            return of(name, bytes);
        } catch (FileNotFoundException e) {
            throw ElboException.data(name + ": no such file", e);
        } catch (IOException e) {
            throw ElboException.io(name + ": cannot be read: " + Messages.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw notAPath(name, e);
        }
    }

    /** Returns the model in the bytes of a file, checked. */
    static ModelContent of(String name, byte[] bytes) {
        String digest = HexFormat.of().formatHex(Sha256.create().digest(bytes));
        ModelContent content = new ModelContent(new Bytes(name, bytes, digest));
        content.description();
        return content;
    }

    /** Returns the error of a text that Hadoop refuses as a path. */
    static ElboException notAPath(String name, IllegalArgumentException cause) {
        String reason = Messages.line(String.valueOf(cause.getMessage()));
        return ElboException.data(Messages.quote(name) + " is not a path that Hadoop knows: " + reason, cause);
    }

    /** Writes the file. */
    void write(String name, Configuration configuration) {
        try {
            Path path = new Path(name);
            HadoopFile.replace(path.getFileSystem(configuration), path, out -> out.write(bytes()));
        } catch (IOException e) {
            throw ElboException.io(name + ": cannot be written: " + Messages.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw notAPath(name, e);
        }
    }

    byte[] bytes() {
        return bytes.bytes();
    }

    String name() {
        return bytes.name();
    }

    String digest() {
        return bytes.digest();
    }

    VaeSpec spec() {
        return description().spec();
    }

    InputSchema inputs() {
        return description().inputs();
    }

    /** Returns the columns of a row: those of the table, constant ones too, else the names of the inputs. */
    List<String> columns() {
        return inputs().table()
                .map(table -> table.columns().stream().map(TableColumn::name).toList())
                .orElseGet(() -> inputs().columns());
    }

    private synchronized Description description() {
        if (description == null) {
            StoredModel stored = bytes.stored();
            description = new Description(stored.spec(), InputSchema.of(bytes.name(), stored));
        }
        return description;
    }

    /** Returns the broadcast in a context, made by the first call. */
    synchronized Broadcast<Bytes> broadcast(SparkContext wanted) {
        if (broadcast == null || context != wanted) {
            broadcast = JavaSparkContext.fromSparkContext(wanted).broadcast(bytes);
            context = wanted;
        }
        return broadcast;
    }
}

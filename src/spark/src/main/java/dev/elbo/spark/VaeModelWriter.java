package dev.elbo.spark;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLWriter;

/**
 * A writer of the folder of a model: {@code metadata} as every stage of Spark ML has it, which a pipeline's reader looks into, and
 * {@code model.safetensors}. It calls nothing of Spark that differs between its versions.
 */
final class VaeModelWriter extends MLWriter {
    static final String MODEL = "model.safetensors";
    static final String METADATA = "metadata";
    static final String CLASS = "class";
    static final String UID = "uid";
    static final String PARAMS = "paramMap";
    static final String DEFAULTS = "defaultParamMap";

    private final VaeModel model;
    private final ModelContent content;

    VaeModelWriter(VaeModel model, ModelContent content) {
        this.model = model;
        this.content = content;
    }

    @Override
    public void saveImpl(String path) {
        try {
            Path folder = new Path(path);
            FileSystem files = folder.getFileSystem(sc().hadoopConfiguration());
            write(files, new Path(folder, MODEL), content.bytes());
            Path metadata = new Path(folder, METADATA);
            write(files, new Path(metadata, "part-00000"), (metadata() + "\n").getBytes(StandardCharsets.UTF_8));
            write(files, new Path(metadata, "_SUCCESS"), new byte[0]);
        } catch (IOException e) {
            throw ElboException.io(path + ": cannot be written: " + Messages.reason(e), e);
        }
    }

    private static void write(FileSystem files, Path path, byte[] bytes) throws IOException {
        try (FSDataOutputStream out = files.create(path, true)) {
            out.write(bytes);
        }
    }

    private String metadata() {
        JsonObject set = new JsonObject();
        JsonObject defaults = new JsonObject();
        for (Param<?> param : model.params()) {
            if (model.isSet(param)) {
                set.add(param.name(), json(param));
            }
            if (model.hasDefault(param)) {
                defaults.add(param.name(), json(param, model.getDefault(param).get()));
            }
        }
        JsonObject all = new JsonObject();
        all.addProperty(CLASS, VaeModel.class.getName());
        all.addProperty("timestamp", System.currentTimeMillis());
        all.addProperty("sparkVersion", sc().version());
        all.addProperty(UID, model.uid());
        all.add(PARAMS, set);
        all.add(DEFAULTS, defaults);
        return all.toString();
    }

    private <T> JsonElement json(Param<T> param) {
        return json(param, model.getOrDefault(param));
    }

    @SuppressWarnings("unchecked")
    private static <T> JsonElement json(Param<T> param, Object value) {
        return JsonParser.parseString(param.jsonEncode((T) value));
    }
}

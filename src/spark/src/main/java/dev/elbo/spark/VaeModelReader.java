package dev.elbo.spark;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.util.MLReader;

/** A reader of the folder that {@link VaeModelWriter} writes. */
final class VaeModelReader extends MLReader<VaeModel> {
    /** The most bytes of metadata that are read; names of 1,000 columns take a tenth. */
    private static final int MAX_METADATA = 1 << 24;

    @Override
    public VaeModel load(String path) {
        Configuration configuration = sc().hadoopConfiguration();
        String text = metadata(path, configuration);
        try {
            JsonObject metadata = JsonParser.parseString(text).getAsJsonObject();
            String type = metadata.get(VaeModelWriter.CLASS).getAsString();
            if (!type.equals(VaeModel.class.getName())) {
                throw ElboException.data(path + ": holds a " + Messages.quote(type) + ", not a VaeModel");
            }
            ModelContent content = ModelContent.read(new Path(path, VaeModelWriter.MODEL).toString(), configuration);
            VaeModel model = new VaeModel(metadata.get(VaeModelWriter.UID).getAsString(), content);
            // defaults too: those of a later version may differ
            each(metadata, VaeModelWriter.DEFAULTS, (name, value) -> setDefault(path, model, name, value));
            each(metadata, VaeModelWriter.PARAMS, (name, value) -> set(path, model, name, value));
            return model;
        } catch (ElboException e) {
            throw e;
        } catch (Exception e) { // of Gson and json4s, which declare none, for what is missing or of another type
            throw ElboException.data(path + "/" + VaeModelWriter.METADATA + ": is not what VaeModel.save writes", e);
        }
    }

    private static void each(JsonObject metadata, String map, BiConsumer<String, JsonElement> use) {
        metadata.getAsJsonObject(map).entrySet().forEach(saved -> use.accept(saved.getKey(), saved.getValue()));
    }

    private static Param<Object> param(String path, VaeModel model, String name) {
        if (!model.hasParam(name)) {
            throw ElboException.data(
                    path + ": has the parameter " + Messages.quote(name)
                            + ", which this version of elbo does not have; load it with the version that saved it, or a newer one");
        }
        return model.getParam(name);
    }

    private static void set(String path, VaeModel model, String name, JsonElement value) {
        Param<Object> param = param(path, model, name);
        model.set(param, param.jsonDecode(value.toString()));
    }

    private static void setDefault(String path, VaeModel model, String name, JsonElement value) {
        Param<Object> param = param(path, model, name);
        model.setDefault(param, param.jsonDecode(value.toString()));
    }

    private static String metadata(String path, Configuration configuration) {
        try {
            Path folder = new Path(path, VaeModelWriter.METADATA);
            FileSystem files = folder.getFileSystem(configuration);
            FileStatus part = Arrays.stream(files.listStatus(folder))
                    .filter(file -> file.getPath().getName().startsWith("part-") && file.getLen() > 0)
                    .findFirst()
                    .orElseThrow(() -> new FileNotFoundException(folder.toString()));
            if (part.getLen() > MAX_METADATA) {
                throw ElboException.data(
                        part.getPath() + ": has " + part.getLen() + " bytes, at most " + MAX_METADATA + " are read");
            }
            byte[] text = new byte[(int) part.getLen()];
            try (FSDataInputStream in = files.open(part.getPath())) {
                in.readFully(text);
            }
            return new String(text, StandardCharsets.UTF_8);
        } catch (FileNotFoundException e) {
            throw ElboException.data(
                    path + ": is not a folder that VaeModel.save has written; VaeModel.ofFile reads a"
                            + " model.safetensors",
                    e);
        } catch (IOException e) {
            throw ElboException.io(path + ": cannot be read: " + Messages.reason(e), e);
        } catch (IllegalArgumentException e) {
            throw ModelContent.notAPath(path, e);
        }
    }
}

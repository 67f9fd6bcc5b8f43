package dev.elbo.data.picture;

import dev.elbo.error.ElboException;
import dev.elbo.io.Messages;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Java's own decoders; others on a program's class path are ignored, since their pixels could differ. */
final class Decoder {
    private static final String OWN = "com.sun.imageio.plugins.";

    private Decoder() {}

    /** Decodes a file that was walked and stripped before; {@code in} is for messages. */
    static BufferedImage decode(byte[] file, Source in, PictureHeader header) {
        ImageReader reader = null;
        BufferedImage image;
        try (MemoryCacheImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader = reader(header.format().name());
            String[] damage = new String[1];
            reader.addIIOReadWarningListener(listener(damage));
            reader.setInput(stream, true, true);
            image = reader.read(0);
            if (damage[0] != null) {
                throw corrupt(in, damage[0], null);
            }
        } catch (ElboException e) {
            throw e;
        } catch (IOException e) {
            throw corrupt(in, Messages.reason(e), e);
        } catch (RuntimeException | StackOverflowError | InternalError e) {
            // the decoders let damaged data out as any exception that an array or a buffer throws
            throw corrupt(in, e.getClass().getSimpleName(), e);
        } finally {
            if (reader != null) {
                reader.dispose();
            }
        }
        if (image.getHeight() != header.height() || image.getWidth() != header.width()) {
            throw corrupt(in, "its pixels are " + image.getWidth() + " × " + image.getHeight(), null);
        }
        return image;
    }

    private static ElboException corrupt(Source in, String why, Throwable cause) {
        return ElboException.data(
                in.name() + ": its pixels cannot be decoded (" + why
                        + "); it is corrupt or truncated, take another copy",
                cause);
    }

    private static ImageReader reader(String format) throws IOException {
        Iterator<ImageReaderSpi> all = IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, true);
        while (all.hasNext()) {
            ImageReaderSpi provider = all.next();
            if (provider.getClass().getName().startsWith(OWN)
                    && Arrays.asList(provider.getFormatNames()).contains(format)) {
                return provider.createReaderInstance();
            }
        }
        throw ElboException.unavailable(
                "this Java has no decoder of " + format + "; use a Java that has the module java.desktop");
    }

    /** libjpeg continues after damage, with grey for missing data, and only warns. */
    private static IIOReadWarningListener listener(String[] damage) {
        return (source, warning) -> {
            boolean harmless = !warning.startsWith("Corrupt JPEG data") && !warning.startsWith("Premature end")
                    || warning.contains("extraneous bytes");
            if (!harmless && damage[0] == null) {
                damage[0] = warning;
            }
        };
    }
}

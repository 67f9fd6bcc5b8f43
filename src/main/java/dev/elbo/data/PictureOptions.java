package dev.elbo.data;

/** How folders of pictures are read. */
public record PictureOptions() {
    /** What is right for most folders. */
    public static final PictureOptions DEFAULT = new PictureOptions();
}

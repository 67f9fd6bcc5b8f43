/**
 * Single pictures: their headers and pixels. Every file is checked from its header and walked structure by structure
 * before it is decoded, and the decoder gets only the parts that pixels need.
 */
package dev.elbo.data.picture;

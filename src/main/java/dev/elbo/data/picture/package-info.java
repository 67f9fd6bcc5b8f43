/**
 * Single pictures: what their headers say, and their pixels. Every file is judged from its header and walked structure by
 * structure before a decoder sees it, and the decoder sees nothing but what pixels need.
 */
package dev.elbo.data.picture;

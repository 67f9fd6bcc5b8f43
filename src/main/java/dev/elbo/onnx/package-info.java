/** Models as ONNX files, for runtimes that know nothing of elbo. {@link dev.elbo.onnx.OnnxExport} is where to begin. */
package dev.elbo.onnx;

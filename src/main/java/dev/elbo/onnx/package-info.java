/** Export of models as ONNX files, for other runtimes. {@link dev.elbo.onnx.OnnxExport} is the entry point. */
package dev.elbo.onnx;

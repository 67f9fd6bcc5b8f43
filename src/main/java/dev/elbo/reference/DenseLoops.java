package dev.elbo.reference;

import static dev.elbo.reference.Matrix.view;

import dev.elbo.backend.RawOps;
import dev.elbo.model.Activation;
import dev.elbo.tensor.Tensor;

/** Dense layers and activations. */
final class DenseLoops implements RawOps.Dense {
    @Override
    public Runnable dense(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor y) {
        return () -> forward(view(x), view(weight), view(bias), activation, view(y));
    }

    @Override
    public Runnable denseGrad(
            Tensor x, Tensor weight, Tensor y, Tensor dY, Activation activation, Tensor dW, Tensor dB, Tensor dX) {
        return () -> {
            activation(view(y), view(dY), activation);
            if (dB != null) {
                sums(view(dY), view(dB));
            }
            products(view(x), view(weight), view(dY), view(dW), view(dX));
        };
    }

    @Override
    public Runnable activateGrad(Tensor y, Tensor dY, Activation activation, Tensor dB) {
        return () -> {
            activation(view(y), view(dY), activation);
            sums(view(dY), view(dB));
        };
    }

    @Override
    public Runnable activate(Tensor x, Activation activation, Tensor y) {
        return () -> {
            Matrix from = view(x);
            Matrix to = view(y);
            for (int i = 0; i < x.rows(); i++) {
                for (int j = 0; j < x.cols(); j++) {
                    to.set(i, j, apply(activation, from.get(i, j)));
                }
            }
        };
    }

    private static void forward(Matrix x, Matrix weight, Matrix bias, Activation activation, Matrix y) {
        for (int i = 0; i < y.rows(); i++) {
            for (int o = 0; o < y.cols(); o++) {
                double sum = bias == null ? 0 : bias.get(0, o);
                for (int k = 0; k < x.cols(); k++) {
                    sum += x.get(i, k) * weight.get(o, k);
                }
                y.set(i, o, apply(activation, sum));
            }
        }
    }

    private static void activation(Matrix y, Matrix dY, Activation activation) {
        if (activation == Activation.IDENTITY) {
            return;
        }
        for (int i = 0; i < y.rows(); i++) {
            for (int o = 0; o < y.cols(); o++) {
                dY.set(i, o, dY.get(i, o) * derivative(activation, y.get(i, o)));
            }
        }
    }

    private static void sums(Matrix dY, Matrix dB) {
        for (int o = 0; o < dY.cols(); o++) {
            double sum = 0;
            for (int i = 0; i < dY.rows(); i++) {
                sum += dY.get(i, o);
            }
            dB.set(0, o, sum);
        }
    }

    private static void products(Matrix x, Matrix weight, Matrix dY, Matrix dW, Matrix dX) {
        for (int o = 0; o < dY.cols(); o++) {
            for (int k = 0; k < x.cols(); k++) {
                double product = 0;
                for (int i = 0; i < dY.rows(); i++) {
                    product += dY.get(i, o) * x.get(i, k);
                }
                dW.set(o, k, product);
            }
        }
        if (dX != null) {
            for (int i = 0; i < x.rows(); i++) {
                for (int k = 0; k < x.cols(); k++) {
                    double sum = 0;
                    for (int o = 0; o < dY.cols(); o++) {
                        sum += dY.get(i, o) * weight.get(o, k);
                    }
                    dX.set(i, k, sum);
                }
            }
        }
    }

    static double apply(Activation activation, double x) {
        return switch (activation) {
            case IDENTITY -> x;
            case RELU -> x > 0 ? x : Double.isNaN(x) ? x : 0;
            case LEAKY_RELU -> x > 0 ? x : Activation.LEAK * x;
            case ELU -> x > 0 ? x : Math.expm1(x);
            case TANH -> Math.tanh(x);
            case SIGMOID -> sigmoid(x);
            case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        };
    }

    /** dy/dx as a function of y. */
    private static double derivative(Activation activation, double y) {
        return switch (activation) {
            case IDENTITY -> 1;
            case RELU -> y > 0 ? 1 : Double.isNaN(y) ? y : 0;
            case LEAKY_RELU -> y > 0 ? 1 : Double.isNaN(y) ? y : Activation.LEAK;
            case ELU -> y > 0 ? 1 : y + 1;
            case TANH -> 1 - y * y;
            case SIGMOID -> y * (1 - y);
            case SOFTPLUS -> -Math.expm1(-y);
        };
    }

    static double sigmoid(double x) {
        double e = Math.exp(-Math.abs(x));
        return (x >= 0 ? 1 : e) / (1 + e);
    }
}

package dev.elbo.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** Device addresses as numbers, which JCuda keeps to its subclasses. */
final class Address extends CUdeviceptr {
    private Address(CUdeviceptr pointer) {
        super(pointer);
    }

    /** The address that a pointer holds. */
    static long of(CUdeviceptr pointer) {
        Address address = new Address(pointer);
        return address.getNativePointer() + address.getByteOffset();
    }

    private static final class At extends Pointer {
        At(long address) {
            super(address);
        }
    }

    /** A pointer to an address. */
    static Pointer at(long address) {
        return new At(address);
    }
}

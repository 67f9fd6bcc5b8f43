package dev.elbo.cuda.driver;

import jcuda.NativePointerObject;
import jcuda.driver.CUdeviceptr;

/** Device addresses and handles as numbers, which JCuda keeps to its subclasses. */
public final class Address extends CUdeviceptr {
    private Address(CUdeviceptr pointer) {
        super(pointer);
    }

    /** {@return the address that a pointer holds} */
    public static long of(CUdeviceptr pointer) {
        Address address = new Address(pointer);
        return address.getNativePointer() + address.getByteOffset();
    }

    private static final class Handle extends NativePointerObject {
        Handle(NativePointerObject object) {
            super(object);
        }

        long value() {
            return getNativePointer();
        }
    }

    /** {@return the value of a handle; 0 for null} */
    public static long ofHandle(NativePointerObject handle) {
        return new Handle(handle).value();
    }

    /** Returns a pointer to an address. */
    static CUdeviceptr at(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }
}

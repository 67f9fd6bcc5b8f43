package dev.elbo.cuda.driver;

import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;

/** Device addresses and handles as numbers, which JCuda keeps to its subclasses. */
public final class Address extends CUdeviceptr {
    private Address(CUdeviceptr pointer) {
        super(pointer);
    }

    /** The address that a pointer holds. */
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

    /** The value of a handle; 0 is null. */
    public static long ofHandle(NativePointerObject handle) {
        return new Handle(handle).value();
    }

    private static final class At extends Pointer {
        At(long address) {
            super(address);
        }
    }

    static Pointer at(long address) {
        return new At(address);
    }
}

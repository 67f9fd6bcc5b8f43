# libcublas.so.12 of the host device; its objects are in the runner too.
CUBLAS_SOURCES = $(wildcard cublas/*.cpp)
CUBLAS = $(CUBLAS_SOURCES:cublas/%.cpp=$(OUT)/cublas/%.o)
OBJECTS += $(CUBLAS)
ASAN_OBJECTS += $(CUBLAS:$(OUT)/cublas/%=$(OUT)/sanitized/cublas-%)
DRIVER = $(if $(wildcard driver/*.cpp),$(OUT)/host-device/libcuda.so.1)

all: host-device
sanitized: host-device
host-device: $(OUT)/host-device/libcublas.so.12

$(OUT)/host-device/libcublas.so.12: $(CUBLAS) cublas/cublas.map $(DRIVER)
	@mkdir -p $(@D)
	$(CXX) -shared -Wl,-soname,libcublas.so.12 -Wl,--version-script=cublas/cublas.map -Wl,-rpath,'$$ORIGIN' $(CUBLAS) $(DRIVER) -o $@
$(OUT)/cublas/%.o: cublas/%.cpp Makefile cublas/cublas.mk
	@mkdir -p $(@D)
	$(CXX) $(BASE) -O3 -fPIC -c $< -o $@
$(OUT)/sanitized/cublas-%.o: cublas/%.cpp Makefile cublas/cublas.mk | $(OUT)/sanitized
	$(CXX) $(BASE) -O1 $(SANITIZED) -c $< -o $@

.PHONY: host-device
-include $(wildcard $(OUT)/cublas/*.d)

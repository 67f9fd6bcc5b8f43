# libcublas.so.12 of the host device, and the same as 13 in a folder of its own; their objects are in the runner too.
CUBLAS_SOURCES = $(wildcard cublas/*.cpp)
CUBLAS = $(CUBLAS_SOURCES:cublas/%.cpp=$(OUT)/cublas/%.o)
OBJECTS += $(CUBLAS)
PTX_OBJECTS += $(CUBLAS)
ASAN_OBJECTS += $(CUBLAS:$(OUT)/cublas/%=$(OUT)/sanitized/cublas-%)

sanitized: ptx-device
ptx-device: $(HOST_DEVICE)/libcublas.so.12 $(HOST_DEVICE)-13/libcublas.so.13

$(HOST_DEVICE)/libcublas.so.% $(HOST_DEVICE)-13/libcublas.so.%: $(CUBLAS) cublas/cublas.map $(HOST_DEVICE)/libcuda.so.1
	@mkdir -p $(@D)
	sed 's/libcublas.so.12/$(@F)/' cublas/cublas.map > $(OUT)/cublas/$(@F).map
	$(CXX) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(OUT)/cublas/$(@F).map -Wl,-rpath,'$$ORIGIN' \
	  $(CUBLAS) $(HOST_DEVICE)/libcuda.so.1 -o $@
$(OUT)/cublas/%.o: cublas/%.cpp Makefile cublas/cublas.mk
	@mkdir -p $(@D)
	$(CXX) $(BASE) -O3 -fPIC -c $< -o $@
$(OUT)/sanitized/cublas-%.o: cublas/%.cpp Makefile cublas/cublas.mk | $(OUT)/sanitized
	$(CXX) $(BASE) -O1 $(SANITIZED) -c $< -o $@

.PHONY: ptx-device
-include $(wildcard $(OUT)/cublas/*.d)

# libcublas.so.12 of the host device, the same as 13 in a folder of its own, and in another one a 12 that knows devices up to
# capability 8.0; their objects are in the runner too.
CUBLAS_SOURCES = $(wildcard cublas/*.cpp)
CUBLAS = $(CUBLAS_SOURCES:cublas/%.cpp=$(OUT)/cublas/%.o)
OBJECTS += $(CUBLAS)
PTX_OBJECTS += $(CUBLAS)
OLD_CUBLAS = $(CUBLAS:%/newest.o=%/newest-old.o)
ASAN_OBJECTS += $(CUBLAS:$(OUT)/cublas/%=$(OUT)/sanitized/cublas-%)

sanitized: ptx-device
ptx-device: $(HOST_DEVICE)/libcublas.so.12 $(HOST_DEVICE)-13/libcublas.so.13 $(HOST_DEVICE)-old/libcublas.so.12

$(HOST_DEVICE)/libcublas.so.12: $(CUBLAS)
$(HOST_DEVICE)-13/libcublas.so.13: $(CUBLAS)
$(HOST_DEVICE)-old/libcublas.so.12: $(OLD_CUBLAS)
$(HOST_DEVICE)/libcublas.so.12 $(HOST_DEVICE)-13/libcublas.so.13 $(HOST_DEVICE)-old/libcublas.so.12: cublas/cublas.map $(HOST_DEVICE)/libcuda.so.1
	@mkdir -p $(@D)
	sed 's/libcublas.so.12/$(@F)/' cublas/cublas.map > $@.map
	$(CXX) -shared -Wl,-soname,$(@F) -Wl,--version-script=$@.map -Wl,-rpath,'$$ORIGIN' \
	  $(filter %.o,$^) $(HOST_DEVICE)/libcuda.so.1 -o $@
	rm $@.map
$(OUT)/cublas/newest-old.o: cublas/newest.cpp Makefile cublas/cublas.mk
	@mkdir -p $(@D)
	$(CXX) $(BASE) -DNEWEST=80 -O3 -fPIC -c $< -o $@
$(OUT)/cublas/%.o: cublas/%.cpp Makefile cublas/cublas.mk
	@mkdir -p $(@D)
	$(CXX) $(BASE) -O3 -fPIC -c $< -o $@
$(OUT)/sanitized/cublas-%.o: cublas/%.cpp Makefile cublas/cublas.mk | $(OUT)/sanitized
	$(CXX) $(BASE) -O1 $(SANITIZED) -c $< -o $@

.PHONY: ptx-device
-include $(wildcard $(OUT)/cublas/*.d)

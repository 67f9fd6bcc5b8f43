// FIPS 180-4, for the hash that Java's tests fix.
#pragma once

#include <cstddef>
#include <string>

std::string sha256(const void* bytes, size_t count);

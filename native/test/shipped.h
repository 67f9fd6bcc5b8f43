// The PTX that ships, in place of the kernels that g++ made of the sources.
#pragma once

#include <string>

void loadShipped(const std::string& folder);

// Prints how many instructions of each entry have been reached; returns how many entries fall short of what is asked.
int reportReached(bool asked);

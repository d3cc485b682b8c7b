// SPDX-License-Identifier: Apache-2.0
#include "source_dir.h"

std::filesystem::path source_dir() { return CIMCYCLE_SOURCE_DIR; }

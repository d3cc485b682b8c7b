// SPDX-License-Identifier: Apache-2.0
// The one file that is compiled again when the version changes.
#include "base/version.h"

namespace cimcycle {

std::string_view program_version() { return CIMCYCLE_VERSION; }

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// A command as it can be typed into a shell again.
#pragma once

#include <span>
#include <string>

namespace cimcycle {

/// "cimcycle WORD WORD ...", words with other than plain characters in single quotes.
std::string shell_command(std::span<const std::string> words);

}  // namespace cimcycle

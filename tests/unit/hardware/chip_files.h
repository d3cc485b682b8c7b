// SPDX-License-Identifier: Apache-2.0
// Hardware files for tests: the shipped ones, a complete one made by hand, and what loading a text says.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hardware/hardware.h"

namespace cimcycle::test {

/// tech/chips/NAME.json of the source tree.
std::filesystem::path shipped_chip(const std::string& name);

/// A complete description without base, one key a line, so that a test can replace one of them.
std::string complete_chip();

/// `text` with the one place that holds `from` replaced by `to`; fails the test if there is no such place or several.
std::string with(std::string text, const std::string& from, const std::string& to);

/// What load_hardware says to a file "chip.json" with this text and these overrides, without the folder's name;
/// "no error" if it takes it.
std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {});

/// The description that load_hardware makes of this text.
Hardware load_text(const std::string& text, const std::vector<std::string>& overrides = {});

}  // namespace cimcycle::test

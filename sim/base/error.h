// SPDX-License-Identifier: Apache-2.0
// The two ways in which a run ends early, and how their one-line messages are made.
// Nothing below cli/ prints or exits: it throws one of these, and cli/main turns it into a line and an exit code.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace cimcycle {

/// The user's input cannot be used (exit code 2). The text is one line: what, where, what would be right.
class InputError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The run failed for a reason outside the input: disk full, folder not writable (exit code 1).
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user pressed Ctrl-C (exit code 130).
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// Throws InputError with a formatted one-line text.
template <class... Args>
[[noreturn]] void fail_input(fmt::format_string<Args...> text, Args&&... args) {
  throw InputError(fmt::format(text, std::forward<Args>(args)...));
}

/// Throws RunError with a formatted one-line text.
template <class... Args>
[[noreturn]] void fail_run(fmt::format_string<Args...> text, Args&&... args) {
  throw RunError(fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace cimcycle

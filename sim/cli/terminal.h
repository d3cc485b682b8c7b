// SPDX-License-Identifier: Apache-2.0
// The terminal: what it can show, writing to it, and the progress of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "replay/progress.h"
#include "report/text_table.h"

namespace cimcycle {

/// UTF-8 if the locale says so; colour only on a terminal, and not if NO_COLOR is set or TERM is "dumb".
TextStyle style_of_stdout();
TextStyle style_of_stderr();

/// Writes to standard output and makes sure that it arrived. Throws RunError (disk full, closed).
void print(std::string_view text);

/// Shows how far a run is, on one line of standard error that is written again and again. Silent if standard error is
/// no terminal or the user asked for silence. May be called from any thread.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(bool quiet);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  /// Erases the line.
  ~ProgressDisplay();
  /// For the options of long work; must not outlive this.
  ProgressFunction function();
  void show(std::int64_t done, std::int64_t all, std::string_view what) { show(done, all, what, "images", {}); }
  /// The same for other things than images, and with a note at the end of the line.
  void show(std::int64_t done, std::int64_t all, std::string_view what, std::string_view unit, std::string_view note);

 private:
  using Clock = std::chrono::steady_clock;

  std::mutex mutex_;
  bool active_;
  TextStyle style_;
  std::string what_;
  Clock::time_point began_;
  Clock::time_point shown_;
};

}  // namespace cimcycle

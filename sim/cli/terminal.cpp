// SPDX-License-Identifier: Apache-2.0
// The terminal: what it can show, writing to it, and the progress of a run.
#include "cli/terminal.h"

#include <fmt/format.h>
#include <langinfo.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/error.h"
#include "report/progress_line.h"

namespace cimcycle {
namespace {

TextStyle style_of(int file) {
  TextStyle style;
  std::setlocale(LC_CTYPE, "");
  style.utf8 = std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
  const char* const no_colour = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  style.colour = ::isatty(file) == 1 && (no_colour == nullptr || *no_colour == '\0') && terminal != nullptr &&
                 std::strcmp(terminal, "dumb") != 0;
  return style;
}

}  // namespace

TextStyle style_of_stdout() { return style_of(STDOUT_FILENO); }
TextStyle style_of_stderr() { return style_of(STDERR_FILENO); }

void print(std::string_view text) {
  errno = 0;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) fail_run("standard output: cannot be written: {}", std::strerror(errno));
}

ProgressDisplay::ProgressDisplay(bool quiet)
    : active_(!quiet && ::isatty(STDERR_FILENO) == 1), style_(style_of_stderr()) {}

ProgressFunction ProgressDisplay::function() {
  return [this](std::int64_t done, std::int64_t all, std::string_view what) { show(done, all, what); };
}

ProgressDisplay::~ProgressDisplay() {
  if (active_ && !what_.empty()) std::fputs("\r\x1b[K", stderr);
}

void ProgressDisplay::show(std::int64_t done, std::int64_t all, std::string_view what, std::string_view unit,
                           std::string_view note) {
  if (!active_) return;
  constexpr std::chrono::milliseconds refresh{100};  // ten times a second looks steady and costs nothing
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (what_ != what) {
    what_ = what;
    began_ = now;
  } else if (now - shown_ < refresh) {
    return;
  }
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const std::string line = fmt::format("\r\x1b[K{}{}{}", progress_line(what, done, all, seconds, style_, unit),
                                       note.empty() ? "" : "  ", note);
  std::fputs(line.c_str(), stderr);
}

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
#include "compare/trace_arguments.h"

#include <charconv>
#include <sstream>

#include "base/error.h"
#include "base/text.h"
#include "network/limits.h"

namespace cimcycle {
namespace {

constexpr int max_bits = 16;
constexpr int max_rows = 4096;

bool is_csv(const std::string& word) { return word.ends_with(".csv"); }

/// The words of the only line that is no comment.
std::vector<std::string> words_of(const TraceFile& file) {
  std::vector<std::string> words;
  std::istringstream lines(file.text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream in(line);
    std::vector<std::string> here;
    for (std::string word; in >> word;) here.push_back(word);
    if (here.empty() || here.front().starts_with('#')) continue;
    if (!words.empty()) fail_input("{}: holds more than one argument line", file.shown);
    words = std::move(here);
  }
  return words;
}

/// A whole number, or nothing if the word is none.
std::optional<int> number(const std::string& word) {
  int value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || stop != word.data() + word.size()) return std::nullopt;
  return value;
}

void check(const TraceFile& file, std::string_view what, int value, int max) {
  if (value < 1 || value > max) fail_input("{}: {}: found {}, expected 1 to {}", file.shown, what, value, max);
}

}  // namespace

TraceArguments parse_trace_arguments(const TraceFile& file) {
  std::vector<std::string> words = words_of(file);
  if (!words.empty() && !is_csv(words.front())) words.erase(words.begin());
  TraceArguments arguments;
  std::vector<int> numbers;
  std::size_t at = 1;
  for (; at < words.size(); ++at) {
    const std::optional<int> value = number(words[at]);
    if (!value) break;
    numbers.push_back(*value);
  }
  const std::size_t files = words.size() - std::min(at, words.size());
  if (words.empty() || !is_csv(words.front()) || (numbers.size() != 2 && numbers.size() != 4)) {
    fail_input(
        "{}: expected NETWORK.csv, weight bits, input bits (V1.4: and crossbar rows, rows read at once), then a weight "
        "and an input file per layer; found {} words, {} of them numbers after the first",
        file.shown, words.size(), numbers.size());
  }
  if (files == 0 || files % 2 != 0) {
    fail_input("{}: names {} files after the numbers, expected a weight and an input file per layer", file.shown,
               files);
  }
  if (files / 2 > limits::layers) {
    fail_input("{}: names {} layers, expected at most {}", file.shown, files / 2, limits::layers);
  }
  check(file, "weight bits", numbers[0], max_bits);
  check(file, "input bits", numbers[1], max_bits);
  arguments.network = words.front();
  arguments.weight_bits = numbers[0];
  arguments.input_bits = numbers[1];
  if (numbers.size() == 4) {
    check(file, "crossbar rows", numbers[2], max_rows);
    check(file, "rows read at once", numbers[3], numbers[2]);
    arguments.crossbar_rows = numbers[2];
    arguments.parallel_rows = numbers[3];
  }
  for (; at < words.size(); at += 2) arguments.layers.push_back({words[at], words[at + 1]});
  return arguments;
}

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// Nearest words and escaping.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/version.h"

using namespace cimcycle;

namespace {
const std::vector<std::string_view> words = {"clip", "full_scale", "calibrated", "levels"};
}

TEST_CASE("the nearest word is found across typing errors") {
  CHECK(nearest("clpi", words) == "clip");   // swapped
  CHECK(nearest("clp", words) == "clip");    // missing
  CHECK(nearest("clipp", words) == "clip");  // too many
  CHECK(nearest("CLIP", words) == "clip");   // upper case
  CHECK(nearest("full-scale", words) == "full_scale");
  CHECK(nearest("calibration", words) == "calibrated");
}

TEST_CASE("a word that is far from all has no nearest one") {
  CHECK(nearest("ideal", words).empty());
  CHECK(nearest("", words).empty());
  CHECK(nearest("clip", {}).empty());
  CHECK(nearest(std::string(50'000'000, 'x'), words).empty());
  CHECK(nearest("ab", std::vector<std::string_view>{"ac"}).empty());  // one of two letters is half of the length
  CHECK(nearest("abc", std::vector<std::string_view>{"abd"}) == "abd");
}

TEST_CASE("ties go to the first candidate") {
  CHECK(nearest("bat", std::vector<std::string_view>{"cat", "hat"}) == "cat");
}

TEST_CASE("words are joined and suggested") {
  CHECK(join(words) == "clip, full_scale, calibrated, levels");
  CHECK(join(words, " | ") == "clip | full_scale | calibrated | levels");
  CHECK(join({}).empty());
  CHECK(did_you_mean("clap", words) == "; did you mean clip?");
  CHECK(did_you_mean("x", words).empty());
}

TEST_CASE("hostile text stays on one line and short") {
  CHECK(printable("plain 'text' 12") == "plain 'text' 12");
  CHECK(printable("a\nb\tc\r\x1b[0m") == "a\\nb\\tc\\x0d\\x1b[0m");
  CHECK(printable("\xc3\xa4\x7f") == "\\xc3\\xa4\\x7f");
  CHECK(printable(std::string(1, '\0')) == "\\x00");
  CHECK(printable(std::string(120, 'a')) == std::string(120, 'a'));
  CHECK(printable(std::string(121, 'a')) == std::string(117, 'a') + "...");
  // An escape is never cut in the middle: 29 whole ones are 116 characters.
  CHECK(printable(std::string(40, '\x01')).size() == 29 * 4 + 3);
}

TEST_CASE("the version has three numbers") {
  const std::string version(program_version());
  CHECK(std::count(version.begin(), version.end(), '.') == 2);
}

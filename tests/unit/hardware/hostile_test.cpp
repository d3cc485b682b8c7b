// SPDX-License-Identifier: Apache-2.0
// Random damage to hardware files and overrides: InputError or a description that passes its checks, nothing else.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "chip_files.h"
#include "temporary_folder.h"

using namespace cimcycle;
using namespace cimcycle::test;

namespace {

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t count) { return static_cast<std::size_t>(random() % count); }

constexpr std::string_view fragments[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "\"auto\"",
    "-",
    "1e9",
    "1e-9",
    "0.5",
    "NaN",
    "\\u0000",
    "\xff",
    "\"base\": \"chip.json\",",
    "\"base\": \"x\",",
    "\"adc\"",
    "18446744073709551616",
    "\"levels\": [3, 2, 1],",
    "\"transfer\": \"levels\",",
    "\"calibrated_step\": 0,",
    "9999",
    "\"tiles\": 1,",
    "\"differential\"",
    "\"twos_complement\"",
    "[[[[[[[[",
    "\"\"",
    "0",
    "2",
};

std::string damaged(std::string text, Random& random) {
  const std::size_t damages = below(random, 4) == 0 ? 2 : 1;
  for (std::size_t i = 0; i < damages && !text.empty(); ++i) {
    const std::size_t place = below(random, text.size());
    switch (below(random, 5)) {
      case 0:
        text[place] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(place, 1 + below(random, 20));
        break;
      case 2:
        text.insert(place, fragments[below(random, std::size(fragments))]);
        break;
      case 3:
        text.insert(place, text.substr(below(random, text.size()), 1 + below(random, 40)));
        break;
      default: {
        // A value replaced as a whole keeps the text well-formed, so that the checks behind the parser are reached.
        const std::size_t colon = text.find(": ", place);
        if (colon == std::string::npos) break;
        const std::size_t end = text.find_first_of(",}\n", colon);
        text.replace(colon + 2, end - colon - 2, fragments[below(random, std::size(fragments))]);
      }
    }
  }
  return text;
}

/// True if the file was taken; then the result must pass its own checks again.
bool taken(const std::filesystem::path& file, const std::vector<std::string>& overrides) {
  Hardware hardware;
  try {
    hardware = load_hardware(file, overrides);
  } catch (const InputError& error) {
    const std::string text = error.what();
    CHECK_FALSE(text.empty());
    CHECK(text.find_first_of("\n\r\x1b") == std::string::npos);
    CHECK(text.size() < 2000);
    return false;
  }
  check_hardware(hardware, "again");
  CHECK_FALSE(to_json(hardware).dump().empty());
  return true;
}

}  // namespace

TEST_CASE("damaged files") {
  const ScratchFolder folder;
  Random random(20240607);
  int good = 0;
  folder.write("chip.json", complete_chip());  // what a damaged file may name as its base
  for (int i = 0; i < 4000; ++i) {
    // A new file each time: replacing the content of one makes some file systems write it to the disk at once.
    const auto file = folder.write(fmt::format("{}.json", i), damaged(complete_chip(), random));
    good += taken(file, {});
    std::filesystem::remove(file);
  }
  CHECK(good > 40);
  CHECK(good < 2000);
}

TEST_CASE("damaged overrides") {
  const ScratchFolder folder;
  // With all sections: a single key of a missing one asks for the others.
  const auto file = folder.write("chip.json", R"({"base": ")" + shipped_chip("neurosim-1.3-default").string() + "\"}");
  std::vector<std::string> overrides;
  for (const KeyDoc& key : hardware_keys()) {
    for (const char* value : {"1", "3", "auto", "null", "true", "levels", "1,2,3", "0.5", "offset", "1e3", "-1"}) {
      overrides.push_back(key.path + "=" + value);
    }
  }
  Random random(7);
  int good = 0;
  for (int i = 0; i < 4000; ++i) {
    std::vector<std::string> chosen{overrides[below(random, overrides.size())],
                                    overrides[below(random, overrides.size())]};
    if (below(random, 2) == 0) chosen.front() = damaged(chosen.front(), random);
    good += taken(file, chosen);
  }
  CHECK(good > 40);
  CHECK(good < 2000);
}

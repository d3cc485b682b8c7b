// SPDX-License-Identifier: Apache-2.0
// Damaged files end in a result or in one line of text, never in anything else.
#include <catch2/catch.hpp>

#include <functional>
#include <random>

#include "base/error.h"
#include "compare/log_reader.h"
#include "compare/param_import.h"
#include "compare/trace_network.h"
#include "compare/trace_writer.h"
#include "sample_log.h"
#include "sample_trace.h"

using namespace cimcycle;

namespace {

/// Some bytes changed, removed, doubled, or the end cut off.
std::string damaged(std::string text, std::mt19937_64& random) {
  using namespace std::string_literals;
  static const std::string interesting = "0123456789.,-+eE\n\r\t ;:=(){}/*'\"#xN\0\xff"s;
  for (int change = 1 + static_cast<int>(random() % 4); change > 0 && !text.empty(); --change) {
    const std::size_t at = random() % text.size();
    switch (random() % 5) {
      case 0:
        text[at] = interesting[random() % interesting.size()];
        break;
      case 1:
        text.erase(at, 1 + random() % 8);
        break;
      case 2:
        text.insert(at, text.substr(at, 1 + random() % 40));
        break;
      case 3:
        text.insert(at, 1, interesting[random() % interesting.size()]);
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

void check_survives(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    const std::string text = error.what();
    REQUIRE(!text.empty());
    REQUIRE(text.find('\n') == std::string::npos);
  }
}

}  // namespace

TEST_CASE("damaged traces") {
  std::mt19937_64 random(11);
  const auto files = neurosim_trace_files(test::sample_trace(1, true), "t");
  std::vector<std::string> names;
  for (const auto& [name, text] : files) names.push_back(name);
  const test::ScratchFolder folder;
  for (const auto& [name, text] : files) folder.write("t/" + name, text);
  for (int i = 0; i < 600; ++i) {
    const std::string& name = names[random() % names.size()];
    folder.write("t/" + name, damaged(files.at(name), random));
    check_survives([&] { network_of_trace(read_neurosim_trace(folder.path() / "t", 1)); });
    folder.write("t/" + name, files.at(name));
  }
}

TEST_CASE("damaged logs") {
  std::mt19937_64 random(12);
  const std::string log = test::sample_log();
  for (int i = 0; i < 5000; ++i) {
    check_survives([&] { parse_neurosim_log(damaged(log, random), "log", NeurosimVersion::v1_3); });
  }
}

TEST_CASE("damaged configurations") {
  std::mt19937_64 random(13);
  const std::string program = R"(Param::Param() { // options
  memcelltype = 2; technode = 22; featuresize = 40e-9; wireWidth = 40; resistanceOn = 6e3; resistanceOff = 6e3*150;
  if (memcelltype == 1) { cellBit = 1; } else { cellBit = 2; }
  switch (technode) { case 22: readVoltage = 0.5; break; case 32: readVoltage = 0.6; break; default: readVoltage = 0; }
  numRowSubArray = 128; numColSubArray = (64 + 64) * 1; levelOutput = 32; numColMuxed = 8; /* end */ })";
  for (int i = 0; i < 5000; ++i) {
    check_survives([&] { import_neurosim_params(damaged(program, random), "p", "n", "c.json", std::nullopt); });
  }
}

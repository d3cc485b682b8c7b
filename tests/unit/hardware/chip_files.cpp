// SPDX-License-Identifier: Apache-2.0
#include "chip_files.h"

#include <catch2/catch.hpp>

#include "error_text.h"
#include "source_dir.h"
#include "temporary_folder.h"

namespace cimcycle::test {

std::filesystem::path shipped_chip(const std::string& name) {
  return source_dir() / "tech" / "chips" / (name + ".json");
}

std::string complete_chip() {
  return R"({
  "name": "by hand",
  "crossbar": {"rows": 64, "cols": 32},
  "ou": {"rows": 8, "cols": 4},
  "cell": {"bits": 2, "model": "some-cell"},
  "input": {"digit_bits": 3},
  "adc": {
    "type": "sar",
    "transfer": "clip",
    "bits": 6,
    "per_crossbar": 2,
    "sample_and_hold": true
  },
  "mapping": {
    "cells": "offset",
    "flip": true,
    "subtract": "digital",
    "offset_sum": "unit_column",
    "lsb": "separate_crossbars",
    "rows": "fill"
  },
  "schedule": {"row_policy": "skip_zero_groups", "zero_weights": "read", "dataflow": "layer_by_layer"},
  "gate": {"mask_known": "static", "input_sums": true},
  "array": {"current": "physical"},
  "clock": {"period_ns": 2.5},
  "chip": {
    "tiles": 7,
    "crossbars_per_tile": 3,
    "tile_buffer_bits": 1001,
    "tile_port_bits": 1002,
    "global_buffer_bits": 1003,
    "global_port_bits": 1004,
    "link_bits": 1005,
    "vector_lanes": 1006
  },
  "tech": {"node": "some-node"}
})";
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  INFO(from);
  REQUIRE(place != std::string::npos);
  REQUIRE(text.find(from, place + 1) == std::string::npos);
  return text.replace(place, from.size(), to);
}

std::string error_of(const std::string& text, const std::vector<std::string>& overrides) {
  const ScratchFolder folder;
  const auto file = folder.write("chip.json", text);
  std::string error = input_error([&] { load_hardware(file, overrides); });
  const std::string prefix = folder.path().string() + "/";
  while (error.find(prefix) != std::string::npos) error.erase(error.find(prefix), prefix.size());
  return error;
}

Hardware load_text(const std::string& text, const std::vector<std::string>& overrides) {
  const ScratchFolder folder;
  return load_hardware(folder.write("chip.json", text), overrides);
}

}  // namespace cimcycle::test

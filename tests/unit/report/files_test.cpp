// SPDX-License-Identifier: Apache-2.0
// report.json, layers.csv and the logits: the keys are a contract, numbers keep all their bits, nulls mean "not
// measured".
#include <catch2/catch.hpp>

#include <cstring>
#include <limits>
#include <set>
#include <sstream>

#include "report/layers_csv.h"
#include "report/logits_npy.h"
#include "report/report_json.h"
#include "sample_result.h"

using namespace cimcycle;
using Json = nlohmann::ordered_json;

namespace {

Json sample_report() { return report_json(sample_result(), {"1.2.3", "cimcycle run tiny"}); }

std::set<std::string> keys(const Json& object) {
  std::set<std::string> all;
  for (const auto& [key, value] : object.items()) all.insert(key);
  return all;
}

/// Fails with the names of the keys that are missing.
void check_keys(const Json& object, const std::set<std::string>& expected) {
  REQUIRE(object.is_object());
  const std::set<std::string> found = keys(object);
  std::set<std::string> missing;
  for (const std::string& key : expected) {
    if (!found.contains(key)) missing.insert(key);
  }
  CHECK(missing == std::set<std::string>{});
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line + ",");
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

}  // namespace

TEST_CASE("report.json has every key of the contract") {
  const Json report = sample_report();
  const std::set<std::string> spread = {"mean", "std", "min", "p50", "p95", "max"};
  const std::set<std::string> energy = {"wordline",  "bitline",    "array", "adc",    "offset",
                                        "shift_add", "accumulate", "gate",  "buffer", "interconnect",
                                        "digital",   "leakage",    "total"};
  check_keys(report, {"version", "command", "hardware", "network", "dataset", "seed", "accuracy", "totals", "layers",
                      "baselines", "simulation"});
  check_keys(report["network"], {"name", "hash"});
  check_keys(report["dataset"], {"name", "split", "images", "timed_images"});
  check_keys(report["accuracy"], {"top1", "ideal_adc_top1", "ungated_top1", "float_top1", "agreement"});
  check_keys(report["totals"],
             {"energy_pj", "energy_pj_spread", "latency_ns", "cycles", "area_um2", "leakage_power_uw", "tops_per_watt",
              "images_per_second", "skip_ratio", "masked_ratio", "paper_energy_pj", "paper_energy_source"});
  check_keys(report["totals"]["energy_pj"], energy);
  check_keys(report["totals"]["energy_pj_spread"], spread);
  check_keys(report["totals"]["latency_ns"], spread);
  check_keys(report["totals"]["cycles"], spread);
  check_keys(report["totals"]["area_um2"], {"total", "cells", "wordline_drivers"});
  REQUIRE(report["layers"].size() == 4);
  for (const Json& layer : report["layers"]) {
    check_keys(layer, {"name",
                       "kind",
                       "hb",
                       "lb",
                       "gate",
                       "macs",
                       "crossbars",
                       "cell_utilization",
                       "ou_reads",
                       "skip_ratio",
                       "masked_ratio",
                       "conversions",
                       "clipped_conversions",
                       "lossless",
                       "cycles",
                       "latency_ns",
                       "busy_cycles",
                       "stall_cycles",
                       "idle_cycles",
                       "adc_utilization",
                       "energy_pj",
                       "paper_energy_pj"});
    check_keys(layer["ou_reads"], {"msb", "lsb_possible", "lsb", "zero_skipped"});
    check_keys(layer["stall_cycles"], {"gate", "adc", "input", "accumulator", "link", "buffer"});
    check_keys(layer["energy_pj"], energy);
  }
  check_keys(report["baselines"], {"no_skip", "msb_only", "oracle"});
  for (const Json& baseline : report["baselines"]) check_keys(baseline, {"top1", "energy_pj", "latency_ns"});
  check_keys(report["simulation"], {"wall_seconds", "images_per_second", "ou_reads_per_second", "events",
                                    "events_per_second", "threads", "simd", "peak_rss_bytes"});
}

TEST_CASE("report.json says what the result says") {
  const Json report = sample_report();
  CHECK(report["version"] == "1.2.3");
  CHECK(report["command"] == "cimcycle run tiny");
  CHECK(report["seed"] == 7);
  CHECK(report["accuracy"]["agreement"] == 0.985);
  CHECK(report["totals"]["area_um2"]["wordline_drivers"] == 1920.0);
  CHECK(report["totals"]["area_um2"]["total"] == 98304 * 0.01 + 1920.0);
  CHECK(report["totals"]["leakage_power_uw"] == 0.768);
  CHECK(report["totals"]["latency_ns"]["p95"] == 172000);
  CHECK(report["totals"]["ou_reads"]["msb"] == 13107200 + 3000 + 400);
  CHECK(report["totals"]["macs"] == 3 * 442368);
  CHECK(report["baselines"]["no_skip"] == Json({{"top1", 0.925}, {"energy_pj", 320000.0}, {"latency_ns", 190000.0}}));
  CHECK(report["energy_factors_pj"]["conversion"] == 0.0811);
  CHECK(report["warnings"].size() == 1);

  const Json& conv2 = report["layers"][1];
  CHECK(conv2["ou_reads"] == Json({{"msb", 3000}, {"lsb_possible", 4000}, {"lsb", 1000}, {"zero_skipped", 17}}));
  CHECK(conv2["gate_decisions"] == 800);
  CHECK(conv2["gates_closed"] == 600);
  CHECK(conv2["skip_ratio"] == 0.75);
  // 90, 6, 1 and 89 cycles over 20 timed images.
  CHECK(conv2["busy_cycles"] == 4.5);
  CHECK(conv2["stall_cycles"]["gate"] == 0.3);
  CHECK(conv2["stall_cycles"]["buffer"] == 0.05);
  CHECK(conv2["idle_cycles"] == 4.45);
  CHECK(conv2["component_cycles"]["crossbars"]["stalled"]["adc"] == 5);
  CHECK(conv2["energy_pj"]["gate"] == 0.5);
  CHECK(report["layers"][0]["actions"]["conversion"] == 209715200);
}

TEST_CASE("null means that nothing was measured") {
  const Json report = sample_report();
  CHECK(report["layers"][0]["skip_ratio"].is_null());
  CHECK(report["layers"][3]["skip_ratio"].is_null());
  CHECK(report["layers"][3]["masked_ratio"] == 0.1);
  CHECK(report["layers"][2]["hb"].is_null());
  CHECK(report["layers"][2]["lossless"].is_null());
  CHECK(report["baselines"]["msb_only"]["top1"].is_null());

  const Json untimed = report_json(untimed_result(), {});
  CHECK(untimed["totals"]["latency_ns"].is_null());
  CHECK(untimed["totals"]["images_per_second"].is_null());
  CHECK(untimed["totals"]["skip_ratio"].is_null());
  CHECK(untimed["layers"][0]["cycles"].is_null());
  CHECK(untimed["layers"][0]["stall_cycles"]["adc"].is_null());
  CHECK(untimed["accuracy"]["float_top1"].is_null());
  CHECK(untimed["accuracy"]["top1"] == 0.915);
  CHECK(untimed["baselines"]["oracle"] == Json({{"top1", nullptr}, {"energy_pj", nullptr}, {"latency_ns", nullptr}}));
}

TEST_CASE("numbers in the file read back to the same bits") {
  for (const double value : {0.1, 1.0 / 3, 1e-12, 123456789.123456789, 5e-324, 1.7976931348623157e308}) {
    RunResult result = sample_result();
    result.energy_total_pj = value;
    result.layers[0].energy_pj[3] = value;
    const Json read = Json::parse(json_text(report_json(result, {})));
    CHECK(read["totals"]["energy_pj"]["total"].get<double>() == value);
    CHECK(read["layers"][0]["energy_pj"]["adc"].get<double>() == value);
  }
  RunResult result = sample_result();
  result.seed = std::numeric_limits<std::uint64_t>::max();
  CHECK(json_text(report_json(result, {})).find("\"seed\": 18446744073709551615") != std::string::npos);
  CHECK(json_text(Json({{"x", 0.1}})) == "{\n  \"x\": 0.1\n}\n");
}

TEST_CASE("a number that is none is refused with its key") {
  RunResult result = sample_result();
  result.layers[1].energy_pj[3] = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH(json_text(report_json(result, {})), "layers.1.energy_pj.adc is not a finite number");
  result = sample_result();
  result.tops_per_watt = std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH(json_text(report_json(result, {})), "totals.tops_per_watt is not a finite number");
}

TEST_CASE("text that is no UTF-8 does not break the file") {
  RunResult result = sample_result();
  result.dataset_name = "npz:\xff\xfe.npz";
  CHECK(Json::parse(json_text(report_json(result, {})))["dataset"]["name"].is_string());
}

TEST_CASE("layers.csv has one row per layer and no ragged row") {
  std::istringstream stream(layers_csv(sample_result()));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(stream, line);) rows.push_back(split(line));
  REQUIRE(rows.size() == 5);
  for (const auto& row : rows) CHECK(row.size() == rows[0].size());
  const auto cell = [&](std::size_t row, const std::string& column) {
    for (std::size_t c = 0; c < rows[0].size(); ++c) {
      if (rows[0][c] == column) return rows[row][c];
    }
    return "no column " + column;
  };
  CHECK(cell(1, "name") == "conv1");
  CHECK(cell(2, "lb_bits") == "4");
  CHECK(cell(2, "skip_ratio") == "0.75");
  CHECK(cell(1, "skip_ratio").empty());
  CHECK(cell(3, "hb_bits").empty());
  CHECK(cell(1, "latency_ns") == "149423.22");
  CHECK(cell(1, "adc_energy_pj") == "80000");
  CHECK(cell(4, "gate_energy_pj") == "70");
  CHECK(cell(1, "lossless") == "true");

  std::istringstream untimed(layers_csv(untimed_result()));
  std::string titles;
  std::string first;
  std::getline(untimed, titles);
  std::getline(untimed, first);
  CHECK(split(first).size() == rows[0].size());
}

TEST_CASE("layers.csv quotes what would break a row") {
  RunResult result = sample_result();
  result.layers[0].name = "a,\"b\"\nc";
  CHECK(layers_csv(result).find("\n\"a,\"\"b\"\"\nc\",conv,") != std::string::npos);
}

TEST_CASE("the logits are a NumPy file") {
  RunResult result = sample_result();
  result.images = 2;
  result.logits = {1, -2, 3, std::numeric_limits<std::int64_t>::min(), 0, 6};
  const std::string bytes = logits_npy(result);
  REQUIRE(bytes.size() > 10);
  CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t header = static_cast<unsigned char>(bytes[8]) + 256U * static_cast<unsigned char>(bytes[9]);
  CHECK((10 + header) % 64 == 0);
  CHECK(bytes.substr(10, header).starts_with("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }"));
  REQUIRE(bytes.size() == 10 + header + 6 * 8);
  std::int64_t fourth = 0;
  std::memcpy(&fourth, bytes.data() + 10 + header + 3 * 8, 8);
  CHECK(fourth == std::numeric_limits<std::int64_t>::min());
  CHECK(static_cast<unsigned char>(bytes[10 + header]) == 1);
  CHECK(static_cast<unsigned char>(bytes[10 + header + 8]) == 0xFE);

  result.images = 4;
  CHECK_THROWS_AS(logits_npy(result), std::logic_error);
}

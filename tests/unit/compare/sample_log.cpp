// SPDX-License-Identifier: Apache-2.0
#include "sample_log.h"

#include <fmt/format.h>

namespace cimcycle::test {

namespace {

/// The six lines of a breakdown: latencies n + 1 to n + 3, energies n + 4 to n + 6.
std::string breakdown(double n) {
  constexpr const char* words[] = {"ADC (or S/As) ", "Accumulation Circuits (adders; trees: units) ",
                                   "Other Peripheries "};
  std::string text = "\n************ Breakdown ************\n\n";
  int i = 0;
  for (const char* word : words) text += fmt::format("----------- {}readLatency is : {}ns\n", word, n + ++i);
  for (const char* word : words) text += fmt::format("----------- {}readDynamicEnergy is : {}pJ\n", word, n + ++i);
  return text;
}

std::string layer(int index) {
  const double n = 100 * index;
  std::string text = fmt::format("-------------------- Estimation of Layer {} ----------------------\n", index);
  const auto line = [&](const char* what, double value, const char* unit) {
    text += fmt::format("layer{}'s {} is: {}{}\n", index, what, value, unit);
  };
  line("readLatency", n + 7, "ns");
  line("readDynamicEnergy", n + 8, "pJ");
  line("leakagePower", n + 9, "uW");
  line("leakageEnergy", n + 10, "pJ");
  line("buffer latency", n + 11, "ns");
  line("buffer readDynamicEnergy", n + 12, "pJ");
  line("ic latency", n + 13, "ns");
  line("ic readDynamicEnergy", n + 14, "pJ");
  return text + breakdown(n);
}

}  // namespace

std::string sample_log(bool pipelined, bool clocked) {
  std::string text = "---- FloorPlan ----\nDesired PE Size: 256x256\nlayer1: 1\nlayer2: 16\n";
  text += layer(1) + layer(2);
  text +=
      "------------------------------ Summary --------------------------------\n\n"
      "ChipArea : 1.5e+07um^2\nChip total CIM array : 1um^2\nTotal IC Area on chip (Global and Tile/PE local): 2um^2\n"
      "Total ADC (or S/As and precharger for SRAM) Area on chip : 3um^2\n"
      "Total Accumulation Circuits (subarray level: adders) on chip : 4um^2\nOther Peripheries (e.g. mux) : 5um^2\n\n";
  if (clocked) text += "Chip clock period is: 2.5ns\n";
  const std::string words = pipelined ? "Chip pipeline-system " : "Chip total ";
  text += pipelined ? "Chip pipeline-system-clock-cycle (per image) is: 6ns\n"
                    : "Chip layer-by-layer readLatency (per image) is: 6ns\n";
  text += words + (pipelined ? "readDynamicEnergy (per image) is: 7pJ\n" : "readDynamicEnergy is: 7pJ\n");
  text += words + (pipelined ? "leakage Energy (per image) is: 8pJ\n" : "leakage Energy is: 8pJ\n");
  text += words + (pipelined ? "leakage Power (per image) is: 9uW\n" : "leakage Power is: 9uW\n");
  const std::string part = pipelined ? "Chip pipeline-system " : "Chip ";
  const std::string per = pipelined ? " (per image)" : "";
  text += part + "buffer readLatency" + per + " is: 10ns\n" + part + "buffer readDynamicEnergy" + per + " is: 11pJ\n";
  text += part + "ic readLatency" + per + " is: 12ns\n" + part + "ic readDynamicEnergy" + per + " is: 13pJ\n";
  text += breakdown(0);
  text += "---- Performance ----\nEnergy Efficiency TOPS/W (Layer-by-Layer Process): 6.5\nThroughput FPS: 700\n";
  return text;
}

}  // namespace cimcycle::test

// SPDX-License-Identifier: Apache-2.0
// Latency and energy by group while a composition adds them up.
#pragma once

#include <algorithm>

namespace cimcycle::neurosim {

/// Latency in cycles (synchronous) or seconds, energy in J. ADC, accumulation and other are the whole; buffer and
/// interconnect are counted in `other` and once more by themselves.
struct Tally {
  struct Entry {
    double latency = 0;
    double energy_j = 0;
  };
  Entry adc, accumulation, other, buffer, interconnect;

  void add_buffer(double latency, double energy_j) {
    add(other, latency, energy_j);
    add(buffer, latency, energy_j);
  }
  void add_interconnect(double latency, double energy_j) {
    add(other, latency, energy_j);
    add(interconnect, latency, energy_j);
  }
  double latency() const { return adc.latency + accumulation.latency + other.latency; }
  double energy_j() const { return adc.energy_j + accumulation.energy_j + other.energy_j; }

  void divide_latency(double by) {
    for (Entry* entry : {&adc, &accumulation, &other, &buffer, &interconnect}) entry->latency /= by;
  }
  void scale_energy(double by) {
    for (Entry* entry : {&adc, &accumulation, &other, &buffer, &interconnect}) entry->energy_j *= by;
  }
  /// Works beside `next`: energies add up, the longer latency counts.
  void beside(const Tally& next) {
    join(next, [](double a, double b) { return std::max(a, b); });
  }
  /// Works before `next`.
  void then(const Tally& next) {
    join(next, [](double a, double b) { return a + b; });
  }

  static void add(Entry& entry, double latency, double energy_j) {
    entry.latency += latency;
    entry.energy_j += energy_j;
  }

 private:
  template <class Rule>
  void join(const Tally& next, Rule rule) {
    Entry* const mine[] = {&adc, &accumulation, &other, &buffer, &interconnect};
    const Entry* const theirs[] = {&next.adc, &next.accumulation, &next.other, &next.buffer, &next.interconnect};
    for (int i = 0; i < 5; ++i) {
      mine[i]->latency = rule(mine[i]->latency, theirs[i]->latency);
      mine[i]->energy_j += theirs[i]->energy_j;
    }
  }
};

}  // namespace cimcycle::neurosim

// SPDX-License-Identifier: Apache-2.0
// Fit: DNN+NeuroSim V1.3.
#include "neurosim/sense_time.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace cimcycle::neurosim {

namespace {

/// Coefficients in falling powers.
double polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (const double c : coefficients) sum = sum * x + c;
  return sum;
}

}  // namespace

SenseTime::SenseTime(const Setup& setup)
    : spec_(*setup.node.sense_time), flat_region_(!setup.deviates(&NeurosimDeviations::unreachable_flat_region)) {
  const double rows = setup.parallel ? setup.rows : 1;
  const int levels = static_cast<int>(setup.levels());
  // DNN+NeuroSim starts behind the first reference.
  for (int i = flat_region_ ? 0 : 1; i < levels - 1; ++i) {
    references_ohm_.push_back(setup.cell.on_resistance_ohm / rows +
                              (i + 1) * (setup.cell.off_resistance_ohm / rows) / levels);
  }
  table_.reserve(entries + 1);
  for (std::uint32_t i = 0; i <= entries; ++i) {
    table_.push_back(static_cast<float>(exact_s(std::bit_cast<float>((first_index + i) << shift))));
  }
}

double SenseTime::exact_s(double conductance) const {
  double longest = 0;
  const double column_ohm = 1 / conductance;
  const double whole = spec_.longest_per_ln_kohm_ns * std::log(column_ohm * 1e-3) + spec_.longest_base_ns;
  for (const double reference_ohm : references_ohm_) {
    const double ratio = reference_ohm / column_ohm;
    if (ratio <= spec_.min_ratio || ratio >= spec_.max_ratio) {
      longest = std::max(longest, spec_.min_ns);
      continue;
    }
    const bool low = ratio <= spec_.low_ratio_to;
    double share = low ? polynomial(spec_.low_ratio, ratio) : polynomial(spec_.high_ratio, ratio);
    if (flat_region_ && !low && ratio <= spec_.flat_to) share = 1;
    longest = std::max(longest, whole * share);
  }
  return std::clamp(longest, spec_.min_ns, spec_.max_ns) * 1e-9;
}

}  // namespace cimcycle::neurosim

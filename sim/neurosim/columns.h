// SPDX-License-Identifier: Apache-2.0
// The conversions of a crossbar: energy and sense time from the conductance of each column in each input bit plane.
// Model: docs/models/neurosim.md, "Conversions".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "neurosim/crossbar.h"
#include "neurosim/sense_time.h"
#include "neurosim/setup.h"
#include "neurosim/trace.h"

namespace cimcycle::neurosim {

/// Power of a converter on a column of conductance G: base + per_conductance x G^exponent, `empty_w` if G = 0; and its
/// sense time.
struct ConverterFit {
  double base_w = 0;
  double per_conductance = 0;
  double exponent = 1;
  double empty_w = 0;
  double time_s = 0;                      ///< if it does not depend on the column
  std::shared_ptr<const SenseTime> time;  ///< if it does
  /// V1.4 sense amplifiers: power by the piecewise fit instead, and what every read costs.
  bool piecewise = false;
  double sense_amps = 0;
  double resistance_scale = 1;
  double read_j = 0;
};
ConverterFit make_converter_fit(const Setup& setup);

/// Part of a weight matrix on one crossbar: rows of the file, columns of cells.
struct Slice {
  std::int64_t row = 0;
  std::int64_t col = 0;
  int rows = 0;
  int cols = 0;
};

struct PlaneSums {
  std::int64_t planes = 0;
  std::int64_t ones = 0;          ///< rows with a one, over all planes
  std::int64_t empty_planes = 0;  ///< planes without a one
  double conversion_j = 0;
  double sense_s = 0;          ///< sense times of flash converters, added up
  double longest_sense_s = 0;  ///< of flash converters
};

/// Sums over the first `planes` bit planes of the layer's input.
PlaneSums sum_planes(const Setup& setup, const ConverterFit& fit, const NeurosimLayer& layer, const Slice& slice,
                     std::int64_t planes);

/// The sums of all slices that were asked for, each taken once.
class PlaneSumCache {
 public:
  PlaneSumCache(const Setup& setup, const NeurosimTrace& trace)
      : setup_(setup), trace_(trace), fit_(make_converter_fit(setup)) {}
  const ConverterFit& fit() const { return fit_; }
  /// `planes` is the same in all questions about a layer.
  const PlaneSums& of(std::size_t layer, const Slice& slice, std::int64_t planes);
  /// Over all slices so far.
  double longest_sense_s() const { return longest_sense_s_; }

 private:
  const Setup& setup_;
  const NeurosimTrace& trace_;
  ConverterFit fit_;
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t>, PlaneSums> sums_;
  double longest_sense_s_ = 0;
};

}  // namespace cimcycle::neurosim

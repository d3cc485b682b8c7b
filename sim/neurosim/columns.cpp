// SPDX-License-Identifier: Apache-2.0
// Fits: DNN+NeuroSim V1.3.
#include "neurosim/columns.h"

#include <algorithm>
#include <cmath>

#include "circuits/flash_adc.h"
#include "circuits/sar_adc.h"
#include "circuits/v14_periphery.h"
#include "neurosim/power_sum.h"

namespace cimcycle::neurosim {

namespace {

using D = NeurosimDeviations;

/// Up to this distance of the exponent from 1 the sum over bit planes is taken row by row (see sum_by_rows); the
/// relative error is below 2e-5 of the conductance term there.
constexpr double row_sum_exponent_reach = 1e-3;

/// Wire resistance that a cell adds along its wordline and its bitline, Ohm.
struct CellWires {
  double row_ohm = 0;
  double column_ohm = 0;
};

CellWires cell_wires(const Setup& setup) {
  const double ohm = wire_resistance_per_m(setup.node);
  const double height = setup.cell.height_features, width = setup.cell.width_features;
  // DNN+NeuroSim pairs rows with the height and columns with the width, both in widths of a wire.
  if (setup.deviates(&D::crosswise_cell_wires)) {
    return {.row_ohm = ohm * setup.node.wire.width_m * height, .column_ohm = ohm * setup.node.wire.width_m * width};
  }
  return {.row_ohm = ohm * setup.node.features(width), .column_ohm = ohm * setup.node.features(height)};
}

/// Conductances of the cells of a slice with wires and access transistor, row by row, in lanes.
ConductanceTable conductances(const Setup& setup, const NeurosimLayer& layer, const Slice& slice) {
  const CellWires wires = cell_wires(setup);
  const double on = 1 / setup.cell.on_resistance_ohm, off = 1 / setup.cell.off_resistance_ohm;
  const int top = (1 << setup.cell_bits) - 1;
  std::vector<double> level_ohm(static_cast<std::size_t>(top) + 1);
  for (int level = 0; level <= top; ++level) {
    level_ohm[static_cast<std::size_t>(level)] = 1 / (static_cast<double>(level) / top * (on - off) + off);
  }
  ConductanceTable table(slice.rows, slice.cols);
  const int half = 1 << (setup.weight_bits - 1);
  for (int i = 0; i < slice.rows; ++i) {
    for (int j = 0; j < slice.cols; ++j) {
      const std::int64_t column = slice.col + j;
      const std::int64_t filter = column / setup.slices;
      const int digit = setup.slices - 1 - static_cast<int>(column % setup.slices);
      const int code = layer.weights[static_cast<std::size_t>((slice.row + i) * layer.filters + filter)] + half;
      const int level = (code >> (digit * setup.cell_bits)) & top;
      const double ohm = level_ohm[static_cast<std::size_t>(level)] + (j + 1) * wires.row_ohm +
                         (slice.rows - i) * wires.column_ohm + setup.cell.access_resistance_ohm();
      table.at(i, j) = static_cast<float>(1 / ohm);
    }
  }
  return table;
}

/// V1.4: what one read of a group costs, all planes with ones added up. The conductance is divided by `share`.
double row_group_energy(const Setup& setup, const ConverterFit& fit, const ConductanceTable& table,
                        const PlaneRows& rows, double share) {
  const double full = static_cast<double>(rows.planes() - rows.empty_planes());
  const double empty = setup.deviates(&D::no_zero_skipping) ? static_cast<double>(rows.empty_planes()) : 0;
  double column_j = 0;
  if (fit.piecewise) {
    const NeurosimV14Spec& spec = *setup.node.neurosim_v14;
    const PiecewisePower power = {.low_ohm = spec.low_ohm,
                                  .high_ohm = spec.high_ohm,
                                  .low = {spec.low_w, spec.low_w_per_ohm},
                                  .middle = {spec.middle_w, spec.middle_w_per_ln_ohm},
                                  .high = {spec.high_w, spec.high_w_per_ln_ohm},
                                  .scale = share * fit.resistance_scale,
                                  // The energy of a read as a whole is not negative.
                                  .least = -fit.read_j / (fit.sense_amps * fit.time_s)};
    column_j = fit.sense_amps * sum_piecewise(table, rows, power) * fit.time_s;
  } else {
    column_j = fit.time_s * (table.cols() * fit.base_w * full + fit.per_conductance * std::pow(share, -fit.exponent) *
                                                                    sum_by_planes(table, rows, fit.exponent, false));
  }
  return column_j + table.cols() * ((full + empty) * fit.read_j + empty * fit.empty_w * fit.time_s);
}

/// V1.4: each plane is read in groups of rows; all are taken as the mean of the plane, or each as it is.
void sum_row_groups(const Setup& setup, const ConverterFit& fit, const ConductanceTable& table, const PlaneRows& rows,
                    const NeurosimLayer& layer, const Slice& slice, PlaneSums& sums) {
  if (!setup.sar) sums.longest_sense_s = fit.time_s;
  if (setup.deviates(&D::averaged_row_groups)) {
    sums.conversion_j = setup.row_groups * row_group_energy(setup, fit, table, rows, setup.row_groups);
    return;
  }
  for (int first = 0; first < slice.rows; first += setup.row_parallel) {
    const int count = std::min(setup.row_parallel, slice.rows - first);
    const PlaneRows group(layer.input, slice.row + first, count, sums.planes);
    sums.conversion_j += row_group_energy(setup, fit, table.part(first, count), group, 1);
  }
}

}  // namespace

ConverterFit make_converter_fit(const Setup& setup) {
  ConverterFit fit;
  double resistance_exponent = 0, fit_read_v = 0;
  if (setup.sar) {
    const SarAdc adc = make_sar_adc(setup.node, setup.adc_bits);
    fit.base_w = adc.base_power_w;
    fit.per_conductance = setup.node.sar_adc.power_per_conductance_v2;
    fit.time_s = adc.conversion_s;
    fit.empty_w = setup.node.sar_adc.empty_column_w;
    resistance_exponent = setup.node.sar_adc.resistance_exponent;
    fit_read_v = setup.node.sar_adc.fit_read_voltage_v;
  } else if (setup.v14()) {
    const CellArray array = make_crossbar(setup).array;
    const V14SenseAmp amp = make_v14_sense_amp(setup.node, setup.cell, array, setup.adc_bits, setup.row_parallel,
                                               setup.columns_per_dummy());
    fit.piecewise = true;
    fit.sense_amps = amp.sense_amps;
    fit.resistance_scale = setup.node.flash_adc.fit_read_voltage_v / setup.cell.read_v;
    fit.time_s = amp.sense_s;
    fit.read_j = amp.reference_w * amp.sense_s + amp.switching_j;
    fit.empty_w = setup.node.flash_adc.empty_column_w;
    return fit;
  } else {
    const bool current = setup.spec.sense == SenseMode::current;
    const FlashAdc adc =
        make_flash_adc(setup.node, setup.adc_bits, current ? FlashSense::current : FlashSense::voltage);
    fit.base_w = adc.base_power_w;
    fit.per_conductance = adc.power_per_conductance_v2;
    fit.time_s = adc.sense_s;
    fit.empty_w = setup.node.flash_adc.empty_column_w;
    if (current && setup.node.sense_time) fit.time = std::make_shared<SenseTime>(setup);
    resistance_exponent = setup.node.flash_adc.resistance_exponent;
    fit_read_v = setup.node.flash_adc.fit_read_voltage_v;
  }
  // exp(-k log10 R) = R^(-k / ln 10)
  fit.exponent = resistance_exponent / std::log(10.0);
  fit.per_conductance *= std::pow(setup.cell.read_v / fit_read_v, fit.exponent);
  return fit;
}

PlaneSums sum_planes(const Setup& setup, const ConverterFit& fit, const NeurosimLayer& layer, const Slice& slice,
                     std::int64_t planes) {
  const ConductanceTable table = conductances(setup, layer, slice);
  const PlaneRows rows(layer.input, slice.row, slice.rows, planes);
  PlaneSums sums;
  sums.planes = planes;
  sums.ones = rows.ones();
  sums.empty_planes = rows.empty_planes();
  const double full = static_cast<double>(planes - sums.empty_planes);
  // Planes without a one that are converted all the same.
  const double empty = setup.deviates(&D::no_zero_skipping) ? static_cast<double>(sums.empty_planes) : 0;
  if (fit.time) {
    const TimedSum timed =
        sum_by_planes_timed(table, rows, fit.exponent, !setup.parallel, fit.base_w, fit.per_conductance, *fit.time);
    sums.longest_sense_s = std::max(timed.longest_s, fit.time->shortest_s());
    sums.sense_s = timed.sense_s;
    if (setup.parallel) sums.sense_s += empty * fit.time->shortest_s();
    sums.conversion_j = timed.energy_j;
    if (setup.parallel) {
      sums.conversion_j += slice.cols * fit.empty_w * empty * fit.time->shortest_s();
    }
    return sums;
  }
  if (setup.v14()) {
    sum_row_groups(setup, fit, table, rows, layer, slice, sums);
    return sums;
  }
  // In a sequential read each row is a conversion of the mean active cell.
  const bool mean = !setup.parallel;
  const double power_sum = std::abs(fit.exponent - 1) <= row_sum_exponent_reach
                               ? sum_by_rows(table, rows, fit.exponent, mean)
                               : sum_by_planes(table, rows, fit.exponent, mean);
  const double conversions = mean ? static_cast<double>(sums.ones) : full;
  double energy_w = slice.cols * fit.base_w * conversions + fit.per_conductance * power_sum;
  if (!mean) energy_w += slice.cols * fit.empty_w * empty;
  if (!setup.sar) {
    sums.longest_sense_s = fit.time_s;
    sums.sense_s = fit.time_s * (mean ? static_cast<double>(sums.ones) : full + empty);
  }
  sums.conversion_j = energy_w * fit.time_s;
  return sums;
}

const PlaneSums& PlaneSumCache::of(std::size_t layer, const Slice& slice, std::int64_t planes) {
  const auto [entry, is_new] = sums_.try_emplace({layer, slice.row, slice.col});
  if (is_new) {
    entry->second = sum_planes(setup_, fit_, trace_.layers[layer], slice, planes);
    longest_sense_s_ = std::max(longest_sense_s_, entry->second.longest_sense_s);
  }
  return entry->second;
}

}  // namespace cimcycle::neurosim

// SPDX-License-Identifier: Apache-2.0
// The title and the summary of a run.
#include "report/run_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/units.h"

namespace cimcycle {
namespace {

std::string accuracy(const std::optional<double>& top1) {
  return top1 ? fmt::format("{:.2f}%", 100 * *top1) : "not run";
}

std::string labelled(std::string_view label, const std::string& text) { return fmt::format("{:<10}{}\n", label, text); }

std::string title(const RunResult& result) {
  return fmt::format("{} on {}: {} ({}), {} images, {} of them timed, seed {}", printable(result.network_name),
                     printable(result.hardware.name), printable(result.dataset_name), printable(result.dataset_split),
                     with_commas(result.images), with_commas(result.timed_images), result.seed);
}

std::string accuracy_lines(const RunResult& result) {
  if (!result.top1) return labelled("accuracy", "none: recorded layer inputs have no label");
  std::string text = labelled(
      "accuracy", fmt::format("{} top-1; with an ideal ADC and the same gates {}; integer network {}; float network {}",
                              accuracy(result.top1), accuracy(result.ideal_adc_top1), accuracy(result.ungated_top1),
                              result.float_top1 ? accuracy(result.float_top1) : "not recorded"));
  if (result.agreement) {
    text += labelled(
        "", fmt::format("the logits of {} of the images equal those with an ideal ADC", percent(*result.agreement)));
  }
  return text;
}

std::string energy_line(const RunResult& result) {
  const Spread& spread = result.energy_spread_pj;
  std::string text = fmt::format("{} per image ({} to {})", with_unit(result.energy_total_pj, energy_units),
                                 with_unit(spread.min, energy_units), with_unit(spread.max, energy_units));
  if (result.timed_images == 0) text += " without leakage: no image was timed";
  return labelled("energy", text + fmt::format(", {:.3g} TOPS/W", result.tops_per_watt));
}

std::string latency_line(const RunResult& result) {
  if (result.timed_images == 0) return labelled("latency", "not timed");
  return labelled("latency", fmt::format("{} per image (95% within {}), {:.4g} images/s, {} cycles of {:.4g} ns",
                                         with_unit(result.latency_ns.mean, time_units),
                                         with_unit(result.latency_ns.p95, time_units), result.images_per_second,
                                         with_commas(static_cast<std::int64_t>(result.cycles.mean + 0.5)),
                                         result.chip.clock_period_ns));
}

/// "28.3% less energy and 21.0% less time", the second part only if both were timed.
std::string against(const RunResult& result, const Baseline& reference) {
  std::string text = fmt::format("{} energy", difference(result.energy_total_pj, reference.energy_pj));
  if (result.timed_images > 0) {
    text += fmt::format(" and {} time", difference(result.latency_ns.mean, reference.latency_ns));
  }
  return text;
}

/// "320 nJ, 190 us"
std::string figures(const RunResult& result, const Baseline& reference) {
  const std::string energy = with_unit(reference.energy_pj, energy_units);
  return result.timed_images > 0 ? fmt::format("{}, {}", energy, with_unit(reference.latency_ns, time_units)) : energy;
}

std::string skipping_lines(const RunResult& result) {
  if (!result.gated) return labelled("skipping", "no layer has a gate");
  std::string text;
  const std::string skipped = result.skip_ratio
                                  ? fmt::format("{} of the LSB reads skipped", percent(*result.skip_ratio))
                                  : "nothing lies behind the gates";
  const std::string masked =
      result.masked_ratio ? fmt::format(" ({} of the gates closed)", percent(*result.masked_ratio)) : "";
  text += labelled("skipping", skipped + masked);
  if (result.no_skip.energy_pj > 0) {
    text += labelled("", fmt::format("{} than reading everything ({})", against(result, result.no_skip),
                                     figures(result, result.no_skip)));
  }
  std::string cost = fmt::format("the gate costs {} ({} of the energy)", with_unit(result.gate_energy_pj, energy_units),
                                 percent(result.gate_energy_pj / result.energy_total_pj));
  if (result.timed_images > 0) cost += fmt::format(" and {:.4g} cycles of waiting", result.gate_stall_cycles);
  text += labelled("", cost);
  if (result.oracle.energy_pj > 0) {
    text += labelled("", fmt::format("{} than an oracle that knows the gates beforehand ({})",
                                     against(result, result.oracle), figures(result, result.oracle)));
  }
  return text;
}

std::string paper_line(const RunResult& result) {
  const double dynamic_pj =
      result.energy_total_pj - result.energy_pj[static_cast<std::size_t>(EnergyComponent::leakage)];
  if (result.paper_energy_pj <= 0 || dynamic_pj <= 0) return {};
  return labelled("paper",
                  fmt::format("E_l + (E_h - E_l)(1 - closed) gives {} dynamic (E: {}); simulated {}, {}",
                              with_unit(result.paper_energy_pj, energy_units), printable(result.paper_energy_source),
                              with_unit(dynamic_pj, energy_units), difference(dynamic_pj, result.paper_energy_pj)));
}

}  // namespace

std::string run_summary(const RunResult& result) {
  return accuracy_lines(result) + energy_line(result) + latency_line(result) + skipping_lines(result) +
         paper_line(result);
}

std::string run_text(const RunResult& result, const TextStyle& style) {
  std::string text =
      fmt::format("{}\n\n{}", emphasized(title(result), Emphasis::bold, style), layer_table(result, style));
  text +=
      emphasized("skip: LSB reads skipped (m: gates closed, where nothing lies behind them); clip: conversions clipped",
                 Emphasis::dim, style);
  text += '\n';
  text += emphasized(
      "array: wordlines, bitlines, cells; sums: offset, shift-add, accumulate; data: buffers, links, digital; "
      "energy per image",
      Emphasis::dim, style);
  text += "\n\n";
  text += run_summary(result);
  for (const std::string& warning : result.warnings) {
    text += emphasized(fmt::format("warning: {}", warning), Emphasis::warning, style);
    text += '\n';
  }
  return text;
}

}  // namespace cimcycle

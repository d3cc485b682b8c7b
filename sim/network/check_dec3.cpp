// SPDX-License-Identifier: Apache-2.0
// What must hold for a DE-C3 annotation: pairs of bits, thresholds, ADC steps.
#include "network/check_place.h"
#include "network/pairs.h"

namespace cimcycle {

namespace {

void check_pair(const Place& at) {
  const int hb = at.layer.dec3.hb;
  const int lb = at.layer.dec3.lb;
  const bool is_static = !at.layer.dec3.looks_at_sums() && lb == 0 && hb >= 1 && hb <= most_weight_bits;
  if (!is_pair(hb, lb) && !is_static) {
    at.fail(
        "dec3: hb {} and lb {}, expected hb from 8, 6, 4, 2, 1 and lb from 6, 4, 2, 1, 0 with hb + lb of at most 8 "
        "(without a gate and with gate digits or inputs also hb 1 to 8 with lb 0)",
        hb, lb);
  }
  if (at.layer.dec3.split == Split::floor && hb == 1 && lb > 0) {
    at.fail("dec3: split floor needs hb of at least 2 or lb 0; with hb 1 use round");
  }
}

void check_digits(const Place& at) {
  const Dec3& dec3 = at.layer.dec3;
  if (dec3.lb > 0) at.fail("dec3: gate digits needs lb 0, but lb is {}", dec3.lb);
  if (at.network.reads_signed(at.layer)) at.fail("dec3: gate digits needs unsigned inputs");
  if (dec3.high_digit_bits < 1 || dec3.high_digit_bits >= at.layer.input_bits) {
    at.fail("dec3: digits: high is {}, expected 1 to {} of the {} input bits", dec3.high_digit_bits,
            at.layer.input_bits - 1, at.layer.input_bits);
  }
  if (dec3.digit_threshold.size() != static_cast<std::size_t>(at.layer.out.channels)) {
    at.fail("dec3: digits: {} thresholds, expected one for each of the {} outputs", dec3.digit_threshold.size(),
            at.layer.out.channels);
  }
  if (dec3.granularity != GateGranularity::output || !dec3.threshold.empty() ||
      dec3.threshold_per != Dec3::ThresholdPer::layer) {
    at.fail("dec3: gate digits has granularity output and its own thresholds");
  }
}

void check_inputs(const Place& at) {
  const Dec3& dec3 = at.layer.dec3;
  if (at.network.reads_signed(at.layer)) at.fail("dec3: gate inputs needs unsigned inputs");
  // A row group has one sum, whatever reads it.
  if (dec3.granularity != GateGranularity::ou) {
    at.fail("dec3: gate inputs decides per row group; granularity {}, expected ou",
            word_of(granularity_words, dec3.granularity));
  }
  if (dec3.threshold_per != Dec3::ThresholdPer::layer) {
    at.fail("dec3: gate inputs decides per row group; threshold_per {}, expected layer",
            word_of(threshold_per_words, dec3.threshold_per));
  }
}

void check_thresholds(const Place& at) {
  const Dec3& dec3 = at.layer.dec3;
  if (dec3.gate == GateKind::digits) return check_digits(at);
  if (dec3.high_digit_bits != 0 || !dec3.digit_threshold.empty()) at.fail("dec3: digits need gate digits");
  const std::size_t count = dec3.threshold.size();
  if (dec3.gate == GateKind::none) {
    if (dec3.granularity != GateGranularity::ou || count > 0 || dec3.threshold_per != Dec3::ThresholdPer::layer) {
      at.fail("dec3: granularity and threshold need a gate, but gate is none");
    }
    return;
  }
  if (count == 0) at.fail("dec3: gate {} needs a threshold", word_of(gate_words, dec3.gate));
  if (dec3.gate == GateKind::inputs) check_inputs(at);
  const auto outputs = static_cast<std::size_t>(at.layer.out.channels);
  if (dec3.threshold_per == Dec3::ThresholdPer::layer && count != 1) {
    at.fail("dec3: {} thresholds with threshold_per layer, expected 1", count);
  }
  if (dec3.threshold_per == Dec3::ThresholdPer::output && count != outputs) {
    at.fail("dec3: {} thresholds with threshold_per output, expected one for each of the {} outputs", count, outputs);
  }
  // How many output blocks there are is known with the hardware only; each holds an output at least.
  if (dec3.threshold_per == Dec3::ThresholdPer::output_block && count > outputs) {
    at.fail("dec3: {} thresholds with threshold_per output_block, expected at most the {} outputs", count, outputs);
  }
  if (dec3.threshold_per == Dec3::ThresholdPer::output && dec3.gate == GateKind::mean) {
    at.fail("dec3: gate mean has one importance per output block; threshold_per output needs gate max");
  }
  for (const std::int64_t threshold : dec3.threshold) {
    if (threshold != never_opens && (threshold < 0 || threshold > largest_threshold)) {
      at.fail("dec3: threshold {}, expected 0 to {} or null", threshold, largest_threshold);
    }
  }
}

}  // namespace

void check_dec3(const Place& at) {
  const Dec3& dec3 = at.layer.dec3;
  if (!at.layer.has_weights()) {
    if (dec3 != Dec3{}) at.fail("dec3: kind {} has no weights to split", word_of(layer_kind_words, at.layer.kind));
    return;
  }
  check_pair(at);
  check_thresholds(at);
  for (const std::optional<int>& step : {dec3.adc_step_msb, dec3.adc_step_lsb}) {
    if (step && (*step < 1 || *step > limits::adc_step)) {
      at.fail("dec3: ADC step {}, expected 1 to {}", *step, limits::adc_step);
    }
  }
  if (dec3.adc_step_lsb && dec3.lb == 0) at.fail("dec3: adc_step_lsb needs low bits, but lb is 0");
}

}  // namespace cimcycle

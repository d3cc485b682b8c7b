// SPDX-License-Identifier: Apache-2.0
// Real numbers to codes: scales of weights and activations, and the digital constants m, c, r and n.
#pragma once

#include <span>
#include <vector>

#include "network/network.h"
#include "onnx/steps.h"

namespace cimcycle::onnx_model {

/// Codes for values in [low, high] (the clamp of their step), of which `samples` is a sample: 8 bits from the lowest to
/// the highest percentile, 0 among them and with a code of its own.
Quantization activation_codes(std::vector<float> samples, double percentile, double low, double high);

struct WeightProblem {
  std::span<const float> weights;       ///< [outputs][rows]
  std::span<const double> gain;         ///< [outputs]: factor behind the sum
  std::span<const double> mean_square;  ///< [rows of all channel groups]: of the inputs
  int groups = 1;
  WeightRange range;
  bool only_ends = false;  ///< hb = 1 and lb = 0: -1 and 1
  bool per_output = true;  ///< one scale for each output, else one for all
  int threads = 1;
};

/// Scales that make the squared error of the sums least, over a grid of clipped fractions of the largest weight, and
/// the codes nearest to weight / scale.
WeightCodes weight_codes(const WeightProblem& problem);

/// Real factors of a layer, in output codes, and what the zero points of its inputs add.
struct DigitalProblem {
  std::vector<double> m;        ///< per output: factor of the accumulator
  std::vector<double> r;        ///< per output: factor of the residual; empty without one
  std::vector<double> offset;   ///< per output
  std::vector<double> m_shift;  ///< per output: what the accumulator lacks, sum over weights of code * (-zero point)
  std::vector<double> r_shift;  ///< per output: the same of the residual
  bool logits = false;          ///< no shift; `unit` is chosen so that the largest m is 2^20
};

struct DigitalConstants {
  Digital digital;
  std::vector<std::int32_t> r;
  double unit = 1;  ///< logits: real value of one
};

/// z = acc * m + res * r + c with the largest shift n that leaves all of it in its registers. Integer shifts are folded
/// exactly. Throws InputError, which names `layer`, if a factor is too large or not finite.
DigitalConstants digital_constants(const DigitalProblem& problem, const std::string& layer);

}  // namespace cimcycle::onnx_model

// SPDX-License-Identifier: Apache-2.0
#include "onnx/choose.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/json_object.h"
#include "base/text.h"
#include "network/pairs.h"
#include "onnx/input_vectors.h"
#include "onnx/scales.h"
#include "onnx/split_rounding.h"

namespace cimcycle::onnx_model {
namespace {

bool is_allowed(const BitPair& pair) {
  return is_pair(pair.hb, pair.lb) || (pair.lb == 0 && pair.hb >= 1 && pair.hb <= most_weight_bits);
}

constexpr std::string_view allowed_pairs =
    "HB from 8, 6, 4, 2, 1 and LB from 6, 4, 2, 1, 0 with at most 8 bits together, or HB from 1 to 8 with LB 0";

/// Mean square of the input of each row, of all channel groups one behind the other.
std::vector<double> row_squares(const Step& step, const TensorStatistics& input, const TensorCodes& codes) {
  const std::int64_t rows = std::int64_t{step.rows()} * step.groups;
  const auto channels = static_cast<std::int64_t>(input.mean_square.size());
  std::vector<double> squares;
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto c = static_cast<std::size_t>(r / (rows / channels));
    const double scale = codes.is_uniform() ? 1 : codes.scale[c];
    squares.push_back(input.mean_square[c] / (scale * scale));
  }
  return squares;
}

WeightCodes codes_of(const Step& step, const Dec3& dec3, const TensorStatistics& input, const TensorCodes& codes,
                     int threads) {
  const std::vector<float> weights = weights_on(step, codes);
  const std::vector<double> squares = row_squares(step, input, codes);
  WeightProblem problem;
  problem.weights = weights;
  problem.gain = step.factor;
  problem.mean_square = squares;
  problem.groups = step.groups;
  problem.range = weight_range(dec3);
  problem.only_ends = dec3.hb == 1 && dec3.lb == 0;
  problem.per_output = dec3.gate == GateKind::none;
  problem.threads = threads;
  return weight_codes(problem);
}

}  // namespace

BitPair parse_pair(const std::string& text, std::string_view option) {
  BitPair pair;
  const char* const end = text.data() + text.size();
  const auto high = std::from_chars(text.data(), end, pair.hb);
  const bool comma = high.ec == std::errc() && high.ptr != end && *high.ptr == ',';
  const auto low = comma ? std::from_chars(high.ptr + 1, end, pair.lb) : high;
  if (!comma || low.ec != std::errc() || low.ptr != end || !is_allowed(pair)) {
    fail_input("--{} {}: expected HB,LB, {}", option, printable(text), allowed_pairs);
  }
  return pair;
}

std::map<std::string, BitPair> read_pairs(const std::string& file) {
  const nlohmann::json root = read_json(file);
  JsonObject object(root, printable(file));
  std::map<std::string, BitPair> pairs;
  for (const auto& [layer, value] : root.items()) {
    const std::vector<std::int64_t> bits = object.integers(layer, 0, most_weight_bits, 2);
    const BitPair pair =
        bits.size() == 2 ? BitPair{static_cast<int>(bits[0]), static_cast<int>(bits[1])} : BitPair{0, 0};
    if (!is_allowed(pair)) object.fail(layer, fmt::format("expected [HB, LB], {}", allowed_pairs));
    pairs[layer] = pair;
  }
  return pairs;
}

Choices chosen(const Steps& steps, const Statistics& statistics, const QuantizeOptions& options) {
  const TensorCodes image = image_codes(steps.image);
  // Only the image's codes are not uniform, and only those matter to the weights.
  TensorCodes uniform;
  uniform.scale = {1};
  uniform.shift = {0};
  Choices choices;
  std::size_t used = 0;
  const auto first = std::ranges::find_if(steps.steps, &Step::has_weights) - steps.steps.begin();
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    const Step& step = steps.steps[i];
    choices.results.push_back(activation_codes(statistics.steps[i].samples, options.percentile, step.low, step.high));
    choices.dec3.emplace_back();
    choices.weights.emplace_back();
    if (!step.has_weights()) continue;
    BitPair pair;
    const auto own = options.pairs.find(step.name);
    if (own != options.pairs.end()) {
      pair = own->second;
      ++used;
    } else if (options.pair && static_cast<std::ptrdiff_t>(i) != first && !step.is_logits && step.groups == 1) {
      pair = *options.pair;
    }
    Dec3& dec3 = choices.dec3.back();
    dec3.hb = pair.hb;
    dec3.lb = pair.lb;
    if (pair.lb > 0) {
      dec3.gate = GateKind::max;
      dec3.threshold = {0};
    }
    const int input = step.inputs.front();
    const TensorStatistics& from =
        input == image_input ? statistics.image : statistics.steps[static_cast<std::size_t>(input)];
    choices.weights.back() = codes_of(step, dec3, from, input == image_input ? image : uniform, options.threads);
  }
  if (used != options.pairs.size()) {
    for (const auto& [name, pair] : options.pairs) {
      const auto found = std::ranges::find(steps.steps, name, &Step::name);
      if (found == steps.steps.end() || !found->has_weights()) {
        fail_input("pairs: \"{}\" is no conv or linear layer of the model", printable(name));
      }
    }
  }
  return choices;
}

void round_split_layers(const Steps& steps, const ImageRun& images, const QuantizeOptions& options, Choices& choices) {
  std::vector<bool> wanted;
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    const Step& step = steps.steps[i];
    const Dec3& dec3 = choices.dec3[i];
    wanted.push_back(step.has_weights() && dec3.hb > 1 && dec3.lb > 0 && step.groups == 1 &&
                     step.inputs.front() != image_input && options.closed_share > 0);
  }
  const std::vector<InputVectors> vectors = sample_inputs(steps, wanted, images);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    if (images.stop != nullptr && images.stop->load()) throw Interrupted();
    WeightCodes& weights = choices.weights[i];
    std::vector<float> targets = steps.steps[i].weights;
    const std::size_t rows = targets.size() / weights.scale.size();
    for (std::size_t at = 0; at < targets.size(); ++at) {
      targets[at] = static_cast<float>(targets[at] / weights.scale[at / rows]);
    }
    SplitRounding rounding;
    rounding.dec3 = choices.dec3[i];
    rounding.closed_share = options.closed_share;
    rounding.threads = options.threads;
    round_split(weights.codes, targets, vectors[i], rounding);
  }
}

}  // namespace cimcycle::onnx_model

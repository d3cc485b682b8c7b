// SPDX-License-Identifier: Apache-2.0
#include "onnx/loss.h"

#include <algorithm>
#include <cmath>

#include "onnx/correct.h"
#include "onnx/float_run.h"
#include "replay/hits.h"
#include "replay/image_pass.h"

namespace cimcycle::onnx_model {
namespace {

struct Squares {
  double signal = 0, noise = 0;
};

struct ImageLoss {
  std::vector<Squares> layers;
};

/// Real value of element i of a layer's results.
class RealValues {
 public:
  RealValues(const Step& step, const LayerValues& values, const TensorCodes* codes, double unit)
      : values_(values),
        codes_(codes),
        unit_(unit),
        plane_(static_cast<std::size_t>(step.out.height) * static_cast<std::size_t>(step.out.width)) {}
  double at(std::size_t i) const {
    if (codes_ == nullptr) return static_cast<double>(values_.logits[i]) * unit_;
    const std::size_t c = codes_->scale.size() == 1 ? 0 : i / plane_;
    return codes_->scale[c] * (values_.activations[i] + codes_->shift[c]);
  }

 private:
  const LayerValues& values_;
  const TensorCodes* codes_;
  double unit_;
  std::size_t plane_;
};

}  // namespace

QuantizationLoss measure_loss(const Steps& steps, const Builder& builder, const Network& network,
                              const ImageRun& images) {
  const Hardware hardware = lossless_chip();
  const NetworkMapping mapping = map_network(network, hardware);
  const NumericsOptions ideal{true, GateMode::all_open};
  const double logit_unit = builder.logit_unit();
  const ImagePass pass(network, mapping, hardware, {&ideal, 1});
  std::vector<FloatMemory> floats(images.workers());
  std::vector<PassMemory> integers(images.workers());
  std::vector<ImageLoss> per_image(static_cast<std::size_t>(images.count));
  Hits float_hits(images.count), integer_hits(images.count);
  images.for_each(images.count, "loss", [&](std::size_t image, auto pixels, int label, std::size_t worker) {
    run_float(steps, pixels, floats[worker]);
    const auto logits = pass.run(pixels, integers[worker]);
    ImageLoss& loss = per_image[image];
    loss.layers.resize(steps.steps.size());
    const std::vector<float>& real_logits = floats[worker].results.back();
    float_hits.record(static_cast<std::int64_t>(image), label, real_logits);
    integer_hits.record(static_cast<std::int64_t>(image), label, logits);
    for (std::size_t i = 0; i < steps.steps.size(); ++i) {
      const Step& step = steps.steps[i];
      if (step.feeds_sum) continue;
      const RealValues values(step, integers[worker].values[i],
                              step.is_logits ? nullptr : &builder.codes(static_cast<int>(i)), logit_unit);
      const std::vector<float>& wanted = floats[worker].results[i];
      for (std::size_t at = 0; at < wanted.size(); ++at) {
        const double difference = values.at(at) - wanted[at];
        loss.layers[i].signal += double{wanted[at]} * wanted[at];
        loss.layers[i].noise += difference * difference;
      }
    }
  });
  QuantizationLoss result;
  for (std::size_t i = 0; i < steps.steps.size(); ++i) {
    if (steps.steps[i].feeds_sum) continue;
    Squares sum;
    for (const ImageLoss& loss : per_image) {
      sum.signal += loss.layers[i].signal;
      sum.noise += loss.layers[i].noise;
    }
    LayerLoss layer{steps.steps[i].name, word_of(layer_kind_words, steps.steps[i].kind), {}};
    if (sum.noise > 0 && sum.signal > 0) layer.snr_db = 10 * std::log10(sum.signal / sum.noise);
    result.layers.push_back(std::move(layer));
  }
  result.float_top1 = float_hits.top1();
  result.integer_top1 = integer_hits.top1();
  return result;
}

}  // namespace cimcycle::onnx_model

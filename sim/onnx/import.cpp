// SPDX-License-Identifier: Apache-2.0
#include "onnx/import.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "onnx/correct.h"
#include "onnx/expand.h"
#include "replay/fit.h"

namespace cimcycle::onnx_model {
namespace {

constexpr std::int64_t usual_images = 128;

void check_range(double value, std::string_view option, double least, double most) {
  if (value >= least && value <= most) return;
  fail_input("import onnx: --{} {}: expected a number from {} to {}", option, value, least, most);
}

QuantizeOptions quantize_options(const ImportOptions& options) {
  QuantizeOptions quantize;
  quantize.pair = options.pair;
  quantize.pairs = options.pairs;
  quantize.threads = options.threads;
  quantize.closed_share = options.closed_share.value_or(quantize.closed_share);
  quantize.percentile = options.percentile.value_or(quantize.percentile);
  return quantize;
}

Imported quantize(const Steps& steps, const ImportOptions& given, nlohmann::json& provenance) {
  if (!given.open_images) {
    fail_input(
        "import onnx: the model is not quantized; give --calibrate NAME, a dataset whose training images choose the "
        "scales");
  }
  const QuantizeOptions options = quantize_options(given);
  const Shape& image = steps.image.shape;
  const Dataset training = given.open_images(DataSplit::train, image), test = given.open_images(DataSplit::test, image);
  if (training.shape != image) {
    fail_input("{}: images are {} x {} x {}, but the model reads {} x {} x {}", printable(training.name),
               training.shape.channels, training.shape.height, training.shape.width, image.channels, image.height,
               image.width);
  }
  const std::int64_t images = given.images.value_or(usual_images);
  check_training_images(training, images);
  Imported result;
  if (given.test_images.value_or(1) > test.size) {
    fail_input("--test-images {}: {} has {} test images; use 1 to {}", *given.test_images, printable(test.name),
               test.size, test.size);
  }
  result.test_images = std::min(given.test_images.value_or(images), test.size);
  const ImageRun run{training, images, options.threads, given.progress, given.stop};
  const Statistics statistics = measure(steps, run);
  Choices choices = chosen(steps, statistics, options);
  round_split_layers(steps, run, options, choices);
  const Builder builder(steps, choices);
  result.network = corrected_network(steps, builder, statistics, run);
  Network& network = result.network;
  network.name = "import";  // until the caller knows better
  check_network(network, "import onnx");
  const ImageRun test_run{test, result.test_images, options.threads, given.progress, given.stop};
  result.loss = measure_loss(steps, builder, network, test_run);
  network.float_top1 = result.loss->float_top1;
  network.dataset = training.name.substr(0, training.name.find(':'));
  if (network.dataset != "cifar10" && network.dataset != "synthetic") network.dataset.clear();
  provenance["calibration"] = {{"dataset", network.dataset}, {"images", images}, {"percentile", options.percentile}};
  const auto is_split = [](const Dec3& dec3) { return dec3.lb > 0; };
  if (std::ranges::any_of(choices.dec3, is_split)) provenance["calibration"]["closed_share"] = options.closed_share;
  provenance["test_images"] = result.test_images;
  if (result.loss->integer_top1) provenance["integer_top1"] = *result.loss->integer_top1;
  return result;
}

Imported keep(const Steps& steps, const std::string& file, const ImportOptions& options) {
  const std::pair<std::string_view, bool> float_options[] = {{"calibrate", options.open_images != nullptr},
                                                             {"images", options.images.has_value()},
                                                             {"test-images", options.test_images.has_value()},
                                                             {"pair", options.pair.has_value()},
                                                             {"pairs", !options.pairs.empty()},
                                                             {"closed-share", options.closed_share.has_value()},
                                                             {"percentile", options.percentile.has_value()}};
  for (const auto& [option, is_given] : float_options) {
    if (is_given) fail_input("import onnx: --{}: {} states its own quantization, which is kept", option, file);
  }
  Imported result;
  result.network = Builder(steps, stated_choices(steps, file)).network();
  return result;
}

bool states_quantization(const Steps& steps) {
  return std::ranges::any_of(
      steps.steps, [](const Step& step) { return step.quantization.has_value() || step.weight_codes.has_value(); });
}

/// The file's name without folder and ending, in the characters that a name may have.
std::string network_name(const std::string& file) {
  std::string name;
  for (const char c : std::filesystem::path(file).stem().string()) name += c >= ' ' && c <= '~' ? c : '_';
  name.resize(std::min<std::size_t>(name.size(), 100));
  return name.empty() ? "onnx" : name;
}

}  // namespace

Imported import_model(const std::string& file, const ImportOptions& options) {
  for (const double mean : options.preprocessing.mean) check_range(mean, "mean", -largest_mean, largest_mean);
  for (const double std : options.preprocessing.std) check_range(std, "std", least_std, largest_std);
  if (options.closed_share) check_range(*options.closed_share, "closed-share", 0, 1);
  if (options.percentile) check_range(*options.percentile, "percentile", least_percentile, most_percentile);
  const Model model = expand_quantized(read_model(file));
  const Steps steps = lower(model, options.preprocessing);
  const Preprocessing& preprocessing = options.preprocessing;
  nlohmann::json provenance = {
      {"import", "onnx"},
      {"file", std::filesystem::path(model.file).filename().string()},
      {"opset", model.opset},
      {"preprocessing", {{"scale", "1/255"}, {"mean", preprocessing.mean}, {"std", preprocessing.std}}}};
  Imported result =
      states_quantization(steps) ? keep(steps, model.file, options) : quantize(steps, options, provenance);
  result.notes = steps.notes;
  result.network.name = network_name(model.file);
  result.network.provenance = provenance.dump();
  return result;
}

}  // namespace cimcycle::onnx_model

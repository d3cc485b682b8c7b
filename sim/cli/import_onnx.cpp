// SPDX-License-Identifier: Apache-2.0
// cimcycle import onnx: a network of its own, from an ONNX model.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/import_kinds.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "onnx/choose.h"
#include "onnx/correct.h"
#include "onnx/expand.h"
#include "onnx/loss.h"
#include "onnx/lower.h"
#include "replay/fit.h"

namespace cimcycle {
namespace {

constexpr std::string_view written_files = "network.json weights.safetensors";

Syntax import_syntax() {
  return {
      "import onnx",
      "Reads an ONNX model and writes a network folder. A model that states its quantization (QuantizeLinear and\n"
      "DequantizeLinear, QLinear operators, QONNX Quant) keeps it; a float model is quantized after training, from\n"
      "images of --calibrate. What cannot be imported is listed, and nothing is written.",
      {"MODEL"},
      {{"out", "NETWORK", "folder to write"},
       {"calibrate", "NAME", "dataset whose training images choose the scales of a float model"},
       {"images", "N", "use its first N training images (default: 128)"},
       {"test-images", "N", "measure the loss on its first N test images (default: as many)"},
       {"mean", "LIST", "what is taken off bytes / 255, one number or one per channel (default: 0)"},
       {"std", "LIST", "what they are divided by then (default: 1)"},
       {"pair", "HB,LB", "bits of the weights, with a gate, but for first, last and grouped layers"},
       {"pairs", "FILE", "the same for single layers: JSON, \"LAYER\": [HB, LB]"},
       {"percentile", "P", "of activations that are not clipped, 90 to 100 (default: 99.99)"},
       {"threads", "N", "threads (default: one per core); results do not depend on it"},
       {"quiet", "", "print nothing but errors"}}};
}

double number(const std::string& text, std::string_view option, double min, double max) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= min && value <= max)) {
    fail_input("import onnx: --{} {}: expected a number from {} to {}", option, printable(text), min, max);
  }
  return value;
}

std::vector<double> numbers(const Arguments& arguments, std::string_view option, double min, double max) {
  const std::optional<std::string> text = arguments.text(option);
  std::vector<double> values;
  if (!text) return values;
  for (std::size_t first = 0; first <= text->size();) {
    const std::size_t comma = std::min(text->find(',', first), text->size());
    values.push_back(number(text->substr(first, comma - first), option, min, max));
    first = comma + 1;
  }
  return values;
}

/// What a user sees of the loss, layer by layer.
std::string loss_text(const onnx_model::QuantizationLoss& loss, std::int64_t images) {
  std::string text = fmt::format("{:<40} {:<13} {:>8}\n", "layer", "kind", "SNR dB");
  for (const onnx_model::LayerLoss& layer : loss.layers) {
    text += fmt::format("{:<40} {:<13} {:>8}\n", printable(layer.name), layer.kind,
                        layer.snr_db ? fmt::format("{:.1f}", *layer.snr_db) : "exact");
  }
  return text + fmt::format("accuracy on {} test images: float {:.2f} %, integers {:.2f} %\n", images,
                            100 * loss.float_top1, 100 * loss.integer_top1);
}

struct Imported {
  Network network;
  std::string text;
};

Imported quantize(const onnx_model::Steps& steps, const Arguments& arguments, nlohmann::json& provenance) {
  const std::optional<std::string> name = arguments.text("calibrate");
  if (!name) {
    fail_input(
        "import onnx: the model is not quantized; give --calibrate NAME, a dataset whose training images choose the "
        "scales");
  }
  const Dataset training = open_images(*name, DataSplit::train), test = open_images(*name, DataSplit::test);
  const Shape& image = steps.image.shape;
  if (training.shape != image) {
    fail_input("{}: images are {} x {} x {}, but the model reads {} x {} x {}", printable(training.name),
               training.shape.channels, training.shape.height, training.shape.width, image.channels, image.height,
               image.width);
  }
  const std::int64_t images = arguments.count("images", 1).value_or(128);
  check_training_images(training, images);
  const std::int64_t test_images = std::min(arguments.count("test-images", 1).value_or(images), test.size);
  onnx_model::QuantizeOptions options;
  options.threads = arguments.threads();
  if (const auto pair = arguments.text("pair")) options.pair = onnx_model::parse_pair(*pair, "pair");
  if (const auto file = arguments.text("pairs")) options.pairs = onnx_model::read_pairs(*file);
  if (const auto text = arguments.text("percentile")) options.percentile = number(*text, "percentile", 90, 100);
  ProgressDisplay display(arguments.has("quiet"));
  const ProgressFunction progress = display.function();
  const ImageRun run{training, images, options.threads, progress, &stop_requested()};
  const onnx_model::Statistics statistics = onnx_model::measure(steps, run);
  const onnx_model::Choices choices = onnx_model::chosen(steps, statistics, options);
  const onnx_model::Builder builder(steps, choices);
  Imported result{onnx_model::corrected_network(steps, builder, statistics, run), {}};
  Network& network = result.network;
  network.name = "import";  // until the caller knows better
  check_network(network, "import onnx");
  const ImageRun test_run{test, test_images, options.threads, progress, &stop_requested()};
  const onnx_model::QuantizationLoss loss = onnx_model::measure_loss(steps, builder, network, test_run);
  result.text = loss_text(loss, test_images);
  network.float_top1 = loss.float_top1;
  network.dataset = training.name.substr(0, training.name.find(':'));
  if (network.dataset != "cifar10" && network.dataset != "synthetic") network.dataset.clear();
  provenance["calibration"] = {{"dataset", network.dataset}, {"images", images}, {"percentile", options.percentile}};
  provenance["test_images"] = test_images;
  provenance["integer_top1"] = loss.integer_top1;
  return result;
}

Imported keep(const onnx_model::Steps& steps, const onnx_model::Model& model, const Arguments& arguments) {
  for (const std::string_view option : {"calibrate", "images", "test-images", "pair", "pairs", "percentile"}) {
    if (arguments.has(option)) {
      fail_input("import onnx: --{}: {} states its own quantization, which is kept", option, model.file);
    }
  }
  const onnx_model::Choices choices = onnx_model::stated_choices(steps, model.file);
  return {onnx_model::Builder(steps, choices).network(), {}};
}

bool states_quantization(const onnx_model::Steps& steps) {
  return std::ranges::any_of(steps.steps, [](const onnx_model::Step& step) {
    return step.quantization.has_value() || step.weight_codes.has_value();
  });
}

/// The file's name without folder and ending, in the characters that a name may have.
std::string network_name(const std::string& file) {
  std::string name;
  for (const char c : std::filesystem::path(file).stem().string()) name += c >= ' ' && c <= '~' ? c : '_';
  name.resize(std::min<std::size_t>(name.size(), 100));
  return name.empty() ? "onnx" : name;
}

std::string summary(const Network& network, const std::string& out, double seconds) {
  std::int64_t macs = 0, weights = 0;
  for (const Layer& layer : network.layers) {
    macs += layer.macs();
    weights += static_cast<std::int64_t>(layer.weights.size());
  }
  return fmt::format("{}: {} layers, {:.4g} million weights, {:.4g} million multiply-accumulates, {:.2f} s\n",
                     printable(out), network.layers.size(), static_cast<double>(weights) * 1e-6,
                     static_cast<double>(macs) * 1e-6, seconds);
}

}  // namespace

int import_onnx(CommandArguments given) {
  const Arguments arguments(import_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("import onnx: --out NETWORK is missing: the folder to write");
  onnx_model::Preprocessing preprocessing{numbers(arguments, "mean", -1e6, 1e6), numbers(arguments, "std", 1e-6, 1e6)};
  check_folder_writable(*out, written_files);
  const auto start = std::chrono::steady_clock::now();
  const onnx_model::Model model = onnx_model::expand_quantized(onnx_model::read_model(arguments.positional(0)));
  const onnx_model::Steps steps = onnx_model::lower(model, preprocessing);
  nlohmann::json provenance = {
      {"import", "onnx"},
      {"file", std::filesystem::path(model.file).filename().string()},
      {"opset", model.opset},
      {"preprocessing", {{"scale", "1/255"}, {"mean", preprocessing.mean}, {"std", preprocessing.std}}}};
  Imported result = states_quantization(steps) ? keep(steps, model, arguments) : quantize(steps, arguments, provenance);
  result.network.name = network_name(model.file);
  result.network.provenance = provenance.dump();
  write_folder_atomically(*out, network_files(result.network), written_files);
  if (arguments.has("quiet")) return exit_good;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  for (const std::string& note : steps.notes) result.text += note + "\n";
  print(result.text + summary(result.network, *out, seconds.count()));
  return exit_good;
}

}  // namespace cimcycle

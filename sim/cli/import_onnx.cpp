// SPDX-License-Identifier: Apache-2.0
// cimcycle import onnx: a network of its own, from an ONNX model.
#include <fmt/format.h>

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
#include "onnx/import.h"

namespace cimcycle {
namespace {

Syntax import_syntax() {
  return {
      "import onnx",
      "Reads an ONNX model and writes a network folder. A model that states its quantization (QuantizeLinear and\n"
      "DequantizeLinear, QLinear operators, QONNX Quant) keeps it; a float model is quantized after training, from\n"
      "images of --calibrate. What cannot be imported is listed, and nothing is written.",
      {"MODEL"},
      {{"out", "NETWORK", "folder to write; a network that lies there is replaced"},
       {"calibrate", "NAME", "dataset whose training images choose the scales of a float model"},
       {"images", "N", "use its first N training images (default: 128)"},
       {"test-images", "N", "measure the loss on its first N test images (default: as many)"},
       {"mean", "LIST", "what is taken off bytes / 255, one number or one per channel (default: 0)"},
       {"std", "LIST", "what they are divided by then (default: 1)"},
       {"pair", "HB,LB", "bits of the weights, with a gate, but for first, last and grouped layers"},
       {"pairs", "FILE", "the same for single layers: JSON, \"LAYER\": [HB, LB]"},
       {"closed-share", "S", "split weights: share of the high parts' own error, 0 to 1 (default: 0.7)"},
       {"percentile", "P", "of activations that are not clipped, 90 to 100 (default: 99.99)"},
       threads_option,
       quiet_option}};
}

/// What a user sees of the loss, layer by layer.
std::string loss_text(const onnx_model::QuantizationLoss& loss, std::int64_t images) {
  std::string text = fmt::format("{:<40} {:<13} {:>8}\n", "layer", "kind", "SNR dB");
  for (const onnx_model::LayerLoss& layer : loss.layers) {
    text += fmt::format("{:<40} {:<13} {:>8}\n", printable(layer.name), layer.kind,
                        layer.snr_db ? fmt::format("{:.1f}", *layer.snr_db) : "exact");
  }
  // The command's datasets have labels.
  return text + fmt::format("accuracy on {} test images: float {:.2f} %, integers {:.2f} %\n", images,
                            100 * loss.float_top1.value(), 100 * loss.integer_top1.value());
}

/// The options of a float model as far as they are given.
onnx_model::ImportOptions options_of(const Arguments& arguments) {
  onnx_model::ImportOptions options;
  options.preprocessing = {arguments.numbers("mean"), arguments.numbers("std")};
  if (const auto name = arguments.text("calibrate")) {
    options.open_images = [name = *name](DataSplit split, const Shape&) { return open_images(name, split); };
  }
  options.images = arguments.count("images", 1);
  options.test_images = arguments.count("test-images", 1);
  if (const auto pair = arguments.text("pair")) options.pair = onnx_model::parse_pair(*pair, "pair");
  if (const auto file = arguments.text("pairs")) options.pairs = onnx_model::read_pairs(*file);
  options.closed_share = arguments.number("closed-share");
  if (options.closed_share && !options.pair && options.pairs.empty()) {
    fail_input("import onnx: --closed-share is of split weights; it needs --pair or --pairs");
  }
  options.percentile = arguments.number("percentile");
  options.threads = arguments.threads();
  options.stop = &stop_requested();
  return options;
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
  onnx_model::ImportOptions options = options_of(arguments);
  check_network_folder(*out);
  const auto start = std::chrono::steady_clock::now();
  onnx_model::Imported result;
  {
    ProgressDisplay display(arguments.has("quiet"));
    options.progress = display.function();
    result = onnx_model::import_model(arguments.positional(0), options);
  }
  save_network(result.network, *out);
  if (arguments.has("quiet")) return exit_good;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::string text;
  if (result.loss) text += loss_text(*result.loss, result.test_images);
  for (const std::string& note : result.notes) text += note + "\n";
  print(text + summary(result.network, *out, seconds.count()));
  return exit_good;
}

}  // namespace cimcycle

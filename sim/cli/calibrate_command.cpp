// SPDX-License-Identifier: Apache-2.0
// cimcycle calibrate: thresholds, ADC steps and static masks of a network for one piece of hardware.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "replay/calibrate.h"

namespace cimcycle {
namespace {

Syntax calibrate_syntax() {
  return {"calibrate",
          "Chooses gate thresholds, ADC steps and static masks from training images and writes a new network folder.",
          {"NETWORK"},
          {hardware_option,
           set_option,
           training_dataset_option,
           {"images", "N", "use the first N training images"},
           {"skip", "SHARE", "close this share of the gate decisions, 0 to 1"},
           {"accuracy-loss-points", "POINTS", "or: close as many as cost this accuracy, in percentage points"},
           {"equal-shares", "", "the same share in every gated layer, not the cheapest ones: the choice by hand"},
           {"gate", "KIND", "first add gates (max, mean, inputs) to layers that have none, not the first and last"},
           {"adc", "", "choose the steps of adc.transfer = calibrated"},
           {"static-masks", "", "record the OU groups that never open (lb = 0), thresholds as they are"},
           threads_option,
           {"out", "NETWORK2", "folder to write; a network that lies there is replaced"},
           quiet_option}};
}

CalibrationOptions options_of(const Arguments& arguments) {
  CalibrationOptions options;
  const auto images = arguments.count("images", 1);
  if (!images) fail_input("calibrate: --images N is missing: how many training images to use, e.g. 512");
  options.images = *images;
  options.skip = arguments.number("skip");
  options.accuracy_loss_points = arguments.number("accuracy-loss-points");
  options.equal_shares = arguments.has("equal-shares");
  if (const auto gate = arguments.text("gate")) options.gate = new_gate(*gate);
  options.adc_steps = arguments.has("adc");
  options.static_masks = arguments.has("static-masks");
  check_options(options);
  options.threads = arguments.threads();
  options.stop = &stop_requested();
  return options;
}

std::string text_of(const CalibrationResult& result, const std::string& out) {
  std::string text;
  if (!result.layers.empty()) {
    text += fmt::format("{:<24} {:>10} {:>8} {:>10}\n", "layer", "threshold", "closed", "damage");
    for (const auto& layer : result.layers) {
      text += fmt::format("{:<24} {:>10} {:>7.1f}% {:>10.2e}\n", printable(layer.name), layer.threshold,
                          100 * layer.closed_share, layer.damage);
    }
    text += fmt::format(
        "closed {:.1f} % of the gate decisions; accuracy on the calibration images {:.2f} % (all open {:.2f} %)\n",
        100 * result.masked_ratio, 100 * result.top1_gated, 100 * result.top1_ungated);
  }
  return text + fmt::format("wrote {}\n", printable(out));
}

}  // namespace

int calibrate_command(CommandArguments given) {
  const Arguments arguments(calibrate_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  CalibrationOptions options = options_of(arguments);
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("calibrate: --out NETWORK2 is missing: the folder to write");
  check_network_folder(*out);
  const Hardware hardware = arguments.hardware();
  const std::filesystem::path folder = find_shipped(arguments.positional(0));
  std::error_code error;
  if (std::filesystem::equivalent(folder, *out, error)) {
    fail_input("calibrate: --out {}: is the network itself, which would be lost; name another folder",
               shown_path(*out));
  }
  const Network network = load_network(folder);
  const Dataset training = open_images(arguments.dataset(folder, network), DataSplit::train);
  CalibrationResult result;
  {
    ProgressDisplay progress(arguments.has("quiet"));
    options.progress = progress.function();
    result = calibrate(network, hardware, training, options);
  }
  save_network(result.network, *out);
  if (!arguments.has("quiet")) print(text_of(result, *out));
  return exit_good;
}

}  // namespace cimcycle

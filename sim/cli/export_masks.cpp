// SPDX-License-Identifier: Apache-2.0
// cimcycle export masks: which OU groups were read, image by image, for whoever looks at gates.
#include <fmt/format.h>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/exit_codes.h"
#include "cli/import_kinds.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"
#include "report/masks_npz.h"

namespace cimcycle {
namespace {

constexpr std::int64_t default_images = 16;
/// Masks and the archive made of them are in memory at a time.
constexpr std::int64_t most_bytes = std::int64_t{1} << 30;

Syntax export_syntax() {
  return {"export masks",
          "Writes every mask of the first images for NumPy: an .npz file with one array per layer that has a gate or\n"
          "OU groups that are left out, uint8 [images][rows][columns][row groups][output blocks], 1 = open.",
          {"NETWORK"},
          {hardware_option,
           set_option,
           test_dataset_option,
           {"images", "N", "use the first N images (default: 16)"},
           threads_option,
           {"out", "FILE.npz", "file to write"},
           quiet_option}};
}

}  // namespace

int export_masks(CommandArguments given) {
  const Arguments arguments(export_syntax(), given);
  if (arguments.wants_help()) {
    print(arguments.help());
    return exit_good;
  }
  const std::optional<std::string> out = arguments.text("out");
  if (!out) fail_input("export masks: --out FILE.npz is missing");
  check_file_writable(*out);
  const int threads = arguments.threads();
  const std::optional<std::int64_t> asked = arguments.count("images", 1);
  const Hardware hardware = arguments.hardware();
  const std::filesystem::path folder = find_shipped(arguments.positional(0));
  const Network network = load_network(folder);
  const Dataset dataset = open_dataset(arguments.dataset(folder, network), DataSplit::test);
  const std::int64_t images = asked.value_or(std::min(default_images, dataset.size));
  if (images > dataset.size) {
    fail_input("export masks: --images {}: {} has {}", images, printable(dataset.name), dataset.size);
  }
  const NetworkMapping mapping = map_network(network, hardware);
  const std::int64_t bytes = mask_bytes_per_image(network, mapping);
  if (bytes > most_bytes / images) {
    fail_input("export masks: --images {}: the masks of an image take {} bytes, all together may take {}", images,
               bytes, most_bytes);
  }
  std::vector<LayerMasks> masks;
  {
    ProgressDisplay progress(arguments.has("quiet"));
    const ProgressFunction shown = progress.function();
    masks = record_masks(network, mapping, hardware, {dataset, images, threads, shown, &stop_requested()});
  }
  write_file_atomically(*out, masks_npz(masks));
  if (!arguments.has("quiet")) {
    print(fmt::format("{}: masks of {} layers for {} images\n", printable(*out), masks.size(), images));
  }
  return exit_good;
}

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// The chip that describe and explain talk about.
#include "cli/chip_of.h"

#include "base/files.h"

namespace cimcycle {

ChipAndNetwork chip_of(const Arguments& arguments) {
  ChipAndNetwork subject;
  subject.hardware = arguments.hardware();
  if (const auto folder = arguments.text("network")) {
    subject.network = load_network(find_shipped(*folder));
    subject.mapping = map_network(*subject.network, subject.hardware);
  }
  const int needed = subject.mapping ? subject.mapping->tiles : 1;
  subject.size.tiles = subject.hardware.chip.tiles.value_or(needed);
  subject.size.crossbars = subject.size.tiles * subject.hardware.chip.crossbars_per_tile;
  subject.chip = build_chip_model(subject.hardware, subject.size);
  return subject;
}

}  // namespace cimcycle

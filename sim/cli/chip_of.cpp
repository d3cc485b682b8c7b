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
  subject.size = subject.mapping ? chip_size(subject.hardware, subject.mapping->tiles, subject.mapping->activation_bits)
                                 : chip_size(subject.hardware, 1, ChipSize{}.activation_bits);
  subject.chip = build_chip_model(subject.hardware, subject.size);
  return subject;
}

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
#include "replay/fit.h"

#include "base/error.h"
#include "base/text.h"

namespace cimcycle {

void check_fit(const Network& network, const Dataset& dataset) {
  if (!(dataset.shape == network.image)) {
    fail_input("{}: images are {} x {} x {}, but {} reads {} x {} x {}", printable(dataset.name),
               dataset.shape.channels, dataset.shape.height, dataset.shape.width, printable(network.name),
               network.image.channels, network.image.height, network.image.width);
  }
  if (dataset.classes > network.layers.back().out.size()) {
    fail_input("{}: {} classes, but {} has {} logits", printable(dataset.name), dataset.classes,
               printable(network.name), network.layers.back().out.size());
  }
}

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// Long work on images that Python gave.
#pragma once

#include "bindings.h"
#include "dataset.h"
#include "interruptible.h"

namespace cimcycle::python {

/// Runs work(dataset) as run_interruptibly does, with the images opened on the way and `options.progress` and
/// `options.stop` set for it. `what` stands in the message if there are no images. Throws InputError.
template <class Options, class Work>
void run_on_images(const Images& images, DataSplit split, const NetworkHandle& network, std::string_view what,
                   const pybind11::object& progress, Options& options, const Work& work) {
  run_interruptibly(progress, [&](const ProgressFunction& tell, const std::atomic<bool>& stop) {
    const Dataset dataset = dataset_of(images, split, *network.network, network.folder, what);
    options.progress = tell;
    options.stop = &stop;
    work(dataset);
  });
}

}  // namespace cimcycle::python

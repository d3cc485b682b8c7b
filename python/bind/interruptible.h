// SPDX-License-Identifier: Apache-2.0
// Long work for Python: without the GIL, with progress, and ended by Ctrl-C.
#pragma once

#include <pybind11/pybind11.h>

#include <atomic>
#include <functional>

#include "replay/progress.h"

namespace cimcycle::python {

/// Runs `work` on a thread of its own and waits for it without the GIL. Ten times a second the calling thread takes the
/// GIL, looks for signals and calls `progress` (None, or a function of (done, all, what)) with the latest state; the
/// last state is told in any case. A signal's exception (KeyboardInterrupt), or one of `progress`, sets the stop flag
/// that `work` was given, and is raised once the work has ended; else what the work throws is thrown.
void run_interruptibly(const pybind11::object& progress,
                       const std::function<void(const ProgressFunction&, const std::atomic<bool>&)>& work);

}  // namespace cimcycle::python

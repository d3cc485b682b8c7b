// SPDX-License-Identifier: Apache-2.0
// A sweep on several processes: rank 0 hands out groups, writes the store and computes as well; the others compute.
// All of them have read the same sweep file, so that a group is named by the indices of its points.
#pragma once

#include <atomic>
#include <functional>

#include "explore/evaluate.h"
#include "explore/messenger.h"
#include "explore/work.h"

namespace cimcycle {

/// Rank 0. Whoever is idle gets the next group; `finished` is called with each group's rows once they are stored. Ends
/// when all work is done and all others have been told so. Throws Interrupted, and RunError if any process fails.
void lead_job(const Messenger& messenger, WorkList& list, Evaluator& evaluator, const std::atomic<bool>* stop,
              const std::function<void(const std::vector<StoredPoint>&)>& finished);

/// The other ranks: compute until there is nothing left. Throws what the evaluation throws, after telling rank 0. A
/// process that is asked to stop ends with its group.
void follow_job(const Messenger& messenger, Evaluator& evaluator);

}  // namespace cimcycle

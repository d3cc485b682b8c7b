// SPDX-License-Identifier: Apache-2.0
// Rounding of weights that are split into high and low parts, so that the high parts alone come close to the layer.
#pragma once

#include <cstdint>
#include <span>

#include "network/network.h"
#include "onnx/input_vectors.h"

namespace cimcycle::onnx_model {

struct SplitRounding {
  Dec3 dec3;                  ///< hb > 1, lb > 0, split round
  double closed_share = 0.7;  ///< weight of the high parts' error against that of the whole weights, 0 to 1
  int group_rows = 16;        ///< rows whose low parts are read or left together: those of an operation unit
  int block_rows = 1024;      ///< rows whose errors are weighed against each other; a multiple of group_rows
  int threads = 1;
};

/// Moves codes by coordinate descent. A weight of 16 k + 7 has the low part 7, and 16 k + 8 the low part -8, so that
/// one step of it turns its high part's error around; chosen is the high part of every weight, and the weight is the
/// code nearest to `targets` with this high part. Made small is, per output and block of rows,
///
///   closed_share * e_high' H e_high + (1 - closed_share) * e' M e
///
/// e_high and e are what the high parts (times 2^lb) and the whole weights lack of `targets`, M the mean of x x' over
/// the columns of `vectors`, H the same with entries of two row groups times closed_share: which groups stay closed
/// together is not known. At most 4 sweeps over the rows; time grows with rows x block_rows x outputs. It is
/// models/train's split_aware_weights, but for the blocks. codes and targets: [outputs][rows], targets in units of one
/// code. Does not depend on the number of threads.
void round_split(std::span<std::int16_t> codes, std::span<const float> targets, const InputVectors& vectors,
                 const SplitRounding& options);

}  // namespace cimcycle::onnx_model

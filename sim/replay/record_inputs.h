// SPDX-License-Identifier: Apache-2.0
// What every layer of a network reads for one image: the integer network's own values, which a trace can hold.
#pragma once

#include <string_view>

#include "data/dataset.h"
#include "hardware/hardware.h"
#include "network/network.h"
#include "replay/image_pass.h"

namespace cimcycle {

/// A chip that holds any network that fits a chip at all, for callers that have none of their own: inputs do not depend
/// on it (find_shipped).
inline constexpr std::string_view recording_chip = "tech/chips/ou16-adc5-22nm.json";

/// Records image after image of one network, packed once.
class InputRecorder {
 public:
  /// `network` must outlive this. Throws InputError if the chip does not hold it.
  InputRecorder(const Network& network, const Hardware& hardware);
  InputRecorder(const InputRecorder&) = delete;
  InputRecorder& operator=(const InputRecorder&) = delete;

  /// The inputs of all layers with weights, with ideal ADCs and all gates open. Safe from any thread.
  RecordedInputs inputs_for(std::span<const std::uint8_t> pixels) const;

 private:
  static constexpr NumericsOptions ideal_ = {true, GateMode::all_open};
  const Network& network_;
  const NetworkMapping mapping_;
  const ImagePass pass_;
};

/// The inputs of all layers with weights for image `image` of the dataset, with ideal ADCs and all gates open, so that
/// they are the same on any hardware (which must hold the network). A recorded dataset gives what it holds. Throws
/// InputError if dataset and network do not fit.
RecordedInputs record_inputs(const Network& network, const Hardware& hardware, const Dataset& dataset,
                             std::int64_t image);

}  // namespace cimcycle

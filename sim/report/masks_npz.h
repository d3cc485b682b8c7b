// SPDX-License-Identifier: Apache-2.0
// Masks as a NumPy archive.
#pragma once

#include <span>
#include <string>

#include "replay/record_masks.h"

namespace cimcycle {

/// The bytes of an .npz file with one array per layer, named after it: uint8, [images][rows][columns][row groups]
/// [output blocks], 1 = open. Throws InputError at 4 GiB.
std::string masks_npz(std::span<const LayerMasks> masks);

}  // namespace cimcycle

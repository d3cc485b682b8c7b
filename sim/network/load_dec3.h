// SPDX-License-Identifier: Apache-2.0
// The DE-C3 annotation of a layer from network.json.
#pragma once

#include "base/json_object.h"
#include "network/network.h"

namespace cimcycle {

/// Reads the object under "dec3". Throws InputError; what needs the rest of the layer is left to check_structure.
Dec3 read_dec3(JsonObject object);

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// What reading keys of network.json takes beside JsonObject.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>

#include "base/json_object.h"

namespace cimcycle {

/// The whole number under `key`, min to max. Throws InputError.
inline int integer(JsonObject& object, std::string_view key, std::int64_t min, std::int64_t max) {
  return static_cast<int>(object.integer(key, min, max));
}

/// Throws if a key stands there that means nothing beside `reason`.
inline void reject(JsonObject& object, std::string_view key, std::string_view reason) {
  if (object.has(key)) object.fail(key, fmt::format("not allowed here: {}", reason));
}

}  // namespace cimcycle

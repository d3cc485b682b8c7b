// SPDX-License-Identifier: Apache-2.0
// The elements of an ONNX tensor, wherever the file keeps them.
#pragma once

#include <filesystem>
#include <string>

#include "onnx/model.h"

namespace onnx {
class TensorProto;
}

namespace cimcycle::onnx_model {

struct TensorSource {
  const std::string& file;              ///< for messages
  const std::filesystem::path& folder;  ///< of external data; empty: refused
  std::int64_t& elements_left;          ///< of most_elements; each tensor takes its share
};

/// Throws InputError unless type, shape and data agree.
Tensor read_tensor(const onnx::TensorProto& proto, const TensorSource& source);

}  // namespace cimcycle::onnx_model

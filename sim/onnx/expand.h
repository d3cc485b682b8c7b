// SPDX-License-Identifier: Apache-2.0
// Operators that compute on codes (QLinearConv and its kin), spelt with QuantizeLinear and DequantizeLinear.
#pragma once

#include "onnx/model.h"

namespace cimcycle::onnx_model {

/// The same model with every such operator replaced. Others stay as they are.
Model expand_quantized(Model model);

}  // namespace cimcycle::onnx_model

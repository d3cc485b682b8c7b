// SPDX-License-Identifier: Apache-2.0
// Small ONNX models made with the schema itself.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>

#include "base/error.h"
#include "network/network.h"

namespace cimcycle::test {

/// Conv -> Relu -> Conv + residual -> MaxPool -> Flatten -> Gemm, weights and activations behind QuantizeLinear and
/// DequantizeLinear; float without them.
onnx::ModelProto small_model(bool quantized);

/// MaxPool of the image -> Conv -> Relu -> strided Conv + option A (Slice and Pad of channels) -> ReduceMean -> Reshape
/// to what Shape, Gather, Unsqueeze and Concat make -> Gemm; float.
onnx::ModelProto shapes_model();

/// What cimcycle import makes of a model's bytes: all of it for a quantized one, for a float one its layers on one
/// image. Throws InputError.
void import_bytes(const std::string& bytes);

/// The text of the InputError, empty if there is none.
std::string import_error(const onnx::ModelProto& model);

}  // namespace cimcycle::test

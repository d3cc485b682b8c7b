// SPDX-License-Identifier: Apache-2.0
// A small trace: a padded convolution followed by pooling, one with stride 2, and a linear layer.
#pragma once

#include <cstdint>

#include "compare/trace_reader.h"
#include "temporary_folder.h"

namespace cimcycle::test {

/// Networks and inputs from `seed`; weights of 4 bits, inputs of 3.
TraceRecord sample_trace(std::uint64_t seed, bool signed_inputs);

/// Writes the trace into the folder `name` of a scratch folder and returns its path.
std::filesystem::path write_trace(const ScratchFolder& folder, const std::string& name, const TraceRecord& record);

/// Field by field.
bool equal(const NeurosimTrace& a, const NeurosimTrace& b);

}  // namespace cimcycle::test

// SPDX-License-Identifier: Apache-2.0
// From a NeuroSim trace to a network of recorded layers that the cycle-level simulator runs, and back.
//
// A trace holds unrolled input vectors; a network holds the tensors that they were unrolled from. Both say the same, so
// nothing is lost on the way.
#pragma once

#include "compare/trace_reader.h"
#include "data/recorded_inputs.h"
#include "network/network.h"

namespace cimcycle {

/// A network of recorded layers and what each of them reads.
struct RecordedNetwork {
  Network network;
  RecordedInputs inputs;
};

/// The network of a trace: each layer a convolution (or, for 1 x 1 on a single pixel, a linear layer) that reads its
/// own recorded input, pooling layers where the trace says so. Padding follows from the number of vectors. Vectors of
/// zeros behind those of a convolution without padding are dropped: a recorder that leaves room for padded ones and
/// fills in the others writes them. Throws InputError if a layer's vectors are no windows of one tensor, or need more
/// than 8 bits.
RecordedNetwork network_of_trace(const TraceRecord& record);

/// The same layers without padding: as many vectors as NeuroSim reads. Values of padding are not needed, so every
/// network of a trace has this form.
RecordedNetwork without_padding(RecordedNetwork recorded);

/// The trace of any network whose layer inputs are known. Weight and input bits are those of the widest layer. Layers
/// that NeuroSim cannot state (average pooling, residual additions) leave no mark in it; a max pool of 2 x 2 does.
TraceRecord trace_of_network(const Network& network, const RecordedInputs& inputs);

}  // namespace cimcycle

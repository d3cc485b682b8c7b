// SPDX-License-Identifier: Apache-2.0
// The vector types of the kernels: the compiler's own (GCC and Clang), which it cuts into the registers that the
// instruction set has. They keep a chunk's sums in registers, which plain loops over arrays do not.
#pragma once

#include "crossbar/kernel.h"

namespace cimcycle {

template <class Element, int count>
struct VectorOf {
  typedef Element type __attribute__((vector_size(count * sizeof(Element))));
};

template <class Element, int count>
using Vector = typename VectorOf<Element, count>::type;

/// One element per output of a chunk.
template <class Element>
using Lanes = Vector<Element, kernel_lanes>;

}  // namespace cimcycle

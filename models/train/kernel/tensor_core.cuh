// SPDX-License-Identifier: Apache-2.0
// One warp's instructions for 16 x 16 tiles: products on tensor cores, transposes, sums and maxima across lanes.
//
// Layouts are those of mma.m16n8k16 in the PTX ISA. With g = lane / 4 and t = lane % 4, a lane holds of a 16 x 16
// matrix the elements (g, 2t), (g, 2t + 1) | (g + 8, ..) | (.., + 8) | (g + 8, .. + 8): two to a register, rows first.
#pragma once

#include <cuda_bf16.h>

#include <cstdint>

namespace gated {

constexpr int warp_lanes = 32;
constexpr int warps_per_block = 4;
constexpr int tile_side = 16;

/// A lane's eight elements of a 16 x 16 matrix in bf16, which holds activations of 8 bits and their weights exactly.
struct alignas(16) Fragment {
  std::uint32_t pair[4];
};

__device__ inline int lane_index() { return static_cast<int>(threadIdx.x) % warp_lanes; }

/// c (16 x 8) += a (16 x 16) b (16 x 8); b's two registers hold (2t, g), (2t + 1, g) and the same 8 rows below.
__device__ inline void multiply_half(float* c, const Fragment& a, std::uint32_t b0, std::uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a.pair[0]), "r"(a.pair[1]), "r"(a.pair[2]), "r"(a.pair[3]), "r"(b0), "r"(b1));
}

/// 8 x 8 elements, a register each lane, rows and columns exchanged.
__device__ inline std::uint32_t transpose8x8(std::uint32_t pair) {
  std::uint32_t result;
  asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(pair));
  return result;
}

template <typename T>
__device__ inline T from_lane_xor(T value, int bits) {
  return __shfl_xor_sync(0xffffffffu, value, bits);
}

__device__ inline std::uint32_t to_pair(float first, float second) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
  return *reinterpret_cast<const std::uint32_t*>(&pair);
}

__device__ inline float first_of(std::uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ inline float second_of(std::uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }

/// Starts `kernel` with `x` x `y` x `z` blocks of `warps_per_block` warps; returns CUDA's error code.
template <typename Kernel, typename... Arguments>
int launch(Kernel kernel, std::int64_t x, int y, int z, void* stream, Arguments... arguments) {
  kernel<<<dim3(static_cast<unsigned>(x), static_cast<unsigned>(y), static_cast<unsigned>(z)),
           warps_per_block * warp_lanes, 0, static_cast<cudaStream_t>(stream)>>>(arguments...);
  return static_cast<int>(cudaGetLastError());
}

}  // namespace gated

// SPDX-License-Identifier: Apache-2.0
// The gated convolution of gated_layer.h on a GPU with bf16 tensor cores (compute capability 8.0), for OUs of 16 x 16:
// one OU is one tile of the tensor core, so that partial sums live in registers and are never written out. Built by
// nvcc alone; gated_cuda.py calls it with tensors that PyTorch owns.
#include <type_traits>

#include "gated_layer.h"
#include "tensor_core.cuh"

namespace gated {
namespace {

/// Slopes of the logistic function below this count as 0, as in backward.cpp.
constexpr float least_slope = 1e-5f;

/// Tiles of 16 input vectors that a warp takes at once, so that weights are loaded once for all of them.
constexpr int tiles_at_once = 2;

struct Sizes {
  int rows, groups, blocks;
  int per_image;           ///< positions
  std::int64_t positions;  ///< of all images
  std::int64_t tiles;      ///< of positions; a multiple of tiles_at_once
};

__host__ __device__ Sizes sizes_of(const GatedShape& shape) {
  Sizes sizes;
  sizes.rows = shape.channels * shape.kernel_h * shape.kernel_w;
  sizes.groups = (sizes.rows + tile_side - 1) / tile_side;
  sizes.blocks = (shape.outputs + tile_side - 1) / tile_side;
  sizes.per_image = shape.out_height * shape.out_width;
  sizes.positions = std::int64_t{shape.images} * sizes.per_image;
  const int together = tile_side * tiles_at_once;
  sizes.tiles = (sizes.positions + together - 1) / together * tiles_at_once;
  return sizes;
}

__device__ std::int64_t thread_number() { return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; }
__device__ std::int64_t warp_number() { return thread_number() / warp_lanes; }

// Row and column, within the tile, of a lane's element number `i` of 8.
__device__ int row_of(int i) { return lane_index() / 4 + (i & 2) * 4; }
__device__ int column_of(int i) { return lane_index() % 4 * 2 + (i & 1) + (i & 4) * 2; }

/// What a gate decides by: threshold, theta, slope / scale, gradient of the loss by an open gate.
struct GateNumbers {
  float threshold, theta, steepness, open_cost;
};

// ---- Packing: tensors to fragments in the order in which warps read them

__device__ float code_at(const GatedShape& shape, const Sizes& sizes, const std::uint8_t* codes, std::int64_t position,
                         int row) {
  if (position >= sizes.positions || row >= sizes.rows) return 0;
  const std::int64_t image = position / sizes.per_image;
  const int within = static_cast<int>(position % sizes.per_image);
  const int kernel_area = shape.kernel_h * shape.kernel_w;
  const int channel = row / kernel_area, at = row % kernel_area;
  const int y = within / shape.out_width * shape.stride - shape.padding + at / shape.kernel_w;
  const int x = within % shape.out_width * shape.stride - shape.padding + at % shape.kernel_w;
  if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) return 0;
  return static_cast<float>(codes[((image * shape.channels + channel) * shape.height + y) * shape.width + x]);
}

/// inputs: [groups][tiles][lanes], rows of a tile are positions, columns are crossbar rows.
__global__ void pack_inputs(GatedShape shape, const std::uint8_t* codes, Fragment* inputs) {
  const Sizes sizes = sizes_of(shape);
  const std::int64_t thread = thread_number(), tile = thread / warp_lanes % sizes.tiles;
  const int group = static_cast<int>(thread / warp_lanes / sizes.tiles);
  if (group >= sizes.groups) return;
  Fragment fragment;
  for (int r = 0; r < 4; ++r) {
    float code[2];
    for (int h = 0; h < 2; ++h) {
      code[h] =
          code_at(shape, sizes, codes, tile * tile_side + row_of(2 * r + h), group * tile_side + column_of(2 * r + h));
    }
    fragment.pair[r] = to_pair(code[0], code[1]);
  }
  inputs[thread] = fragment;
}

/// Two orders of an OU's weights [groups][blocks][lanes], each as the second factor of a product: `by_row` sums over
/// crossbar rows, `by_output` over outputs.
__global__ void pack_weights(GatedShape shape, const std::int8_t* weights, Fragment* by_row, Fragment* by_output) {
  const Sizes sizes = sizes_of(shape);
  const std::int64_t thread = thread_number();
  const int block = static_cast<int>(thread / warp_lanes % sizes.blocks);
  const int group = static_cast<int>(thread / warp_lanes / sizes.blocks);
  if (group >= sizes.groups) return;
  const auto at = [&](int row, int output) {
    row += group * tile_side;
    output += block * tile_side;
    const bool exists = row < sizes.rows && output < shape.outputs;
    return exists ? static_cast<float>(weights[std::int64_t{output} * sizes.rows + row]) : 0.0f;
  };
  const int g = lane_index() / 4, t = lane_index() % 4 * 2;
  Fragment rows, outputs;
  for (int r = 0; r < 4; ++r) {
    const int along = t + r % 2 * 8, across = g + r / 2 * 8;
    rows.pair[r] = to_pair(at(along, across), at(along + 1, across));
    outputs.pair[r] = to_pair(at(across, along), at(across, along + 1));
  }
  by_row[thread] = rows;
  by_output[thread] = outputs;
}

/// gradients: [blocks][tiles][lanes], rows of a tile are positions, columns are outputs.
__global__ void pack_gradients(GatedShape shape, const float* dy, Fragment* gradients) {
  const Sizes sizes = sizes_of(shape);
  const std::int64_t thread = thread_number(), tile = thread / warp_lanes % sizes.tiles;
  const int block = static_cast<int>(thread / warp_lanes / sizes.tiles);
  if (block >= sizes.blocks) return;
  Fragment fragment;
  for (int r = 0; r < 4; ++r) {
    float value[2];
    for (int h = 0; h < 2; ++h) {
      const std::int64_t position = tile * tile_side + row_of(2 * r + h);
      const int output = block * tile_side + column_of(2 * r + h);
      const std::int64_t image = position / sizes.per_image;
      value[h] = position < sizes.positions && output < shape.outputs
                     ? dy[(image * shape.outputs + output) * sizes.per_image + position % sizes.per_image]
                     : 0.0f;
    }
    fragment.pair[r] = to_pair(value[0], value[1]);
  }
  gradients[thread] = fragment;
}

// ---- One OU of one tile

/// sums += a b, b as its two halves of 8 columns.
__device__ void multiply(float (&sums)[8], const Fragment& a, const Fragment& b) {
  multiply_half(sums, a, b.pair[0], b.pair[1]);
  multiply_half(sums + 4, a, b.pair[2], b.pair[3]);
}

/// Whether element i of a lane lies in the lane's upper (0) or lower (1) row.
__device__ int half_of(int i) { return i / 2 % 2; }

/// Sum over the four lanes that share a row.
__device__ float sum_of_row(float value) {
  value += from_lane_xor(value, 1);
  return value + from_lane_xor(value, 2);
}

/// Outputs in a block; the last one may be cut.
__device__ int outputs_of(const GatedShape& shape, int block) {
  const int rest = shape.outputs - block * tile_side;
  return rest < tile_side ? rest : tile_side;
}

/// I of the lane's two rows, before the division by the outputs for a mean; for `max` with the first of the largest.
template <bool is_mean>
struct Importance {
  float size[2];
  int winner[2];

  __device__ explicit Importance(const float (&sums)[8]) {
    if (is_mean) {
      float total[2] = {0, 0};
      for (int i = 0; i < 8; ++i) total[half_of(i)] += fabsf(sums[i]);
      for (int h = 0; h < 2; ++h) size[h] = sum_of_row(total[h]);
      return;
    }
    // Size and output in one number, so that one search finds both; sums stay below 2^24.
    int largest[2] = {0, 0};
    for (int i = 0; i < 8; ++i) {
      const int key = static_cast<int>(fabsf(sums[i])) * tile_side + (tile_side - 1 - column_of(i));
      largest[half_of(i)] = key > largest[half_of(i)] ? key : largest[half_of(i)];
    }
    for (int h = 0; h < 2; ++h) {
      for (int bits = 1; bits <= 2; bits *= 2) {
        const int other = from_lane_xor(largest[h], bits);
        largest[h] = other > largest[h] ? other : largest[h];
      }
      size[h] = static_cast<float>(largest[h] / tile_side);
      winner[h] = tile_side - 1 - largest[h] % tile_side;
    }
  }
};

/// What the gradient of one OU's masks does: through the gate to the sums (`to_sums`), and dI of the lane's two rows.
template <bool has_low, bool is_mean>
struct OuGradient {
  bool open[2];
  float dimportance[2] = {0, 0};
  float to_sums[8];

  __device__ OuGradient(const GatedShape& shape, const Sizes& sizes, const GateNumbers& gate, bool reaches_sums,
                        int block, std::int64_t tile, const float (&high)[8], const float (&low)[8],
                        const Fragment& dy) {
    const float outputs = static_cast<float>(outputs_of(shape, block));
    const float limit = is_mean ? gate.threshold * outputs : gate.threshold;
    const float per_output = is_mean ? 1 / outputs : 1;
    const Importance<is_mean> importance(high);
    const float(&behind)[8] = has_low ? low : high;
    float dmask[2] = {0, 0};
    for (int r = 0; r < 4; ++r) {
      dmask[r % 2] += first_of(dy.pair[r]) * behind[2 * r] + second_of(dy.pair[r]) * behind[2 * r + 1];
    }
    for (int h = 0; h < 2; ++h) {
      const bool exists = tile * tile_side + row_of(2 * h) < sizes.positions;
      open[h] = exists && importance.size[h] >= limit;
      const float u = (importance.size[h] * per_output - gate.theta) * gate.steepness;
      const float share = 1 / (1 + __expf(-u)), slope = share * (1 - share);
      const float total = sum_of_row(dmask[h]) + gate.open_cost;
      if (exists && slope > least_slope) dimportance[h] = total * slope * gate.steepness;
    }
    for (int i = 0; i < 8; ++i) {
      const int h = half_of(i);
      const bool takes = reaches_sums && high[i] != 0 && (is_mean || importance.winner[h] == column_of(i));
      const float size = dimportance[h] * per_output;
      to_sums[i] = takes ? (high[i] < 0 ? -size : size) : 0;  // |Ph| has no slope at 0
    }
  }

  /// to_sums, and without low parts what the mask lets through: the gradient of Ph as the chip reads it.
  __device__ Fragment of_high(const Fragment& dy) const {
    Fragment fragment;
    for (int r = 0; r < 4; ++r) {
      const bool adds = !has_low && open[r % 2];
      fragment.pair[r] = to_pair(to_sums[2 * r] + (adds ? first_of(dy.pair[r]) : 0),
                                 to_sums[2 * r + 1] + (adds ? second_of(dy.pair[r]) : 0));
    }
    return fragment;
  }

  __device__ Fragment of_low(const Fragment& dy) const {
    Fragment fragment;
    for (int r = 0; r < 4; ++r) fragment.pair[r] = open[r % 2] ? dy.pair[r] : 0;
    return fragment;
  }
};

__device__ std::int64_t fragment_at(std::int64_t outer, std::int64_t inner_count, std::int64_t inner) {
  return (outer * inner_count + inner) * warp_lanes + lane_index();
}

// ---- Kernels

/// A warp: tiles_at_once tiles, `blocks_at_once` blocks from blockIdx.y on, all row groups.
/// open, squares: one element per warp and blockIdx.y.
template <bool has_low, bool is_mean, int blocks_at_once>
__global__ void forward(GatedShape shape, const Fragment* inputs, const Fragment* high, const Fragment* low,
                        const GateNumbers* numbers, float* y, std::int32_t* open, float* squares, float* importances) {
  const Sizes sizes = sizes_of(shape);
  const std::int64_t warp = warp_number(), first_tile = warp * tiles_at_once;
  if (first_tile >= sizes.tiles) return;
  const float threshold = numbers->threshold, factor = static_cast<float>(1 << shape.shift);
  float result[tiles_at_once][blocks_at_once][8] = {};
  std::int32_t open_count = 0;
  float square_sum = 0;
  for (int group = 0; group < sizes.groups; ++group) {
    Fragment x[tiles_at_once];
#pragma unroll
    for (int m = 0; m < tiles_at_once; ++m) x[m] = inputs[fragment_at(group, sizes.tiles, first_tile + m)];
#pragma unroll
    for (int b = 0; b < blocks_at_once; ++b) {
      const int block = static_cast<int>(blockIdx.y) * blocks_at_once + b;
      if (block >= sizes.blocks) break;
      const Fragment high_weights = high[fragment_at(group, sizes.blocks, block)];
      const Fragment low_weights = has_low ? low[fragment_at(group, sizes.blocks, block)] : Fragment{};
      const float outputs = static_cast<float>(outputs_of(shape, block));
#pragma unroll
      for (int m = 0; m < tiles_at_once; ++m) {
        float high_sums[8] = {}, low_sums[8] = {};
        multiply(high_sums, x[m], high_weights);
        if (has_low) multiply(low_sums, x[m], low_weights);
        const Importance<is_mean> importance(high_sums);
        bool opens[2];
        for (int h = 0; h < 2; ++h) {
          opens[h] = importance.size[h] >= (is_mean ? threshold * outputs : threshold);
          const std::int64_t position = (first_tile + m) * tile_side + row_of(2 * h);
          if (lane_index() % 4 != 0 || position >= sizes.positions) continue;
          const float value = importance.size[h] * (is_mean ? 1 / outputs : 1);
          open_count += opens[h];
          square_sum += value * value;
          if (importances == nullptr) continue;
          const std::int64_t image = position / sizes.per_image;
          importances[((image * sizes.groups + group) * sizes.blocks + block) * sizes.per_image +
                      position % sizes.per_image] = value;
        }
        for (int i = 0; i < 8; ++i) {
          const float masked = opens[half_of(i)] ? (has_low ? low_sums[i] : high_sums[i]) : 0;
          result[m][b][i] += has_low ? high_sums[i] * factor + masked : masked;
        }
      }
    }
  }
#pragma unroll
  for (int m = 0; m < tiles_at_once; ++m) {
#pragma unroll
    for (int b = 0; b < blocks_at_once; ++b) {
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        const std::int64_t position = (first_tile + m) * tile_side + row_of(i);
        const int output = (static_cast<int>(blockIdx.y) * blocks_at_once + b) * tile_side + column_of(i);
        if (position >= sizes.positions || output >= shape.outputs) continue;
        const std::int64_t image = position / sizes.per_image;
        y[(image * shape.outputs + output) * sizes.per_image + position % sizes.per_image] = result[m][b][i];
      }
    }
  }
  for (int bits = 4; bits < warp_lanes; bits *= 2) {
    open_count += from_lane_xor(open_count, bits);
    square_sum += from_lane_xor(square_sum, bits);
  }
  if (lane_index() != 0) return;
  const std::int64_t slot = blockIdx.y * (sizes.tiles / tiles_at_once) + warp;
  open[slot] = open_count;
  squares[slot] = square_sum;
}

/// A warp: tiles_at_once tiles and the row group blockIdx.y, all blocks.
/// columns: [images][rows][positions], the gradient of each row's codes; dtheta: one element per warp and row group.
template <bool has_low, bool is_mean>
__global__ void input_gradient(GatedShape shape, const Fragment* inputs, const Fragment* gradients,
                               const Fragment* high, const Fragment* high_by_output, const Fragment* low,
                               const Fragment* low_by_output, const GateNumbers* numbers, bool reaches_sums,
                               float* columns, float* dtheta) {
  const Sizes sizes = sizes_of(shape);
  const std::int64_t warp = warp_number(), first_tile = warp * tiles_at_once;
  if (first_tile >= sizes.tiles) return;
  const int group = static_cast<int>(blockIdx.y);
  const GateNumbers gate = *numbers;
  Fragment x[tiles_at_once];
  for (int m = 0; m < tiles_at_once; ++m) x[m] = inputs[fragment_at(group, sizes.tiles, first_tile + m)];
  float dx[tiles_at_once][8] = {};
  float dtheta_sum = 0;
  for (int block = 0; block < sizes.blocks; ++block) {
    const std::int64_t at = fragment_at(group, sizes.blocks, block);
    const Fragment high_weights = high[at], back_high = high_by_output[at];
    const Fragment low_weights = has_low ? low[at] : Fragment{};
    const Fragment back_low = has_low ? low_by_output[at] : Fragment{};
#pragma unroll
    for (int m = 0; m < tiles_at_once; ++m) {
      float high_sums[8] = {}, low_sums[8] = {};
      multiply(high_sums, x[m], high_weights);
      if (has_low) multiply(low_sums, x[m], low_weights);
      const Fragment dy = gradients[fragment_at(block, sizes.tiles, first_tile + m)];
      const OuGradient<has_low, is_mean> gradient(shape, sizes, gate, reaches_sums, block, first_tile + m, high_sums,
                                                  low_sums, dy);
      if (lane_index() % 4 == 0) dtheta_sum -= gradient.dimportance[0] + gradient.dimportance[1];
      if (has_low) multiply(dx[m], gradient.of_low(dy), back_low);
      if (!has_low || reaches_sums) multiply(dx[m], gradient.of_high(dy), back_high);
    }
  }
  for (int m = 0; m < tiles_at_once; ++m) {
    for (int i = 0; i < 8; ++i) {
      const std::int64_t position = (first_tile + m) * tile_side + row_of(i);
      const int row = group * tile_side + column_of(i);
      if (position >= sizes.positions || row >= sizes.rows) continue;
      const std::int64_t image = position / sizes.per_image;
      columns[(image * sizes.rows + row) * sizes.per_image + position % sizes.per_image] = dx[m][i];
    }
  }
  for (int bits = 4; bits < warp_lanes; bits *= 2) dtheta_sum += from_lane_xor(dtheta_sum, bits);
  if (lane_index() == 0) dtheta[group * (sizes.tiles / tiles_at_once) + warp] = dtheta_sum;
}

/// A warp: the row group blockIdx.y, `blocks_at_once` blocks from blockIdx.z on, every `splits`th tile.
/// parts: [splits][outputs][rows], to be summed over the splits.
template <bool has_low, bool is_mean, int blocks_at_once>
__global__ void weight_gradient(GatedShape shape, const Fragment* inputs, const Fragment* gradients,
                                const Fragment* high, const Fragment* low, const GateNumbers* numbers,
                                bool reaches_sums, int splits, float* parts) {
  const Sizes sizes = sizes_of(shape);
  const int split = static_cast<int>(warp_number());
  if (split >= splits) return;
  const int group = static_cast<int>(blockIdx.y), first_block = static_cast<int>(blockIdx.z) * blocks_at_once;
  const GateNumbers gate = *numbers;
  Fragment high_weights[blocks_at_once] = {}, low_weights[blocks_at_once] = {};
#pragma unroll
  for (int b = 0; b < blocks_at_once; ++b) {
    if (first_block + b >= sizes.blocks) break;
    const std::int64_t at = fragment_at(group, sizes.blocks, first_block + b);
    high_weights[b] = high[at];
    if (has_low) low_weights[b] = low[at];
  }
  float dweights[blocks_at_once][8] = {};  // rows are crossbar rows, columns are outputs
  for (std::int64_t tile = split; tile < sizes.tiles; tile += splits) {
    const Fragment x = inputs[fragment_at(group, sizes.tiles, tile)];
    // The transposed tile exchanges the halves beside the diagonal.
    const Fragment by_row = {transpose8x8(x.pair[0]), transpose8x8(x.pair[2]), transpose8x8(x.pair[1]),
                             transpose8x8(x.pair[3])};
#pragma unroll
    for (int b = 0; b < blocks_at_once; ++b) {
      const int block = first_block + b;
      if (block >= sizes.blocks) break;
      float high_sums[8] = {}, low_sums[8] = {};
      multiply(high_sums, x, high_weights[b]);
      if (has_low) multiply(low_sums, x, low_weights[b]);
      const Fragment dy = gradients[fragment_at(block, sizes.tiles, tile)];
      const OuGradient<has_low, is_mean> gradient(shape, sizes, gate, reaches_sums, block, tile, high_sums, low_sums,
                                                  dy);
      const Fragment coefficients = gradient.of_high(dy);
      multiply(dweights[b], by_row,
               {transpose8x8(coefficients.pair[0]), transpose8x8(coefficients.pair[1]),
                transpose8x8(coefficients.pair[2]), transpose8x8(coefficients.pair[3])});
    }
  }
#pragma unroll
  for (int b = 0; b < blocks_at_once; ++b) {
    for (int i = 0; i < 8; ++i) {
      const int row = group * tile_side + row_of(i), output = (first_block + b) * tile_side + column_of(i);
      if (row >= sizes.rows || output >= shape.outputs) continue;
      parts[(std::int64_t{split} * shape.outputs + output) * sizes.rows + row] = dweights[b][i];
    }
  }
}

std::int64_t blocks_for(std::int64_t warps) { return (warps + warps_per_block - 1) / warps_per_block; }

/// Calls `with(has_low, is_mean)`, both as types that carry their value.
template <typename Function>
int choose(bool has_low, bool is_mean, Function with) {
  const std::true_type yes;
  const std::false_type no;
  if (has_low) return is_mean ? with(yes, yes) : with(yes, no);
  return is_mean ? with(no, yes) : with(no, no);
}

/// Of the four numbers of a gate one after the other. A type of this file in the interface would hide the function.
const GateNumbers* numbers_of(const float* numbers) { return reinterpret_cast<const GateNumbers*>(numbers); }

/// Blocks that a warp of the forward pass takes at once.
constexpr int forward_blocks = 4;
/// Of the weights' gradient: each costs its weights and sums in registers.
constexpr int gradient_blocks = 2;

}  // namespace
}  // namespace gated

extern "C" {

// All pointers are of the GPU, `stream` is a CUDA stream; every function returns CUDA's error code. Fragments take
// 16 bytes for each of 32 lanes; the layouts are those of the kernels above.

int gated_cuda_pack_inputs(const GatedShape* shape, const std::uint8_t* codes, gated::Fragment* inputs, void* stream) {
  const gated::Sizes sizes = gated::sizes_of(*shape);
  return gated::launch(gated::pack_inputs, gated::blocks_for(sizes.groups * sizes.tiles), 1, 1, stream, *shape, codes,
                       inputs);
}

int gated_cuda_pack_weights(const GatedShape* shape, const std::int8_t* weights, gated::Fragment* by_row,
                            gated::Fragment* by_output, void* stream) {
  const gated::Sizes sizes = gated::sizes_of(*shape);
  return gated::launch(gated::pack_weights, gated::blocks_for(std::int64_t{sizes.groups} * sizes.blocks), 1, 1, stream,
                       *shape, weights, by_row, by_output);
}

int gated_cuda_pack_gradients(const GatedShape* shape, const float* dy, gated::Fragment* gradients, void* stream) {
  const gated::Sizes sizes = gated::sizes_of(*shape);
  return gated::launch(gated::pack_gradients, gated::blocks_for(sizes.blocks * sizes.tiles), 1, 1, stream, *shape, dy,
                       gradients);
}

int gated_cuda_forward(const GatedShape* shape, const gated::Fragment* inputs, const gated::Fragment* high,
                       const gated::Fragment* low, const float* numbers, float* y, std::int32_t* open, float* squares,
                       float* importances, void* stream) {
  using namespace gated;
  const Sizes sizes = sizes_of(*shape);
  const std::int64_t across = blocks_for(sizes.tiles / tiles_at_once);
  return choose(low != nullptr, shape->gate == gate_mean, [&](auto has_low, auto is_mean) {
    constexpr bool L = decltype(has_low)::value, M = decltype(is_mean)::value;
    // A network's narrow layers would leave most of the registers of four blocks unused.
    if (sizes.blocks == 1) {
      return launch(forward<L, M, 1>, across, 1, 1, stream, *shape, inputs, high, low, numbers_of(numbers), y, open,
                    squares, importances);
    }
    return launch(forward<L, M, forward_blocks>, across, (sizes.blocks + forward_blocks - 1) / forward_blocks, 1,
                  stream, *shape, inputs, high, low, numbers_of(numbers), y, open, squares, importances);
  });
}

int gated_cuda_input_gradient(const GatedShape* shape, const gated::Fragment* inputs, const gated::Fragment* gradients,
                              const gated::Fragment* high, const gated::Fragment* high_by_output,
                              const gated::Fragment* low, const gated::Fragment* low_by_output, const float* numbers,
                              std::int32_t reaches_sums, float* columns, float* dtheta, void* stream) {
  using namespace gated;
  const Sizes sizes = sizes_of(*shape);
  return choose(low != nullptr, shape->gate == gate_mean, [&](auto has_low, auto is_mean) {
    return launch(input_gradient<decltype(has_low)::value, decltype(is_mean)::value>,
                  blocks_for(sizes.tiles / tiles_at_once), sizes.groups, 1, stream, *shape, inputs, gradients, high,
                  high_by_output, low, low_by_output, numbers_of(numbers), reaches_sums != 0, columns, dtheta);
  });
}

int gated_cuda_weight_gradient(const GatedShape* shape, const gated::Fragment* inputs, const gated::Fragment* gradients,
                               const gated::Fragment* high, const gated::Fragment* low, const float* numbers,
                               std::int32_t reaches_sums, std::int32_t splits, float* parts, void* stream) {
  using namespace gated;
  const Sizes sizes = sizes_of(*shape);
  return choose(low != nullptr, shape->gate == gate_mean, [&](auto has_low, auto is_mean) {
    return launch(weight_gradient<decltype(has_low)::value, decltype(is_mean)::value, gradient_blocks>,
                  blocks_for(splits), sizes.groups, (sizes.blocks + gradient_blocks - 1) / gradient_blocks, stream,
                  *shape, inputs, gradients, high, low, numbers_of(numbers), reaches_sums != 0, splits, parts);
  });
}

}  // extern "C"

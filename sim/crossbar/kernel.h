// SPDX-License-Identifier: Apache-2.0
// The hot loop of the numerics: partial sums of OU groups from packed bit planes, compiled once per instruction set.
//
// Lanes are outputs; `kernel_lanes` of them form a chunk, so that a chunk's sums stay in registers. A word holds one
// bit of every row of a row group; a group of more than 64 rows takes several words. The loops stand in kernel_*.inc;
// kernel_generic.cpp, kernel_avx2.cpp and kernel_avx512.cpp compile them; all return the same integers.
#pragma once

#include <cstdint>

namespace cimcycle {

inline constexpr int kernel_lanes = 16;

/// (x factor + offset) >> shift, without overflow for the x that occur.
struct LinearMap {
  std::int32_t factor = 0, offset = 0;
  int shift = 0;
};

/// The transfer of a converter with equal steps: value(min(code(S), top)).
struct StepTransfer {
  LinearMap code, value;
  std::int32_t top = 0;
};

/// What one (slice, digit) pair of reads does to a bitline sum.
struct ReadTransfer {
  const std::int32_t* value = nullptr;  ///< reconstructed value of each sum
  std::int32_t clip_above = 0;          ///< sums above this are counted as clipped
  StepTransfer steps;                   ///< the same values, where the path is `stepped`
};

/// The loop that computes a path. All give the same integers where they apply.
enum class PathLoop {
  dot,      ///< nothing can be lost: weights and activations multiplied whole
  binary,   ///< 1-bit cells, 1-bit positive digits in ascending order, one word, a transfer of min(S, top)
  general,  ///< any cells, digits, transfer and column layout
};

/// The shape of one path (MSB or LSB) of a layer. Arrays are owned by the packed layer.
struct PathPlan {
  int groups = 0;
  int chunks = 0;  ///< outputs / kernel_lanes, rounded up
  int slices = 0;
  int digits = 0;
  int words = 1;                               ///< words per row group and bit plane
  int halves = 1;                              ///< 2: differential, columns of W+ and of W-
  bool analog_subtract = false;                ///< differential pairs are subtracted before one conversion
  const int* slice_bits = nullptr;             ///< [slices]
  const int* slice_planes = nullptr;           ///< [slices + 1]: first bit plane of each slice
  const std::int32_t* slice_weight = nullptr;  ///< [slices]: signed power of two of a slice
  const int* digit_bits = nullptr;             ///< [digits]
  const int* digit_planes = nullptr;           ///< [digits + 1]: first bit plane of each digit
  const std::int32_t* digit_weight = nullptr;  ///< [digits]: signed power of two of a digit
  const ReadTransfer* transfer = nullptr;      ///< [slices][digits]
  /// 1 where a slice's column is stored inverted: [groups][slices][chunks * lanes]; null without flip.
  const std::uint8_t* flipped = nullptr;
  bool minimum = false;   ///< every transfer is min(S, clip_above), so that no table is needed
  bool stepped = false;   ///< every transfer has equal steps, so that no table is needed
  bool may_clip = false;  ///< some sum can exceed its clip_above
  PathLoop loop = PathLoop::general;
  std::int32_t top = 0;            ///< `binary`: the largest value of the transfer
  std::int64_t chunk_words = 0;    ///< words of a chunk's cells; `binary` fills them up to whole 64 bytes
  int quads = 0;                   ///< `dot`: rows of a row group / 4, rounded up
  int negative_bit = -1;           ///< `dot`: the bit of an activation that counts negative; -1: none
  const int* first_row = nullptr;  ///< `dot`: [groups]
};

/// One input vector on one path.
struct PathInput {
  const void* digits = nullptr;     ///< words [groups][digit planes][words]
  const std::uint8_t* x = nullptr;  ///< activations; `dot` may read 4 * quads bytes from the last row on
  /// Words [groups][chunks][slice planes][halves][words][lanes]; `dot`: bytes [groups][chunks][quads][lanes][4].
  const void* cells = nullptr;
  const std::uint8_t* chunk_read = nullptr;  ///< [groups][chunks]: 1 = compute; null = all
  const std::uint8_t* lane_read = nullptr;   ///< [groups][chunks * lanes]: 1 = counts as a conversion; null = all
};

/// How input vectors are cut into the bit planes of row groups.
struct InputPlan {
  int groups = 0;
  const int* first_row = nullptr;  ///< [groups]
  const int* rows = nullptr;       ///< [groups]
  int digits = 0;
  int words = 1;                      ///< per row group and bit plane
  const int* digit_planes = nullptr;  ///< [digits + 1]: first bit of each digit; the last entry is the number of bits
  const std::int64_t* digit_place = nullptr;  ///< [digits]: signed power of two of a digit
  const ReadTransfer* unit = nullptr;         ///< [digits]: conversion of the column of ones; null = exact sums
  bool one_bit = false;                       ///< every digit holds one bit, and sums are exact
  int negative_bit = -1;                      ///< the bit of an activation that counts negative; -1: none
  bool packs = true;                          ///< somebody needs the bit planes; without, `one_bit` facts alone
};

/// What one row group of one input vector amounts to.
struct GroupFacts {
  std::int64_t x_sum = 0;       ///< sum of the activations, as the chip knows it
  std::int32_t digits = 0;      ///< digits with a row that is on
  std::int32_t rows_on = 0;     ///< rows whose digit is not 0, over all digits
  std::int32_t digit_sum = 0;   ///< sum of all digits of all rows
  std::int32_t unit_clips = 0;  ///< clipped conversions of the column of ones
};

/// Output blocks of a layer, for gates that compare every output with its threshold.
struct GatePlan {
  int groups = 0;
  int blocks = 0;
  int lanes = 0;
  int mask_words = 0;
  const int* first_output = nullptr;        ///< [blocks]
  const int* outputs = nullptr;             ///< [blocks]
  const std::int32_t* threshold = nullptr;  ///< [lanes]
};

/// The kernels of one instruction set.
struct KernelTarget {
  const char* name;
  /// Partial sums by word width (16, 32, 64 bits): writes sums[groups][chunks * lanes] (only of computed chunks) and
  /// adds the clipped conversions to *clipped.
  using PathSums = void (*)(const PathPlan&, const PathInput&, std::int32_t* sums, std::int64_t* clipped);
  PathSums sums16, sums32, sums64;
  /// Bit planes and facts by word width. `x` may be read up to 8 bytes beyond the last row.
  using TakeInput = void (*)(const InputPlan&, const std::uint8_t* x, void* words, GroupFacts* facts);
  TakeInput take16, take32, take64;
  /// ones[i] = number of ones of x[i] (the sum of 1-bit digits).
  void (*count_ones)(const std::uint8_t* x, int rows, std::uint8_t* ones);
  /// Sum of x[i] * weight[i].
  std::int64_t (*weighted_sum)(const std::uint8_t* x, const std::int32_t* weight, int rows);
  /// Sets bit b of open[group][mask_words] where any output of block b has |sum| >= threshold; returns how many stay
  /// closed.
  std::int64_t (*open_blocks)(const GatePlan&, const std::int32_t* sums, std::uint64_t* open);
  /// to[i] += from[i] << shift.
  void (*add_shifted)(std::int32_t* to, const std::int32_t* from, int count, int shift);
  /// to[i] += value.
  void (*add_constant)(std::int32_t* to, std::int32_t value, int count);
};

extern const KernelTarget kernel_generic, kernel_avx2, kernel_avx512;

/// The best target of this machine, or the one named by CIMCYCLE_TARGET (generic, avx2, avx512).
/// Throws InputError if that name is unknown or this machine cannot run it.
const KernelTarget& kernel_target();

}  // namespace cimcycle

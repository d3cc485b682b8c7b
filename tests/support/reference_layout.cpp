// SPDX-License-Identifier: Apache-2.0
// Rows, outputs, slices and digits of the slow twin.
#include "reference_layout.h"

#include <stdexcept>

namespace cimcycle_reference {

using cimcycle::CellMapping;
using cimcycle::Hardware;
using cimcycle::Layer;
using cimcycle::LayerKind;
using cimcycle::LsbPlacement;
using cimcycle::RowSpread;

namespace {

void lay_out_rows(Layout& layout, const Hardware& hardware) {
  const int ou_rows = hardware.ou.rows;
  if (hardware.mapping.rows == RowSpread::fill) {
    for (int row = 0; row < layout.rows; ++row) {
      const int row_in_crossbar = row % hardware.crossbar.rows;
      if (row_in_crossbar % ou_rows == 0) layout.groups.push_back({row, 0, row / hardware.crossbar.rows});
      ++layout.groups.back().rows;
    }
  } else {
    for (int row = 0; row < layout.rows; ++row) {
      if (row % ou_rows == 0) layout.groups.push_back({row, 0, 0});
      ++layout.groups.back().rows;
    }
    const int groups = static_cast<int>(layout.groups.size());
    const int most = hardware.crossbar.rows / ou_rows;
    int crossbars = 1;
    while (crossbars * most < groups) ++crossbars;
    // One group to each crossbar in turn until none is left: their numbers differ by one, the longer ones first.
    std::vector<int> share(static_cast<std::size_t>(crossbars), 0);
    for (int g = 0; g < groups; ++g) ++share[static_cast<std::size_t>(g % crossbars)];
    int next = 0;
    for (int crossbar = 0; crossbar < crossbars; ++crossbar) {
      for (int i = 0; i < share[static_cast<std::size_t>(crossbar)]; ++i) {
        layout.groups[static_cast<std::size_t>(next++)].crossbar = crossbar;
      }
    }
  }
  layout.row_crossbars = layout.groups.back().crossbar + 1;
}

/// Crossbar of each block when every block takes `slices` neighbouring column blocks of one crossbar.
std::vector<int> pack_blocks(int blocks, int slices, const Hardware& hardware) {
  const int column_blocks = hardware.crossbar.cols / hardware.ou.cols;
  if (slices > column_blocks) throw std::invalid_argument("an output block does not fit a crossbar");
  std::vector<int> crossbar_of;
  int crossbar = 0;
  int used = 0;
  for (int b = 0; b < blocks; ++b) {
    if (used + slices > column_blocks) {
      ++crossbar;
      used = 0;
    }
    used += slices;
    crossbar_of.push_back(crossbar);
  }
  return crossbar_of;
}

void lay_out_columns(Layout& layout, const Layer& layer, const Hardware& hardware) {
  layout.columns_per_output = hardware.mapping.cells == CellMapping::differential ? 2 : 1;
  const int per_block = hardware.ou.cols / layout.columns_per_output;
  if (per_block < 1) throw std::invalid_argument("an operation unit holds no output");
  for (int output = 0; output < layer.out.channels; ++output) {
    if (output % per_block == 0) layout.blocks.push_back({output, 0, 0, 0});
    ++layout.blocks.back().outputs;
  }
  const int blocks = static_cast<int>(layout.blocks.size());
  const int msb = static_cast<int>(layout.msb_slices.size());
  const int lsb = static_cast<int>(layout.lsb_slices.size());
  const bool separate = hardware.mapping.lsb == LsbPlacement::separate_crossbars && lsb > 0;
  const std::vector<int> first = pack_blocks(blocks, separate ? msb : msb + lsb, hardware);
  const std::vector<int> second = separate ? pack_blocks(blocks, lsb, hardware) : first;
  for (std::size_t b = 0; b < layout.blocks.size(); ++b) {
    layout.blocks[b].crossbar = first[b];
    layout.blocks[b].lsb_crossbar = second[b];
  }
  layout.column_crossbars = first.back() + 1;
  layout.lsb_column_crossbars = separate ? second.back() + 1 : 0;
}

}  // namespace

std::vector<int> pieces(int bits, int piece) {
  std::vector<int> result;
  for (int left = bits; left > 0; left -= piece) result.push_back(left < piece ? left : piece);
  return result;
}

int shift_of(const std::vector<int>& pieces, int index) {
  int shift = 0;
  for (int i = 0; i < index; ++i) shift += pieces[static_cast<std::size_t>(i)];
  return shift;
}

Layout lay_out(const Layer& layer, const Hardware& hardware) {
  Layout layout;
  layout.rows = layer.kind == LayerKind::linear ? layer.in.channels * layer.in.height * layer.in.width
                                                : layer.in.channels * layer.kernel_h * layer.kernel_w;
  layout.msb_slices = pieces(layer.dec3.hb, hardware.cell.bits);
  layout.lsb_slices = pieces(layer.dec3.lb, hardware.cell.bits);
  layout.digits = pieces(layer.input_bits, hardware.input.digit_bits);
  lay_out_rows(layout, hardware);
  lay_out_columns(layout, layer, hardware);
  return layout;
}

std::vector<std::vector<int>> input_vectors(const Layer& layer, const std::vector<int>& activations,
                                            const std::vector<int>& pad_value) {
  if (layer.kind == LayerKind::linear) return {activations};
  std::vector<std::vector<int>> vectors;
  for (int out_y = 0; out_y < layer.out.height; ++out_y) {
    for (int out_x = 0; out_x < layer.out.width; ++out_x) {
      std::vector<int> vector;
      for (int channel = 0; channel < layer.in.channels; ++channel) {
        for (int ky = 0; ky < layer.kernel_h; ++ky) {
          for (int kx = 0; kx < layer.kernel_w; ++kx) {
            const int y = out_y * layer.stride.height + ky * layer.dilation.height - layer.padding.top;
            const int x = out_x * layer.stride.width + kx * layer.dilation.width - layer.padding.left;
            const bool inside = y >= 0 && y < layer.in.height && x >= 0 && x < layer.in.width;
            if (inside) {
              const int index = (channel * layer.in.height + y) * layer.in.width + x;
              vector.push_back(activations.at(static_cast<std::size_t>(index)));
            } else {
              vector.push_back(pad_value.empty() ? 0 : pad_value.at(static_cast<std::size_t>(channel)));
            }
          }
        }
      }
      vectors.push_back(vector);
    }
  }
  return vectors;
}

}  // namespace cimcycle_reference

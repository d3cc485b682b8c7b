// SPDX-License-Identifier: Apache-2.0
// Means and maxima over all rows, all columns or both: pools whose window is that large.
#include <algorithm>

#include "onnx/lower.h"

namespace cimcycle::onnx_model {
namespace {

void reduce(Lowering& lowering, const Node& node, LayerKind kind, std::vector<std::int64_t> axes, bool keeps_sides) {
  const Flow& flow = lowering.whole_flow(node, 0);
  const std::size_t rank = flow.sides().size() + 1;
  bool rows = false, columns = false, others = axes.empty();
  for (const std::int64_t given : axes) {
    const std::size_t axis = axis_of(given, rank);
    if (flow.form == Form::lines) rows = columns = columns || axis == 2;
    if (flow.form == Form::planes) {
      rows = rows || axis == 2;
      columns = columns || axis == 3;
    }
    others = others || axis < 2;
  }
  if (others || flow.is_vector()) Lowering::unsupported("rows and columns (axes 2 and 3) to reduce");
  Step step = lowering.plain_step(flow);
  step.kind = kind;
  if (rows) step.kernel_h = flow.shape.height;
  if (columns) step.kernel_w = flow.shape.width;
  step.out = {flow.shape.channels, rows ? 1 : flow.shape.height, columns ? 1 : flow.shape.width};
  Form form = flow.form;
  if (!keeps_sides) form = rows && columns ? Form::vector : Form::lines;
  add_pool(lowering, node, std::move(step), form);
}

bool keeps_sides(const Node& node) { return integer_of(node, "keepdims", 1) != 0; }

}  // namespace

void lower_global_average_pool(Lowering& lowering, const Node& node) {
  reduce(lowering, node, LayerKind::average_pool, {2, 3}, true);
}

void lower_global_max_pool(Lowering& lowering, const Node& node) {
  reduce(lowering, node, LayerKind::max_pool, {2, 3}, true);
}

void lower_reduce_mean(Lowering& lowering, const Node& node) {
  reduce(lowering, node, LayerKind::average_pool, list_of(lowering, node, "axes", 1), keeps_sides(node));
}

void lower_reduce_max(Lowering& lowering, const Node& node) {
  reduce(lowering, node, LayerKind::max_pool, list_of(lowering, node, "axes", 1), keeps_sides(node));
}

}  // namespace cimcycle::onnx_model

// SPDX-License-Identifier: Apache-2.0
// From an ONNX model to steps. One function per operator, in one table (lower.cpp).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "onnx/model.h"
#include "onnx/steps.h"

namespace cimcycle::onnx_model {

/// How bytes of an image become what the model reads: value = (byte / 255 - mean) / std.
struct Preprocessing {
  std::vector<double> mean, std;  ///< per channel, or one for all, or empty: 0 and 1
};

/// Throws InputError that lists every node that cannot be had, with what it would need.
Steps lower(const Model& model, const Preprocessing& preprocessing);

class Lowering;
using LowerNode = void (*)(Lowering&, const Node&);

/// The sides of a tensor of activations: [batch, channels, height, width], [batch, channels, height x width], or
/// [batch, length].
enum class Form { planes, lines, vector };

/// A tensor of activations on its way through the graph.
struct Flow {
  int step = image_input;
  Shape shape;  ///< of a vector: {length, 1, 1}
  Form form = Form::planes;
  Border padding = 0;        ///< a Pad node's zeros, which the next window takes over
  Selection selection = {};  ///< a Slice's stride and a Pad node's channels, which the next addition takes over
  bool is_vector() const { return form == Form::vector; }
  /// Sides behind the batch.
  std::vector<std::int64_t> sides() const;
};

/// Integer codes behind a constant of weights: what a DequantizeLinear made of them.
struct QuantizedConstant {
  std::vector<std::int64_t> codes;  ///< zero point taken off
  std::vector<double> scale;        ///< one, or one along `axis`
  int axis = 0;
};

/// The state of a lowering, which the operators change.
class Lowering {
 public:
  Lowering(const Model& model, const Preprocessing& preprocessing);
  Steps run();

  /// Why an operator cannot be had; goes to the list of the error.
  struct Unsupported {
    std::string needs;
  };
  [[noreturn]] static void unsupported(std::string needs) { throw Unsupported{std::move(needs)}; }

  // What a node says.
  bool has(const Node& node, std::size_t input) const;
  const Flow& flow(const Node& node, std::size_t input) const;  ///< unsupported if it is a constant
  /// The same, but unsupported if a Pad or a Slice waits for the operator that takes it over.
  const Flow& whole_flow(const Node& node, std::size_t input) const;
  static void need_no_padding(const Flow& flow);
  static void need_no_selection(const Flow& flow);
  bool is_flow(const Node& node, std::size_t input) const;
  const Tensor* constant(const Node& node, std::size_t input) const;
  const Tensor& need_constant(const Node& node, std::size_t input, std::string_view what) const;
  const QuantizedConstant* quantized_constant(const Node& node, std::size_t input) const;
  bool is_output(const Node& node) const { return node.outputs.front() == model_.output; }
  /// No other node reads this tensor, by whatever name, nor is it the output.
  bool is_only_reader(const Node& node, std::size_t input) const;

  /// One step alone reads the results of this one, which the model's output does not.
  bool has_one_reader(int step) const;

  // What a node gives.
  void set(const Node& node, Flow flow);
  void set_constant(const Node& node, Tensor tensor);
  void set_quantized_constant(const Node& node, Tensor values, QuantizedConstant codes);
  int add_step(const Node& node, Step step);
  Step& step(int index) { return steps_.steps[static_cast<std::size_t>(index)]; }
  ImageValues& image() { return steps_.image; }
  void note(std::string text) { steps_.notes.push_back(std::move(text)); }
  std::int64_t opset() const { return model_.opset; }

  /// The step behind input `input` if this node may still change its results: nobody else reads them, and they have
  /// neither clamp nor quantization. Null otherwise, and for max pools and the image.
  Step* open_step(const Node& node, std::size_t input);
  /// A step that passes a flow on, channel by channel: an average pool with windows of one value.
  Step plain_step(const Flow& flow) const;
  /// Shape of a step's results, or of the image.
  const Shape& shape_of(int step) const { return step == image_input ? steps_.image.shape : step_at(step).out; }
  /// The quantization of what a flow gives: that of its step, for a max pool of its input.
  std::optional<Quantization> quantization_of(int step) const;

 private:
  void lower_node(const Node& node);
  void note_operator(const Node& node);
  void add_problem(const Node& node, const Unsupported& problem);
  static LowerNode operator_of(const Node& node);
  void count_readers();
  void finish();
  void sort_steps();

  const Step& step_at(int index) const { return steps_.steps[static_cast<std::size_t>(index)]; }
  bool is_shared(const std::string& tensor) const;

  const Model& model_;
  Steps steps_;
  std::map<std::string, Flow> flows_;
  std::map<std::string, Tensor> made_;  ///< constants that nodes make
  std::map<std::string, QuantizedConstant> codes_;
  std::map<std::string, int> readers_;
  std::map<std::string, std::string> same_as_;  ///< tensors that are another one in other words: of the same step
  std::map<std::string, bool> unknown_;         ///< outputs of nodes that could not be lowered
  std::vector<std::string> problems_;
};

// Attributes with the defaults of the operator's definition.
std::int64_t integer_of(const Node& node, const std::string& name, std::int64_t fallback);
double real_of(const Node& node, const std::string& name, double fallback);
std::string text_of(const Node& node, const std::string& name, std::string fallback);
std::vector<std::int64_t> integers_of(const Node& node, const std::string& name, std::vector<std::int64_t> fallback);

/// Elements that a Slice takes from one side of a tensor.
struct Taken {
  std::int64_t start = 0, step = 1, count = 0;
};
/// Of every side of a tensor with these sides.
std::vector<Taken> slice_of(const Lowering& lowering, const Node& node, const std::vector<std::int64_t>& sides);
/// A flow without a side of one row or column; `axis` counts the batch.
Flow without_side(const Flow& flow, std::size_t axis);

/// What a list of integers in an attribute or, since a later opset, in an input says.
std::vector<std::int64_t> list_of(const Lowering& lowering, const Node& node, const std::string& name,
                                  std::size_t input);
/// An axis counted from the front. Unsupported if there is no such axis.
std::size_t axis_of(std::int64_t axis, std::size_t rank);

/// Constants of shape arithmetic and the like: true if the node was one of those and its result is known.
bool fold_constant(Lowering& lowering, const Node& node);
/// Whether fold_constant may know an operator that makes no layer.
bool is_shape_arithmetic(std::string_view op);
/// Integers of a few elements through operators that rearrange or compute them; false for all other operators.
bool fold_integers(Lowering& lowering, const Node& node);

// lower_windows.cpp
int bounded(std::int64_t value, std::string_view what, int least);  ///< unsupported above limits::side
/// Adds a pool whose kernel and shape are set.
void add_pool(Lowering&, const Node&, Step step, Form form);
void lower_conv(Lowering&, const Node&);
void lower_max_pool(Lowering&, const Node&);
void lower_average_pool(Lowering&, const Node&);
// lower_reduce.cpp
void lower_global_average_pool(Lowering&, const Node&);
void lower_global_max_pool(Lowering&, const Node&);
void lower_reduce_mean(Lowering&, const Node&);
void lower_reduce_max(Lowering&, const Node&);
// lower_arithmetic.cpp
void lower_gemm(Lowering&, const Node&);
void lower_matmul(Lowering&, const Node&);
void lower_batch_norm(Lowering&, const Node&);
void lower_add(Lowering&, const Node&);
void lower_sub(Lowering&, const Node&);
void lower_mul(Lowering&, const Node&);
void lower_div(Lowering&, const Node&);
void lower_relu(Lowering&, const Node&);
void lower_clip(Lowering&, const Node&);
// lower_shapes.cpp
void lower_identity(Lowering&, const Node&);
void lower_flatten(Lowering&, const Node&);
void lower_reshape(Lowering&, const Node&);
void lower_squeeze(Lowering&, const Node&);
void lower_unsqueeze(Lowering&, const Node&);
void lower_concat(Lowering&, const Node&);
void lower_softmax(Lowering&, const Node&);
// lower_slices.cpp
void lower_pad(Lowering&, const Node&);
void lower_slice(Lowering&, const Node&);
void lower_gather(Lowering&, const Node&);
// lower_quantized.cpp
void lower_quantize(Lowering&, const Node&);
void lower_dequantize(Lowering&, const Node&);
void lower_quant(Lowering&, const Node&);

}  // namespace cimcycle::onnx_model

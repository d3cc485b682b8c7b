// SPDX-License-Identifier: Apache-2.0
#include "small_model.h"

#include <algorithm>
#include <vector>

#include "onnx/build.h"
#include "onnx/expand.h"
#include "onnx/float_run.h"
#include "onnx/lower.h"

namespace cimcycle::test {
namespace {

using onnx::TensorProto;

struct Maker {
  onnx::ModelProto model;
  bool quantized = false;
  int count = 0;

  onnx::GraphProto& graph() { return *model.mutable_graph(); }

  TensorProto& tensor(const std::string& name, TensorProto::DataType type, const std::vector<std::int64_t>& shape) {
    TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t side : shape) tensor.add_dims(side);
    return tensor;
  }

  onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
    onnx::NodeProto& node = *graph().add_node();
    node.set_op_type(op);
    node.set_name(output);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  static void ints(onnx::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
    onnx::AttributeProto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) attribute.add_ints(value);
  }

  std::string list(const std::string& name, const std::vector<std::int64_t>& values, bool is_scalar = false) {
    TensorProto& list = tensor(name, TensorProto::INT64,
                               is_scalar ? std::vector<std::int64_t>{} : std::vector<std::int64_t>{std::ssize(values)});
    for (const std::int64_t value : values) list.add_int64_data(value);
    return name;
  }

  /// A new model that reads an image of 2 x 6 x 6.
  void begin() {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(13);
    onnx::ValueInfoProto& input = *graph().add_input();
    input.set_name("input");
    input.mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
    auto& shape = *input.mutable_type()->mutable_tensor_type()->mutable_shape();
    shape.add_dim()->set_dim_param("N");
    for (const int side : {2, 6, 6}) shape.add_dim()->set_dim_value(side);
  }

  std::string weights(const std::string& name, const std::vector<std::int64_t>& shape) {
    std::int64_t size = 1;
    for (const std::int64_t side : shape) size *= side;
    TensorProto& codes = tensor(name, quantized ? TensorProto::INT8 : TensorProto::FLOAT, shape);
    for (std::int64_t i = 0; i < size; ++i) {
      const int code = static_cast<int>((i * 37 + 11) % 251) - 125;
      if (quantized) {
        codes.mutable_raw_data()->push_back(static_cast<char>(code));
      } else {
        codes.add_float_data(static_cast<float>(code) / 500);
      }
    }
    if (!quantized) return name;
    tensor(name + "_s", TensorProto::FLOAT, {}).add_float_data(0.0021F);
    tensor(name + "_z", TensorProto::INT8, {}).add_int32_data(0);
    node("DequantizeLinear", {name, name + "_s", name + "_z"}, name + "_d");
    return name + "_d";
  }

  std::string activations(const std::string& name, float scale, int zero) {
    if (!quantized) return name;
    tensor(name + "_s", TensorProto::FLOAT, {}).add_float_data(scale);
    tensor(name + "_z", TensorProto::UINT8, {}).add_int32_data(zero);
    node("QuantizeLinear", {name, name + "_s", name + "_z"}, name + "_q");
    node("DequantizeLinear", {name + "_q", name + "_s", name + "_z"}, name + "_d");
    return name + "_d";
  }
};

}  // namespace

onnx::ModelProto small_model(bool quantized) {
  Maker maker;
  maker.quantized = quantized;
  maker.begin();

  std::string x = maker.activations("input", 0.004F, 3);
  Maker::ints(maker.node("Conv", {x, maker.weights("w1", {4, 2, 3, 3})}, "one"), "pads", {1, 1, 1, 1});
  maker.node("Relu", {"one"}, "relu");
  x = maker.activations("relu", 0.01F, 0);
  Maker::ints(maker.node("Conv", {x, maker.weights("w2", {4, 4, 3, 3})}, "two"), "pads", {1, 1, 1, 1});
  maker.node("Add", {"two", x}, "sum");
  x = maker.activations("sum", 0.02F, 120);
  onnx::NodeProto& pool = maker.node("MaxPool", {x}, "pool");
  Maker::ints(pool, "kernel_shape", {2, 2});
  Maker::ints(pool, "strides", {2, 2});
  maker.node("Flatten", {"pool"}, "flat");
  maker.node("Gemm", {"flat", maker.weights("w3", {36, 10})}, "classes");
  maker.graph().add_output()->set_name("classes");
  return maker.model;
}

onnx::ModelProto shapes_model() {
  Maker maker;
  maker.begin();
  onnx::NodeProto& pool = maker.node("MaxPool", {"input"}, "pool");
  Maker::ints(pool, "kernel_shape", {3, 3});
  Maker::ints(pool, "pads", {1, 1, 1, 1});
  Maker::ints(maker.node("Conv", {"pool", maker.weights("w1", {4, 2, 3, 3})}, "one"), "pads", {1, 1, 1, 1});
  maker.node("Relu", {"one"}, "relu");
  onnx::NodeProto& strided = maker.node("Conv", {"relu", maker.weights("w2", {6, 4, 3, 3})}, "two");
  Maker::ints(strided, "pads", {1, 1, 1, 1});
  Maker::ints(strided, "strides", {2, 2});
  maker.node("Slice",
             {"relu", maker.list("starts", {0, 0}), maker.list("ends", {INT64_MAX, 6}), maker.list("axes", {2, -1}),
              maker.list("steps", {2, 2})},
             "picked");
  maker.node("Pad", {"picked", maker.list("pads", {0, 1, 0, 0, 0, 1, 0, 0})}, "padded");
  maker.node("Add", {"two", "padded"}, "sum");
  Maker::ints(maker.node("ReduceMean", {"sum"}, "mean"), "axes", {2, 3});
  maker.node("Shape", {"mean"}, "sides");
  maker.node("Gather", {"sides", maker.list("zero", {0}, true)}, "batch");
  maker.node("Unsqueeze", {"batch", maker.list("first", {0})}, "batches");
  maker.node("Concat", {"batches", maker.list("rest", {-1})}, "shape");
  maker.node("Reshape", {"mean", "shape"}, "flat");
  maker.node("Gemm", {"flat", maker.weights("w3", {6, 10})}, "classes");
  maker.graph().add_output()->set_name("classes");
  return maker.model;
}

void import_bytes(const std::string& bytes) {
  const onnx_model::Model model = onnx_model::expand_quantized(onnx_model::parse_model(bytes, "m.onnx", {}));
  const onnx_model::Steps steps = onnx_model::lower(model, {});
  const bool quantized = std::ranges::any_of(steps.steps, [](const onnx_model::Step& step) {
    return step.quantization.has_value() || step.weight_codes.has_value();
  });
  if (quantized) {
    const onnx_model::Choices choices = onnx_model::stated_choices(steps, model.file);
    Network network = onnx_model::Builder(steps, choices).network();
    network.name = "m";
    check_network(network, "m");
    return;
  }
  const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(steps.image.shape.size()), 77);
  onnx_model::FloatMemory memory;
  if (pixels.size() < 100000) onnx_model::run_float(steps, pixels, memory);
}

std::string import_error(const onnx::ModelProto& model) {
  try {
    import_bytes(model.SerializeAsString());
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace cimcycle::test

// SPDX-License-Identifier: Apache-2.0
// Thousands of damaged models: layers come out, or an input error of one line; nothing else.
#include <catch2/catch.hpp>

#include <random>

#include "small_model.h"

using namespace cimcycle;

namespace {

using Random = std::mt19937_64;

void check_bytes(const std::string& bytes) {
  try {
    test::import_bytes(bytes);
  } catch (const InputError& error) {
    const std::string text = error.what();
    INFO(text);
    REQUIRE(text.find('\n') == std::string::npos);
    REQUIRE((text.starts_with("m.onnx: ") || text.starts_with("m: ") || text.starts_with("layer ")));
  }
}

std::int64_t odd_value(Random& random) {
  constexpr std::int64_t values[] = {INT64_MIN, -65537, -2, -1, 0, 1, 2, 3, 5, 7, 65535, 65537, 1 << 28, INT64_MAX};
  return values[random() % std::size(values)];
}

/// Changes one thing that protobuf keeps apart: an attribute, a side, a name, an operator, a value.
void damage(onnx::GraphProto& graph, Random& random) {
  const auto any_node = [&]() -> onnx::NodeProto& {
    return *graph.mutable_node(static_cast<int>(random() % static_cast<unsigned>(graph.node_size())));
  };
  const auto any_tensor = [&]() -> onnx::TensorProto& {
    return *graph.mutable_initializer(static_cast<int>(random() % static_cast<unsigned>(graph.initializer_size())));
  };
  switch (random() % 9) {
    case 0: {
      onnx::NodeProto& node = any_node();
      if (node.attribute_size() == 0) return;
      auto* ints = node.mutable_attribute(0)->mutable_ints();
      if (!ints->empty())
        ints->Set(static_cast<int>(random() % static_cast<unsigned>(ints->size())), odd_value(random));
      return;
    }
    case 1: {
      onnx::TensorProto& tensor = any_tensor();
      if (tensor.dims_size() == 0) return tensor.add_dims(odd_value(random));
      tensor.set_dims(static_cast<int>(random() % static_cast<unsigned>(tensor.dims_size())), odd_value(random));
      return;
    }
    case 2:
      any_node().set_input(0, any_node().output(0));
      return;
    case 3: {
      constexpr const char* ops[] = {"Conv",
                                     "Gemm",
                                     "MatMul",
                                     "Add",
                                     "Mul",
                                     "Concat",
                                     "Reshape",
                                     "Pad",
                                     "AveragePool",
                                     "GlobalAveragePool",
                                     "QuantizeLinear",
                                     "DequantizeLinear",
                                     "Quant",
                                     "Clip",
                                     "BatchNormalization",
                                     "QLinearConv",
                                     "QLinearConcat",
                                     "Gather",
                                     "Squeeze",
                                     "Unsqueeze",
                                     "Slice",
                                     "Shape",
                                     "ConstantOfShape",
                                     "Transpose",
                                     "ReduceMean",
                                     "ReduceMax",
                                     "MaxPool",
                                     "Loop"};
      any_node().set_op_type(ops[random() % std::size(ops)]);
      return;
    }
    case 4: {
      onnx::AttributeProto& attribute = *any_node().add_attribute();
      constexpr const char* names[] = {"group", "axis", "dilations", "ceil_mode", "transB", "value", "auto_pad"};
      attribute.set_name(names[random() % std::size(names)]);
      attribute.set_type(random() % 2 == 0 ? onnx::AttributeProto::INT : onnx::AttributeProto::INTS);
      attribute.set_i(odd_value(random));
      for (int i = 0; i < 2; ++i) attribute.add_ints(odd_value(random));
      return;
    }
    case 5:
      graph.mutable_input(0)
          ->mutable_type()
          ->mutable_tensor_type()
          ->mutable_shape()
          ->mutable_dim(static_cast<int>(random() % 4))
          ->set_dim_value(odd_value(random));
      return;
    case 6: {
      onnx::TensorProto& tensor = any_tensor();
      if (tensor.float_data_size() > 0) tensor.set_float_data(0, random() % 2 == 0 ? -1e30F : 0.0F);
      if (tensor.int64_data_size() > 0) tensor.set_int64_data(0, odd_value(random));
      if (tensor.int32_data_size() > 0) tensor.set_int32_data(0, static_cast<int>(odd_value(random)));
      return;
    }
    case 7:
      any_tensor().set_data_type(static_cast<int>(random() % 20));
      return;
    default: {
      onnx::NodeProto& node = any_node();
      if (node.input_size() > 1) node.mutable_input()->SwapElements(0, node.input_size() - 1);
      return;
    }
  }
}

onnx::ModelProto model_of(int i) { return i % 3 == 2 ? test::shapes_model() : test::small_model(i % 3 == 0); }

}  // namespace

TEST_CASE("models with damaged bytes are refused or read") {
  Random random(3);
  for (int i = 0; i < 4000; ++i) {
    std::string bytes = model_of(i).SerializeAsString();
    for (std::uint64_t hits = 1 + random() % 6; hits > 0; --hits) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    if (random() % 8 == 0 && !bytes.empty())
      bytes.insert(random() % bytes.size(), bytes.substr(random() % bytes.size(), 40));
    check_bytes(bytes);
  }
}

TEST_CASE("models with one to three things out of order are refused or read") {
  Random random(4);
  int read = 0;
  for (int i = 0; i < 6000; ++i) {
    onnx::ModelProto model = model_of(i);
    for (std::uint64_t hits = 1 + random() % 3; hits > 0; --hits) damage(*model.mutable_graph(), random);
    check_bytes(model.SerializeAsString());
    read += test::import_error(model).empty() ? 1 : 0;
  }
  CHECK(read > 300);
  CHECK(read < 5000);
}

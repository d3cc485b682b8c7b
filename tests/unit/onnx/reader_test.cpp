// SPDX-License-Identifier: Apache-2.0
// What the reader and the lowering say about models that are no networks.
#include <catch2/catch.hpp>

#include "small_model.h"

using namespace cimcycle;
using onnx::ModelProto;

namespace {

std::string error_after(const std::function<void(onnx::GraphProto&)>& change, bool quantized = false) {
  ModelProto model = test::small_model(quantized);
  change(*model.mutable_graph());
  return test::import_error(model);
}

onnx::NodeProto& node_of(onnx::GraphProto& graph, const std::string& name) {
  for (auto& node : *graph.mutable_node()) {
    if (node.name() == name) return node;
  }
  throw std::logic_error(name);
}

onnx::TensorProto& tensor_of(onnx::GraphProto& graph, const std::string& name) {
  for (auto& tensor : *graph.mutable_initializer()) {
    if (tensor.name() == name) return tensor;
  }
  throw std::logic_error(name);
}

}  // namespace

TEST_CASE("both small models are read") {
  CHECK(test::import_error(test::small_model(false)).empty());
  CHECK(test::import_error(test::small_model(true)).empty());
}

TEST_CASE("damage is named with file and place") {
  CHECK_THROWS_WITH(test::import_bytes("no model"), "m.onnx: no ONNX model (protobuf cannot parse it)");
  CHECK_THROWS_WITH(test::import_bytes(""), "m.onnx: no ONNX model (it has no graph)");
  CHECK(error_after([](auto& graph) { graph.clear_node(); }) == "m.onnx: the graph has no nodes");
  CHECK(error_after([](auto& graph) { tensor_of(graph, "w1").set_dims(0, 5); }) ==
        "m.onnx: tensor \"w1\": 90 elements, but its data have room for 72 at most");
  CHECK(error_after([](auto& graph) { tensor_of(graph, "w1").set_dims(0, -1); }) ==
        "m.onnx: tensor \"w1\": a side of -1: tensors have at most 268435456 elements");
  CHECK(error_after([](auto& graph) { tensor_of(graph, "w1").set_data_location(onnx::TensorProto::EXTERNAL); }) ==
        "m.onnx: tensor \"w1\": its data lie in another file, which is not read here");
  CHECK(error_after([](auto& graph) { node_of(graph, "one").set_input(0, "sum"); }).find("waits for its own output") !=
        std::string::npos);
  CHECK(error_after([](auto& graph) { node_of(graph, "one").set_input(0, "nowhere"); }) ==
        "m.onnx: node \"one\": its input \"nowhere\" is made nowhere");
  CHECK(error_after([](auto& graph) { graph.mutable_output(0)->set_name("sum"); }) ==
        "m.onnx: the output \"sum\" is 4 x 6 x 6, expected one value per class");
  CHECK(error_after([](auto& graph) { node_of(graph, "two").add_output("one"); }) ==
        "m.onnx: node \"two\": its output \"one\" is made twice");
}

TEST_CASE("all nodes that cannot be had are listed with what they need") {
  CHECK(error_after([](auto& graph) {
          node_of(graph, "relu").set_op_type("HardSwish");
          graph.add_initializer()->CopyFrom(tensor_of(graph, "w1"));
          graph.mutable_initializer(graph.initializer_size() - 1)->set_name("w4");
          onnx::NodeProto& node = *graph.add_node();
          node.set_op_type("Einsum");
          node.set_name("strange");
          node.add_input("input");
          node.add_output("unused");
        }) ==
        "m.onnx: 2 of 8 nodes cannot be imported; relu (HardSwish): an activation function other than Relu and Clip; "
        "train the model with one of these; strange (Einsum): an operator that the network format has no layer for");
  CHECK(error_after([](auto& graph) { node_of(graph, "w2_d").set_op_type("Identity"); }, true)
            .find("some tensors state their quantization, others do not; two: no quantized weights") !=
        std::string::npos);
}

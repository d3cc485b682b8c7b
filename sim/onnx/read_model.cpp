// SPDX-License-Identifier: Apache-2.0
// From protobuf to Model. Every input is hostile.
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/text.h"
#include "onnx/model.h"
#include "onnx/tensor_data.h"

namespace cimcycle::onnx_model {
namespace {

constexpr int most_nodes = 65536;
constexpr int most_rank = 8;
constexpr std::int64_t oldest_opset = 9;
constexpr std::uintmax_t most_bytes = (std::uintmax_t{1} << 31) - 1;  // what protobuf parses

class Reader {
 public:
  Reader(const onnx::ModelProto& proto, const std::string& file, const std::filesystem::path& folder)
      : graph_(proto.graph()), proto_(proto), folder_(folder) {
    model_.file = file;
  }

  Model run() {
    read_opset();
    if (graph_.node_size() == 0) fail("the graph has no nodes");
    if (graph_.node_size() > most_nodes)
      fail(fmt::format("{} nodes, expected at most {}", graph_.node_size(), most_nodes));
    if (graph_.sparse_initializer_size() > 0) fail("sparse initializers are not read");
    for (const auto& tensor : graph_.initializer()) add_constant(tensor.name(), tensor);
    read_input();
    for (int i = 0; i < graph_.node_size(); ++i) read_node(graph_.node(i), i);
    sort_nodes();
    read_output();
    return std::move(model_);
  }

 private:
  [[noreturn]] void fail(const std::string& text) const { fail_input("{}: {}", model_.file, text); }

  TensorSource source() { return {model_.file, folder_, elements_left_}; }

  void read_opset() {
    for (const auto& set : proto_.opset_import()) {
      if (set.domain().empty() || set.domain() == "ai.onnx") model_.opset = set.version();
    }
    if (model_.opset < oldest_opset) {
      fail(fmt::format("opset {}, expected {} or newer", model_.opset, oldest_opset));
    }
  }

  void add_constant(const std::string& name, const onnx::TensorProto& tensor) {
    if (name.empty()) fail("an initializer has no name");
    if (!model_.constants.emplace(name, read_tensor(tensor, source())).second) {
      fail(fmt::format("two initializers are named \"{}\"", printable(name)));
    }
    defined_.insert(name);
  }

  void read_input() {
    const onnx::ValueInfoProto* found = nullptr;
    for (const auto& input : graph_.input()) {
      if (model_.constants.contains(input.name())) continue;  // IR version 3: initializers are inputs, too
      if (found != nullptr) {
        fail(fmt::format("two inputs, \"{}\" and \"{}\"; a network has one, the image", printable(found->name()),
                         printable(input.name())));
      }
      found = &input;
    }
    if (found == nullptr) fail("no input");
    model_.input = found->name();
    defined_.insert(model_.input);
    const auto& shape = found->type().tensor_type().shape();
    if (!found->type().has_tensor_type() || (shape.dim_size() != 4 && shape.dim_size() != 2)) {
      fail(fmt::format("input \"{}\" has {} dimensions; expected batch, channels, height, width, or batch, length",
                       printable(model_.input), shape.dim_size()));
    }
    for (int i = 1; i < shape.dim_size(); ++i) {
      const auto& dim = shape.dim(i);
      if (!dim.has_dim_value() || dim.dim_value() < 1 || dim.dim_value() > 65536) {
        fail(fmt::format("input \"{}\": dimension {} is no number from 1 to 65536; only the batch may be open",
                         printable(model_.input), i));
      }
      model_.input_shape.push_back(dim.dim_value());
    }
    // A fixed batch is read as one of one image.
  }

  Attribute attribute(const Node& node, const onnx::AttributeProto& proto) {
    switch (proto.type()) {
      case onnx::AttributeProto::INT:
        return std::int64_t{proto.i()};
      case onnx::AttributeProto::FLOAT:
        return proto.f();
      case onnx::AttributeProto::STRING:
        return proto.s();
      case onnx::AttributeProto::INTS:
        return std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
      case onnx::AttributeProto::FLOATS:
        return std::vector<float>(proto.floats().begin(), proto.floats().end());
      case onnx::AttributeProto::TENSOR:
        return read_tensor(proto.t(), source());
      default:
        // A subgraph or the like: its operator is one that the lowering lists as unsupported.
        return std::string("attribute ") + printable(proto.name()) + " of " + node.op;
    }
  }

  void read_node(const onnx::NodeProto& proto, int index) {
    Node node;
    node.op = proto.op_type();
    if (!proto.domain().empty() && proto.domain() != "ai.onnx" && !known_domain(proto.domain())) {
      node.op = proto.domain() + "." + proto.op_type();
    }
    node.name = proto.name().empty() ? fmt::format("{}_{}", node.op, index) : proto.name();
    node.inputs.assign(proto.input().begin(), proto.input().end());
    node.outputs.assign(proto.output().begin(), proto.output().end());
    for (const auto& entry : proto.attribute()) node.attributes[entry.name()] = attribute(node, entry);
    for (const std::string& output : node.outputs) {
      if (!output.empty() && !defined_.insert(output).second) {
        fail(fmt::format("node \"{}\": its output \"{}\" is made twice", printable(node.name), printable(output)));
      }
    }
    model_.nodes.push_back(std::move(node));
  }

  static bool known_domain(const std::string& domain) {
    return domain == "com.microsoft" || domain.starts_with("qonnx.") || domain.starts_with("onnx.brevitas") ||
           domain.starts_with("finn.");
  }

  /// Puts every node behind the makers of its inputs. ONNX asks for such an order; some writers do not keep it.
  void sort_nodes() {
    std::map<std::string, int> maker;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      for (const std::string& output : model_.nodes[i].outputs) {
        if (!output.empty()) maker[output] = static_cast<int>(i);
      }
    }
    std::vector<int> waits(model_.nodes.size(), 0);
    std::vector<std::vector<int>> readers(model_.nodes.size());
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      for (const std::string& input : model_.nodes[i].inputs) {
        if (input.empty()) continue;
        if (!defined_.contains(input)) {
          fail(fmt::format("node \"{}\": its input \"{}\" is made nowhere", printable(model_.nodes[i].name),
                           printable(input)));
        }
        const auto found = maker.find(input);
        if (found == maker.end()) continue;
        ++waits[i];
        readers[static_cast<std::size_t>(found->second)].push_back(static_cast<int>(i));
      }
    }
    std::set<int> ready;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i] == 0) ready.insert(static_cast<int>(i));
    }
    std::vector<Node> sorted;
    while (!ready.empty()) {
      const auto next = static_cast<std::size_t>(*ready.begin());
      ready.erase(ready.begin());
      for (const int reader : readers[next]) {
        if (--waits[static_cast<std::size_t>(reader)] == 0) ready.insert(reader);
      }
      sorted.push_back(std::move(model_.nodes[next]));
    }
    if (sorted.size() != model_.nodes.size()) {
      const auto stuck = std::find_if(waits.begin(), waits.end(), [](int count) { return count > 0; });
      fail(fmt::format("node \"{}\" waits for its own output",
                       printable(model_.nodes[static_cast<std::size_t>(stuck - waits.begin())].name)));
    }
    model_.nodes = std::move(sorted);
  }

  void read_output() {
    if (graph_.output_size() != 1) {
      fail(fmt::format("{} outputs; a network has one, the values of the classes", graph_.output_size()));
    }
    model_.output = graph_.output(0).name();
    if (!defined_.contains(model_.output)) fail(fmt::format("output \"{}\" is made nowhere", printable(model_.output)));
  }

  const onnx::GraphProto& graph_;
  const onnx::ModelProto& proto_;
  const std::filesystem::path& folder_;
  Model model_;
  std::set<std::string> defined_;
  std::int64_t elements_left_ = most_elements;
};

}  // namespace

Model parse_model(const std::string& bytes, const std::string& file, const std::filesystem::path& folder) {
  // What protobuf thinks of damage, it would print; the error says it.
  google::protobuf::LogSilencer silence;
  onnx::ModelProto proto;
  if (!proto.ParseFromString(bytes)) fail_input("{}: no ONNX model (protobuf cannot parse it)", file);
  if (!proto.has_graph()) fail_input("{}: no ONNX model (it has no graph)", file);
  return Reader(proto, file, folder).run();
}

Model read_model(const std::filesystem::path& file) {
  const std::string shown = printable(file.string());
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  return parse_model(read_file(file, most_bytes), shown, folder);
}

}  // namespace cimcycle::onnx_model

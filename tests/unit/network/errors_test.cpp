// SPDX-License-Identifier: Apache-2.0
// The whole text of what the readers say about bad folders: a good folder, one change, one line.
#include <catch2/catch.hpp>

#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "error_text.h"
#include "network/network.h"
#include "sample_folder.h"
#include "temporary_folder.h"

using namespace cimcycle;
using nlohmann::json;
using test::FolderParts;
using test::raw_tensor;

namespace {

using Change = std::function<void(FolderParts&)>;

/// The value under a JSON pointer becomes `text`.
Change set(const std::string& pointer, const std::string& text) {
  return [=](FolderParts& parts) { parts.network[json::json_pointer(pointer)] = json::parse(text); };
}

Change drop(const std::string& pointer, const std::string& key) {
  return [=](FolderParts& parts) { parts.network[json::json_pointer(pointer)].erase(key); };
}

Change both(const Change& first, const Change& second) {
  return [=](FolderParts& parts) {
    first(parts);
    second(parts);
  };
}

Change tensor(const std::string& name, const std::string& dtype, int bits, const std::vector<std::int64_t>& shape,
              const std::vector<std::int64_t>& values) {
  return [=](FolderParts& parts) { parts.tensors[name] = raw_tensor(dtype, bits, shape, values); };
}

Change text(const std::string& network_text) {
  return [=](FolderParts& parts) { parts.network_text = network_text; };
}

Change tensors(const std::string& header, std::size_t data_bytes) {
  return
      [=](FolderParts& parts) { parts.tensors_text = test::safetensors_file(header, std::string(data_bytes, '\0')); };
}

/// Sixteen bytes of data under a header with these entries.
std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype": ")" + dtype + R"(", "shape": )" + shape + R"(, "data_offsets": )" + offsets + "}";
}

std::string error_of(const FolderParts& parts) {
  return test::input_error([&] { parse_network(parts.network_file(), parts.tensors_file(), {}); });
}

struct Row {
  Change change;
  std::string expected;
};

void check_rows(const std::vector<Row>& rows) {
  std::set<std::string> distinct;
  for (const Row& row : rows) {
    FolderParts parts = test::sample_folder();
    row.change(parts);
    CHECK(error_of(parts) == row.expected);
    distinct.insert(row.expected);
  }
  CHECK(distinct.size() == rows.size());
}

const std::string layer0 = "/layers/0";

}  // namespace

TEST_CASE("the unchanged folder is good") { CHECK(error_of(test::sample_folder()) == "no error"); }

TEST_CASE("network.json: the network itself") {
  check_rows({
      {text("{"),
       "network.json: line 1, column 1: syntax error while parsing object key - unexpected end of input; expected "
       "string literal"},
      {text("[]"), "network.json: found an array, expected an object"},
      {text(R"({"format": "cimcycle-network-1", "format": "x"})"),
       "network.json: line 1, column 41: key \"format\" stands twice in one object"},
      {set("/format", "\"cimcycle-network-2\""),
       "network.json: format: found \"cimcycle-network-2\", expected one of: cimcycle-network-1; did you mean "
       "cimcycle-network-1?"},
      {drop("", "format"), "network.json: format: missing, expected one of: cimcycle-network-1"},
      {set("/name", "\"\""), "network.json: name: found \"\", expected 1 to 100 printable ASCII characters"},
      {set("/name", "\"a\\nb\""), "network.json: name: found \"a\\nb\", expected 1 to 100 printable ASCII characters"},
      {set("/name", "7"), "network.json: name: found 7, expected a text"},
      {set("/dataset", "\"\\u001b[31m\""),
       "network.json: dataset: found \"\\x1b[31m\", expected at most 120 printable ASCII characters"},
      {set("/image/height", "0"), "network.json: image.height: found 0, expected an integer 1 to 65536"},
      {set("/image", R"({"channels": 2, "height": 65536, "width": 65536})"),
       "network.json: image: found [2, 65536, 65536], expected channels, rows and columns of 1 to 65536 and at most "
       "67108864 values"},
      {set("/image/depth", "1"), "network.json: image.depth: unknown key; known here: channels, height, width"},
      {set("/pad_value", "[3]"),
       "network.json: pad_value: found 1 values, expected one for each of the 2 image channels"},
      {set("/pad_value", "[3, 256]"), "network.json: pad_value[1]: found 256, expected an integer 0 to 255"},
      {both(set("/input_encoding", "\"twos_complement\""), set("/pad_value", "[0, 128]")),
       "network.json: pad_value[1]: found 128, expected an integer -128 to 127"},
      {set("/input_encoding", "\"sign_magnitude\""),
       "network.json: input_encoding: found \"sign_magnitude\", expected one of: unsigned, twos_complement"},
      {set("/float_top1", "91.5"), "network.json: float_top1: found 91.5, expected a number 0 to 1"},
      {set("/float_top1", "\"high\""), "network.json: float_top1: found \"high\", expected a number 0 to 1"},
      {set("/layers", "[]"), "network.json: layers: found 0 layers, expected 1 to 4096"},
      {set("/layers", "{}"), "network.json: layers: found an object, expected an array"},
      {set("/layers/0", "\"conv\""), "network.json: layers[0]: found \"conv\", expected an object"},
      {set("/comment", "\"x\""),
       "network.json: comment: unknown key; known here: format, name, image, input_encoding, pad_value, dataset, "
       "float_top1, provenance, layers"},
      {[](FolderParts& parts) {
         parts.network["padvalue"] = parts.network["pad_value"];
         parts.network.erase("pad_value");
       },
       "network.json: padvalue: unknown key; did you mean pad_value?"},
      {[](FolderParts& parts) { parts.network["layers"] = json(4097, json::object()); },
       "network.json: layers: found an array of 4097 elements, expected at most 4096"},
  });
}

TEST_CASE("network.json: names and connections") {
  check_rows({
      {set("/layers/9/name", "\"\""),
       "network.json: layers[9].name: found \"\", expected 1 to 100 printable ASCII characters without spaces"},
      {set("/layers/9/name", "\"a b\""),
       "network.json: layers[9].name: found \"a b\", expected 1 to 100 printable ASCII characters without spaces"},
      {set("/layers/9/name", "\"image\""),
       "network.json: layers[9].name: image names the network's input; choose another name"},
      {set("/layers/9/name", "\"stem\""), "network.json: layers[9].name: stem is the name of layers[0] already"},
      {set("/layers/0/kind", "\"convolution\""),
       "network.json: layers[0].kind: found \"convolution\", expected one of: conv, linear, max_pool, average_pool, "
       "concat"},
      {set("/layers/0/kind", "\"max_pol\""),
       "network.json: layers[0].kind: found \"max_pol\", expected one of: conv, linear, max_pool, average_pool, "
       "concat; "
       "did you mean max_pool?"},
      {set("/layers/5/kind", "\"concat\""),
       "network.json: layers[5].input: unknown key; did you mean layers[5].inputs?"},
      {both(set("/layers/5/kind", "\"concat\""), set("/layers/5/inputs", R"(["body"])")),
       "network.json: layers[5].inputs: found 1 inputs, expected at least 2"},
      {both(set("/layers/5/kind", "\"concat\""), set("/layers/5/inputs", R"(["body", "fc"])")),
       "network.json: layers[5].inputs[1]: found \"fc\", expected image or the name of a layer before this one"},
      {both(set("/layers/5/kind", "\"concat\""), set("/layers/5/inputs", R"(["body", "stem"])")),
       "network.json: layers[5].kernel: not allowed here: kind is concat"},
      {set("/layers/0/input", "\"imag\""),
       "network.json: layers[0].input: found \"imag\", expected image or the name of a layer before this one; did you "
       "mean image?"},
      {set("/layers/1/input", "\"fc\""),
       "network.json: layers[1].input: found \"fc\", expected image or the name of a layer before this one"},
      {set("/layers/4/input", "\"pre\""),
       "network.json: layer body: input pre has output signed; a layer reads unsigned activations only"},
      {set("/layers/4/input", "\"down\""),
       "network.json: layer body: input down has output accumulator; a layer reads unsigned activations only"},
      {both(both(set("/input_encoding", "\"twos_complement\""), set("/pad_value", "[0, 0]")),
            set("/layers/5/input", "\"image\"")),
       "network.json: layer peak: kind max_pool cannot read an image with input_encoding twos_complement; conv and "
       "linear can"},
  });
}

TEST_CASE("network.json: shapes and windows") {
  check_rows({
      {set("/layers/0/shape", "[2, 4]"), "network.json: layers[0].shape: found 2 values, expected 3"},
      {set("/layers/0/shape", "[2, 4, 5]"),
       "network.json: layer stem: shape [2, 4, 5]: input [2, 4, 4] with kernel [3, 3], stride 1, padding 1 gives [2, "
       "4, 4]"},
      {set("/layers/9/shape", "[3, 1, 2]"),
       "network.json: layer fc: shape [3, 1, 2]: input [6, 1, 1] with kernel [1, 1], stride 1, padding 0 gives [3, 1, "
       "1]"},
      {set("/layers/5/shape", "[3, 1, 1]"),
       "network.json: layer peak: shape [3, 1, 1]: input [4, 2, 2] with kernel [2, 2], stride 1, padding 0 gives [4, "
       "1, 1]"},
      {set("/layers/0/shape", "[2, 4, 70000]"),
       "network.json: layers[0].shape[2]: found 70000, expected an integer 1 to 65536"},
      {set("/layers/0/kernel", "[3]"), "network.json: layers[0].kernel: found 1 values, expected 2"},
      {set("/layers/0/kernel", "[0, 3]"), "network.json: layers[0].kernel[0]: found 0, expected an integer 1 to 65536"},
      {set("/layers/0/kernel", "\"global\""), "network.json: layers[0].kernel: found \"global\", expected an array"},
      {set("/layers/5/kernel", "\"whole\""),
       "network.json: layers[5].kernel: found \"whole\", expected [height, width] or \"global\""},
      {set("/layers/8/stride", "1"), "network.json: layers[8].stride: not allowed here: kernel is global"},
      {set("/layers/0/kernel", "[9, 9]"),
       "network.json: layer stem: kernel [9, 9], stride 1, padding 1: the kernel does not fit the input [2, 4, 4]"},
      {set("/layers/0/padding", "3"),
       "network.json: layer stem: kernel [3, 3], stride 1, padding 3: padding must be smaller than the kernel, "
       "dilation "
       "included"},
      {set("/layers/0/padding", "-1"), "network.json: layers[0].padding: found -1, expected an integer 0 to 65536"},
      {set("/layers/0/stride", "0"), "network.json: layers[0].stride: found 0, expected an integer 1 to 65536"},
      {set("/layers/0/padding", "[1, 1, 3, 1]"),
       "network.json: layer stem: kernel [3, 3], stride 1, padding [1, 1, 3, 1]: padding must be smaller than the "
       "kernel, dilation included"},
      {set("/layers/0/padding", "[1, 1]"), "network.json: layers[0].padding: found 2 values, expected one or 4"},
      {set("/layers/0/stride", "[1, 0]"), "network.json: layers[0].stride[1]: found 0, expected an integer 1 to 65536"},
      {set("/layers/0/dilation", "[1, 3]"),
       "network.json: layer stem: kernel [3, 3], stride 1, dilation [1, 3], padding 1: the kernel does not fit the "
       "input [2, 4, 4]"},
      {set("/layers/5/dilation", "2"),
       "network.json: layers[5].dilation: unknown key; known here: name, kind, input, shape, kernel, stride, padding, "
       "output, bits, digital, residual, dec3"},
      {set("/layers/0/groups", "3"),
       "network.json: layer stem: groups is 3, which must divide the 2 channels of the input and the 2 of the results"},
      {set("/layers/0/groups", "2"), "weights.safetensors: tensor stem.weight: shape [2, 18], expected [2, 9]"},
      {set("/layers/0/pad_value", "7"),
       "network.json: layer stem: pad_value is 7, which only conv and average_pool layers have whose input comes from "
       "a layer; expected 0"},
      {set("/layers/0/count_padding", "false"),
       "network.json: layers[0].count_padding: unknown key; did you mean layers[0].padding?"},
      {set("/layers/9/kernel", "[1, 1]"), "network.json: layers[9].kernel: not allowed here: kind is linear"},
      {drop(layer0, "kernel"), "network.json: layers[0].kernel: missing, expected an array"},
      {drop(layer0, "shape"), "network.json: layers[0].shape: missing, expected an array"},
      {set("/layers/0/offset", "2"),
       "network.json: layers[0].offset: unknown key; known here: name, kind, input, shape, groups, dilation, "
       "pad_value, kernel, stride, padding, output, bits, digital, residual, dec3"},
      {both(set("/image", R"({"channels": 65536, "height": 1, "width": 1})"),
            both([](FolderParts& parts) { parts.network["pad_value"] = json(65536, 0); },
                 both(set("/layers/0/shape", "[65536, 1, 1]"),
                      both(set("/layers/0/kernel", "[1, 1]"), set("/layers/0/padding", "0"))))),
       "network.json: layer stem: 4294967296 weights up to here, expected at most 268435456"},
  });
}

TEST_CASE("network.json: bits, outputs, digital constants") {
  check_rows({
      {set("/layers/0/bits/input", "4"), "network.json: layer stem: input bits are 4, but image gives 8"},
      {set("/layers/1/bits/input", "5"), "network.json: layer down: input bits are 5, but stem gives 4"},
      {set("/layers/0/bits/output", "9"), "network.json: layers[0].bits.output: found 9, expected an integer 1 to 8"},
      {set("/layers/5/bits/output", "7"),
       "network.json: layer peak: output bits are 7, but a maximum of 8-bit inputs has 8"},
      {drop("/layers/0/bits", "output"), "network.json: layers[0].bits.output: missing, expected an integer 1 to 8"},
      {set("/layers/9/bits/output", "8"), "network.json: layers[9].bits.output: not allowed here: output is logits"},
      {set("/layers/0/output", "\"relu\""),
       "network.json: layers[0].output: found \"relu\", expected one of: unsigned, signed, accumulator, logits, "
       "recorded"},
      {both(set("/layers/9/output", "\"unsigned\""), set("/layers/9/bits/output", "8")),
       "network.json: layer fc: output is unsigned, but the last layer gives logits"},
      {both(set("/layers/8/output", "\"logits\""), drop("/layers/8/bits", "output")),
       "network.json: layer mean: output is logits, which only the last layer gives"},
      {set("/layers/5/output", "\"signed\""),
       "network.json: layer peak: output is signed, but max_pool gives unsigned activations"},
      {[](FolderParts& parts) {
         parts.network["layers"][8]["output"] = "accumulator";
         parts.network["layers"][8]["bits"].erase("output");
         parts.network["layers"][8].erase("digital");
       },
       "network.json: layer mean: output is accumulator, which only a conv layer gives, not average_pool"},
      {set("/layers/1/digital", R"({"n": 0})"),
       "network.json: layers[1].digital: not allowed here: the layer's results are not requantized"},
      {drop(layer0, "digital"), "network.json: layers[0].digital: missing, expected an object"},
      {set("/layers/0/digital/n", "63"), "network.json: layers[0].digital.n: found 63, expected an integer 0 to 62"},
      {set("/layers/0/digital/m", "1"), "network.json: layers[0].digital.m: unknown key; known here: n"},
      {[](FolderParts& parts) {
         json& layers = parts.network["layers"];
         layers.erase(layers.begin() + 1, layers.end());
         layers[0]["output"] = "logits";
         layers[0]["bits"].erase("output");
       },
       "network.json: layer stem: shape [2, 4, 4]: logits are one value per class, [classes, 1, 1]"},
  });
}

TEST_CASE("network.json: residuals") {
  check_rows({
      {set("/layers/3/residual/source", "\"prev\""),
       "network.json: layers[3].residual.source: found \"prev\", expected image or the name of a layer before this "
       "one; did you mean pre?"},
      {set("/layers/3/residual/source", "\"fc\""),
       "network.json: layers[3].residual.source: found \"fc\", expected image or the name of a layer before this one"},
      {set("/layers/3/residual/kind", "\"identiy\""),
       "network.json: layers[3].residual.kind: found \"identiy\", expected one of: identity, option_a, projection; did "
       "you mean identity?"},
      {set("/layers/3/residual/kind", "\"projection\""),
       "network.json: layer join: residual: kind projection needs a conv with output accumulator, but source pre gives "
       "signed activations"},
      {set("/layers/3/residual", R"({"source": "image", "kind": "projection"})"),
       "network.json: layer join: residual: kind projection needs a conv with output accumulator, but source image "
       "gives unsigned activations"},
      {set("/layers/3/residual/source", "\"down\""),
       "network.json: layer join: residual: source down gives accumulators, which need kind projection, not identity"},
      {set("/layers/3/residual/source", "\"stem\""),
       "network.json: layer join: residual: identity from stem gives [2, 4, 4], but the layer's shape is [4, 2, 2]"},
      {set("/layers/3/residual/stride", "1"),
       "network.json: layers[3].residual.stride: not allowed here: kind is not option_a"},
      {set("/layers/7/residual/pad_back", "2"),
       "network.json: layer wide: residual: option_a from body gives [7, 1, 1], but the layer's shape is [6, 1, 1]"},
      {set("/layers/7/residual/stride", "0"),
       "network.json: layers[7].residual.stride: found 0, expected an integer 1 to 65536"},
      {drop("/layers/7/residual", "pad_front"),
       "network.json: layers[7].residual.pad_front: missing, expected an integer 0 to 65536"},
      {set("/layers/8/residual", R"({"source": "body", "kind": "identity"})"),
       "network.json: layer mean: residual: identity from body gives [4, 2, 2], but the layer's shape is [6, 1, 1]"},
      {set("/layers/5/residual", R"({"source": "body", "kind": "identity"})"),
       "network.json: layer peak: residual: only layers whose results are requantized take one"},
  });
}

TEST_CASE("network.json: dec3") {
  check_rows({
      {set("/layers/3/dec3/lb", "1"),
       "network.json: layer join: dec3: hb 7 and lb 1, expected hb from 8, 6, 4, 2, 1 and lb from 6, 4, 2, 1, 0 with "
       "hb + lb of at most 8 (without a gate and with gate digits or inputs also hb 1 to 8 with lb 0)"},
      {set("/layers/3/dec3",
           R"({"hb": 4, "lb": 2, "gate": "digits", "digits": {"high": 3, "thresholds": [0, 0, 0, 0]}})"),
       "network.json: layer join: dec3: gate digits needs lb 0, but lb is 2"},
      {drop("/layers/3/dec3", "digits"), "network.json: layers[3].dec3.digits: missing, expected an object"},
      {set("/layers/3/dec3/gate", "\"none\""),
       "network.json: layers[3].dec3.digits: not allowed here: gate is not digits"},
      {set("/layers/3/dec3/granularity", "\"output\""),
       "network.json: layers[3].dec3.granularity: not allowed here: gate is digits"},
      {set("/layers/3/dec3/threshold", "1"),
       "network.json: layers[3].dec3.threshold: not allowed here: gate is digits"},
      {set("/layers/3/dec3/digits/high", "4"),
       "network.json: layer join: dec3: digits: high is 4, expected 1 to 3 of the 4 input bits"},
      {set("/layers/3/dec3/digits/high", "0"),
       "network.json: layers[3].dec3.digits.high: found 0, expected an integer 1 to 7"},
      {set("/layers/3/dec3/digits/low", "1"),
       "network.json: layers[3].dec3.digits.low: unknown key; known here: high, thresholds"},
      {set("/layers/3/dec3/digits/thresholds", "[1, 2, 3]"),
       "network.json: layer join: dec3: digits: 3 thresholds, expected one for each of the 4 outputs"},
      {set("/layers/3/dec3/digits/thresholds/1", "2147483648"),
       "network.json: layers[3].dec3.digits.thresholds[1]: found 2147483648, expected an integer -2147483648 to "
       "2147483647"},
      {set("/layers/3/dec3/digits/thresholds/1", "null"),
       "network.json: layers[3].dec3.digits.thresholds[1]: found null, expected an integer -2147483648 to 2147483647"},
      {drop(layer0, "dec3"), "network.json: layers[0].dec3: missing, expected an object"},
      {set("/layers/5/dec3", R"({"hb": 8, "lb": 0})"),
       "network.json: layers[5].dec3: not allowed here: only conv and linear layers have weights"},
      {set("/layers/0/dec3/hb", "\"four\""),
       "network.json: layers[0].dec3.hb: found \"four\", expected an integer 1 to 8"},
      {set("/layers/0/dec3/hb", "5"),
       "network.json: layer stem: dec3: hb 5 and lb 4, expected hb from 8, 6, 4, 2, 1 and lb from 6, 4, 2, 1, 0 with "
       "hb + lb of at most 8 (without a gate and with gate digits or inputs also hb 1 to 8 with lb 0)"},
      {set("/layers/0/dec3/hb", "6"),
       "network.json: layer stem: dec3: hb 6 and lb 4, expected hb from 8, 6, 4, 2, 1 and lb from 6, 4, 2, 1, 0 with "
       "hb + lb of at most 8 (without a gate and with gate digits or inputs also hb 1 to 8 with lb 0)"},
      {set("/layers/0/dec3/lb", "8"), "network.json: layers[0].dec3.lb: found 8, expected an integer 0 to 7"},
      {set("/layers/3/dec3", R"({"hb": 7, "lb": 0, "gate": "max", "threshold": 1})"),
       "network.json: layer join: dec3: hb 7 and lb 0, expected hb from 8, 6, 4, 2, 1 and lb from 6, 4, 2, 1, 0 with "
       "hb + lb of at most 8 (without a gate and with gate digits or inputs also hb 1 to 8 with lb 0)"},
      {set("/layers/6/dec3/split", "\"floor\""),
       "network.json: layer mix: dec3: split floor needs hb of at least 2 or lb 0; with hb 1 use round"},
      {set("/layers/0/dec3/split", "\"truncate\""),
       "network.json: layers[0].dec3.split: found \"truncate\", expected one of: round, floor"},
      {set("/layers/0/dec3/gate", "\"maximum\""),
       "network.json: layers[0].dec3.gate: found \"maximum\", expected one of: none, max, mean, digits, inputs"},
      {set("/layers/2/dec3/granularity", "\"ou\""),
       "network.json: layers[2].dec3.granularity: not allowed here: gate is none"},
      {set("/layers/2/dec3/threshold", "5"), "network.json: layers[2].dec3.threshold: not allowed here: gate is none"},
      {drop("/layers/0/dec3", "threshold"), "network.json: layers[0].dec3.threshold: missing, but gate is max"},
      {set("/layers/0/dec3/threshold", "-1"),
       "network.json: layers[0].dec3.threshold: found -1, expected an integer 0 to 2147483647 or null"},
      {set("/layers/0/dec3/threshold", "2147483648"),
       "network.json: layers[0].dec3.threshold: found 2147483648, expected an integer 0 to 2147483647 or null"},
      {set("/layers/0/dec3/threshold", "2.5"),
       "network.json: layers[0].dec3.threshold: found 2.5, expected an integer 0 to 2147483647 or null"},
      {set("/layers/0/dec3/threshold", "[25]"),
       "network.json: layers[0].dec3.threshold: found an array, expected an integer 0 to 2147483647 or null"},
      {set("/layers/0/dec3/threshold_per", "\"output\""),
       "network.json: layers[0].dec3.threshold: found 25, expected an array"},
      {set("/layers/4/dec3/threshold", "[1, \"x\"]"),
       "network.json: layers[4].dec3.threshold[1]: found \"x\", expected an integer 0 to 2147483647 or null"},
      {set("/layers/4/dec3/threshold", "[1, 2, 3, 4, 5]"),
       "network.json: layer body: dec3: 5 thresholds with threshold_per output_block, expected at most the 4 outputs"},
      {set("/layers/4/dec3/threshold", "[]"), "network.json: layer body: dec3: gate mean needs a threshold"},
      {set("/layers/7/dec3/threshold", "[1, 2]"),
       "network.json: layer wide: dec3: 2 thresholds with threshold_per output, expected one for each of the 6 "
       "outputs"},
      {both(set("/layers/4/dec3/threshold_per", "\"output\""), set("/layers/4/dec3/threshold", "[1, 2, 3, 4]")),
       "network.json: layer body: dec3: gate mean has one importance per output block; threshold_per output needs gate "
       "max"},
      {set("/layers/0/dec3/granularity", "\"outputs\""),
       "network.json: layers[0].dec3.granularity: found \"outputs\", expected one of: ou, output_block, output; did "
       "you mean output?"},
      {set("/layers/0/dec3/adc_step_msb", "0"),
       "network.json: layers[0].dec3.adc_step_msb: found 0, expected an integer 1 to 1048576"},
      {set("/layers/1/dec3/adc_step_lsb", "1"),
       "network.json: layer down: dec3: adc_step_lsb needs low bits, but lb is 0"},
      {set("/layers/0/dec3/tresh", "1"),
       "network.json: layers[0].dec3.tresh: unknown key; known here: hb, lb, split, gate, digits, granularity, "
       "threshold_per, threshold, adc_step_msb, adc_step_lsb"},
  });
}

TEST_CASE("weights.safetensors: the file") {
  check_rows({
      {[](FolderParts& parts) { parts.tensors_text = "1234567"; },
       "weights.safetensors: 7 bytes are no safetensors file, which starts with the 8-byte length of its header"},
      {[](FolderParts& parts) { parts.tensors_text = std::string(7, '\0') + "\x40{}"; },
       "weights.safetensors: the header should be 4611686018427387904 bytes long, but only 2 follow its length"},
      {[](FolderParts& parts) { parts.tensors_text = std::string(8, '\xff') + "{}"; },
       "weights.safetensors: the header should be 18446744073709551615 bytes long, but only 2 follow its length"},
      {tensors("{\"a\": ", 0),
       "weights.safetensors: header: line 1, column 6: syntax error while parsing value - unexpected end of input; "
       "expected '[', '{', or a literal"},
      {tensors("[]", 0), "weights.safetensors: header: found an array, expected an object"},
      {tensors(R"({"a": {}, "a": {}})", 0),
       "weights.safetensors: header: line 1, column 13: key \"a\" stands twice in one object"},
      {tensors(R"({"a": 1})", 0), "weights.safetensors: tensor a: found 1, expected an object"},
      {tensors(R"({"a": )" + entry("F32", "[4]", "[0, 16]") + "}", 16),
       "weights.safetensors: tensor a.dtype: found \"F32\", expected one of: I8, U8, I16, I32, I64; did you mean I32?"},
      {tensors(R"({"a": )" + entry("I8", "[16]", "[0, 17]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets[1]: found 17, expected an integer 0 to 16"},
      {tensors(R"({"a": )" + entry("I8", "[16]", "[0]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets: found [0], expected a begin and an end that is not smaller"},
      {tensors(R"({"a": )" + entry("I8", "[16]", "[16, 0]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets: found [16, 0], expected a begin and an end that is not smaller"},
      {tensors(R"({"a": )" + entry("I8", "[16]", "[0, 18446744073709551615]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets[1]: found 18446744073709551615, expected an integer 0 to 16"},
      {tensors(R"({"a": )" + entry("I8", "[16]", "[0.0, 16]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets[0]: found 0.0, expected an integer 0 to 16"},
      {tensors(R"({"a": )" + entry("I32", "[2, 3]", "[0, 16]") + "}", 16),
       "weights.safetensors: tensor a.data_offsets: [0, 16] hold 16 bytes, but shape [2, 3] of I32 needs 24"},
      {tensors(R"({"a": )" + entry("I8", "[1099511627776, 1099511627776]", "[0, 0]") + "}", 16),
       "weights.safetensors: tensor a.shape: [1099511627776, 1099511627776] has more values than 64 bits can count"},
      {tensors(R"({"a": )" + entry("I8", "[-16]", "[0, 16]") + "}", 16),
       "weights.safetensors: tensor a.shape[0]: found -16, expected an integer 0 to 1099511627776"},
      {tensors(R"({"a": )" + entry("I8", "[1,1,1,1,1,1,1,1,16]", "[0, 16]") + "}", 16),
       "weights.safetensors: tensor a.shape: found an array of 9 elements, expected at most 8"},
      {tensors(R"({"a": )" + entry("I8", "[10]", "[0, 10]") + R"(, "b": )" + entry("I8", "[7]", "[9, 16]") + "}", 16),
       "weights.safetensors: tensors a and b overlap"},
      {tensors(R"({"a": )" + entry("I8", "[8]", "[0, 8]") + R"(, "b": )" + entry("I8", "[7]", "[9, 16]") + "}", 16),
       "weights.safetensors: data bytes 8 to 8 belong to no tensor"},
      {tensors(R"({"a": )" + entry("I8", "[8]", "[0, 8]") + "}", 16),
       "weights.safetensors: data bytes 8 to 15 belong to no tensor"},
      {tensors(R"({"a": {"dtype": "I8", "shape": [1], "data_offsets": [0, 1], "byteorder": "big"}})", 1),
       "weights.safetensors: tensor a.byteorder: unknown key; known here: dtype, shape, data_offsets"},
      {tensors("{}", 0), "weights.safetensors: tensor stem.weight is missing"},
  });
}

TEST_CASE("weights.safetensors: its tensors") {
  const std::vector<std::int64_t> zeros36(36, 0);
  std::vector<std::int64_t> out_of_range = zeros36;
  out_of_range[17] = 127;
  check_rows({
      {[](FolderParts& parts) { parts.tensors.erase("fc.m"); }, "weights.safetensors: tensor fc.m is missing"},
      {tensor("fc.bias", "I32", 32, {1}, {0}),
       "weights.safetensors: tensor fc.bias: no layer of the network asks for it"},
      {tensor("fc.removed_group", "U8", 8, {1}, {0}),
       "weights.safetensors: tensor fc.removed_group: no layer of the network asks for it; did you mean "
       "fc.removed_groups?"},
      {tensor("peak.m", "I32", 32, {4}, {1, 1, 1, 1}),
       "weights.safetensors: tensor peak.m: no layer of the network asks for it"},
      {tensor("stem.weight", "I8", 8, {36}, zeros36),
       "weights.safetensors: tensor stem.weight: shape [36], expected [2, 18]"},
      {tensor("stem.weight", "I8", 8, {2, 2, 3, 3}, zeros36),
       "weights.safetensors: tensor stem.weight: shape [2, 2, 3, 3], expected [2, 18]"},
      {tensor("stem.weight", "U8", 8, {2, 18}, zeros36),
       "weights.safetensors: tensor stem.weight: dtype U8, expected I8 or I16"},
      {tensor("stem.weight", "I8", 8, {2, 18}, out_of_range),
       "network.json: layer stem: weight[17] is 127, but hb 4, lb 4 and split round allow -128 to 119"},
      {tensor("stem.m", "I64", 64, {2}, {1, 1}), "weights.safetensors: tensor stem.m: dtype I64, expected I32"},
      {tensor("stem.c", "I32", 32, {2}, {1, 1}), "weights.safetensors: tensor stem.c: dtype I32, expected I64"},
      {tensor("stem.c", "I64", 64, {3}, {1, 1, 1}), "weights.safetensors: tensor stem.c: shape [3], expected [2]"},
      {tensor("body.r", "I32", 32, {2}, {1, 1}), "weights.safetensors: tensor body.r: shape [2], expected [4]"},
      {tensor("wide.weight", "I8", 8, {6, 4}, std::vector<std::int64_t>(24, 0)),
       "network.json: layer wide: weight[0] is 0, but hb 1 with lb 0 allows -1 and 1 only"},
      {tensor("wide.weight", "I8", 8, {6, 4}, std::vector<std::int64_t>(24, 2)),
       "network.json: layer wide: weight[0] is 2, but hb 1 with lb 0 allows -1 and 1 only"},
      {tensor("pre.weight", "I16", 16, {4, 8}, std::vector<std::int64_t>(32, -9)),
       "network.json: layer pre: weight[0] is -9, but hb 2, lb 2 and split floor allow -8 to 7"},
      {tensor("stem.c", "I64", 64, {2}, {0, 9223372036854775807}),
       "network.json: layer stem: output 1: z may leave 64 bits with m 101, r 0, c 9223372036854775807 and n 10"},
      {tensor("stem.c", "I64", 64, {2}, {std::numeric_limits<std::int64_t>::min(), 0}),
       "network.json: layer stem: output 0: z may leave 64 bits with m 100, r 0, c -9223372036854775808 and n 10"},
      {both(tensor("body.m", "I32", 32, {4}, {-2147483648, 0, 0, 0}), tensor("body.r", "I32", 32, {1}, {-2147483648})),
       "network.json: layer body: output 0: z may leave 64 bits with m -2147483648, r -2147483648, c -5000000000 and n "
       "0"},
      {tensor("body.removed_groups", "U8", 8, {2}, {0, 2}),
       "network.json: layer body: removed_groups[1] is 2, expected 0 or 1"},
      {tensor("body.removed_groups", "U8", 8, {145}, std::vector<std::int64_t>(145, 0)),
       "network.json: layer body: removed_groups has 145 entries, more than the 144 weights"},
      {tensor("body.removed_groups", "U8", 8, {1, 3}, {0, 0, 0}),
       "weights.safetensors: tensor body.removed_groups: shape [1, 3], expected [1]"},
      {tensor("stem.removed_groups", "U8", 8, {1}, {0}),
       "network.json: layer stem: removed_groups need a gate max or mean and lb 0"},
  });
}

TEST_CASE("weights.safetensors: packed weights") {
  const Change no_shape = [](FolderParts& parts) { parts.tensors.erase("down.group_shape"); };
  const Change no_kept = [](FolderParts& parts) { parts.tensors.erase("down.kept_groups"); };
  check_rows({
      {tensor("mix.weight", "I8", 8, {4, 4}, std::vector<std::int64_t>(16, 0)),
       "weights.safetensors: tensor mix.weight: no layer of the network asks for it"},
      {tensor("mix.weight_packed", "U8", 8, {5}, {0, 0, 0, 0, 0}),
       "weights.safetensors: tensor mix.weight_packed: shape [5], expected [4]"},
      {tensor("mix.weight_packed", "I8", 8, {4}, {0, 0, 0, 0}),
       "weights.safetensors: tensor mix.weight_packed: dtype I8, expected U8"},
      {set("/layers/6/dec3/lb", "2"), "weights.safetensors: tensor mix.weight_packed: shape [4], expected [6]"},
      {tensor("fc.weight_packed", "U8", 8, {14}, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10}),
       "weights.safetensors: tensor fc.weight_packed: bits behind the last of its 108 are set, expected 0"},
      {both(tensor("wide.kept_groups", "U8", 8, {1}, {1}), tensor("wide.weight_packed", "U8", 8, {3}, {0, 0, 0})),
       "weights.safetensors: tensor wide.group_shape is missing"},
      {tensor("mix.kept_groups", "U8", 8, {1}, {0}), "weights.safetensors: tensor mix.group_shape is missing"},
      {tensor("stem.kept_groups", "U8", 8, {1}, {0}),
       "weights.safetensors: tensor stem.kept_groups: no layer of the network asks for it; did you mean "
       "mix.kept_groups?"},
      {no_shape, "weights.safetensors: tensor down.group_shape is missing"},
      {both(no_kept, tensor("down.weight_packed", "U8", 8, {8}, std::vector<std::int64_t>(8, 0))),
       "weights.safetensors: tensor down.group_shape: no layer of the network asks for it"},
      {tensor("down.kept_groups", "U8", 8, {1}, {4}),
       "weights.safetensors: tensor down.kept_groups: bits behind the last of its 2 are set, expected 0"},
      {tensor("down.kept_groups", "U8", 8, {2}, {1, 0}),
       "weights.safetensors: tensor down.kept_groups: shape [2], expected [1]"},
      {tensor("down.kept_groups", "U8", 8, {1}, {3}),
       "weights.safetensors: tensor down.weight_packed: shape [4], expected [8]"},
      {tensor("down.group_shape", "I32", 32, {2}, {1, 1}),
       "weights.safetensors: tensor down.weight_packed: shape [4], expected [1]"},
      {tensor("down.group_shape", "I32", 32, {2}, {0, 2}),
       "weights.safetensors: tensor down.group_shape: found [0, 2], expected rows and outputs of 1 to 65536"},
      {tensor("down.group_shape", "I32", 32, {2}, {2, 65537}),
       "weights.safetensors: tensor down.group_shape: found [2, 65537], expected rows and outputs of 1 to 65536"},
      {tensor("down.group_shape", "I32", 32, {3}, {2, 2, 2}),
       "weights.safetensors: tensor down.group_shape: shape [3], expected [2]"},
      {both([](FolderParts& parts) { parts.tensors.erase("wide.weight"); },
            both(tensor("wide.weight_packed", "U8", 8, {0}, {}),
                 both(tensor("wide.kept_groups", "U8", 8, {1}, {0}),
                      tensor("wide.group_shape", "I32", 32, {2}, {16, 16})))),
       "network.json: layer wide: weight[0] is 0, but hb 1 with lb 0 allows -1 and 1 only"},
  });
}

TEST_CASE("folders and files that are not there") {
  const test::ScratchFolder scratch;
  const std::string at = scratch.path().string();
  const auto load = [](const std::filesystem::path& path) { return test::input_error([&] { load_network(path); }); };
  CHECK(load(at + "/none") == at + "/none: no folder with a network (network.json and weights.safetensors)");
  CHECK(load(at) == at + "/network.json: no such file");
  const FolderParts parts = test::sample_folder();
  scratch.write("network.json", parts.network_file());
  CHECK(load(at + "/network.json") ==
        at + "/network.json: no folder with a network (network.json and weights.safetensors)");
  CHECK(load(at) == at + "/weights.safetensors: no such file");

  scratch.write("weights.safetensors", parts.tensors_file());
  CHECK(load_network(scratch.path()) == parse_network(parts.network_file(), parts.tensors_file(), {}));
  scratch.write("weights.safetensors", "");
  CHECK(load(at).starts_with(at + "/weights.safetensors: 0 bytes"));
  scratch.write("network.json", "");
  CHECK(load(at).starts_with(at + "/network.json: line 1"));
}

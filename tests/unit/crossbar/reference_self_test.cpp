// SPDX-License-Identifier: Apache-2.0
// The slow twin against numbers worked out by hand.
// The worked example is the one of docs/models/numerics.md.
#include <catch2/catch.hpp>

#include "reference_cells.h"
#include "reference_layer.h"
#include "reference_layout.h"
#include "reference_network.h"

using namespace cimcycle;
using namespace cimcycle_reference;

namespace {

using Numbers = std::vector<std::int64_t>;

/// 4 rows, 2 outputs, (2,2), 2-bit activations, 1-bit cells and digits, one OU of 4 x 2, ideal converter, no gate.
struct Example {
  Hardware hardware;
  Layer layer;
  std::vector<int> x = {3, 1, 2, 0};

  Example() {
    hardware.crossbar = {4, 8};
    hardware.ou = {4, 2};
    hardware.cell.bits = 1;
    hardware.input.digit_bits = 1;
    hardware.adc.bits = 1;
    hardware.adc.transfer = AdcTransfer::ideal;
    layer.kind = LayerKind::linear;
    layer.input = 0;
    layer.in = {4, 1, 1};
    layer.out = {2, 1, 1};
    layer.input_bits = 2;
    layer.weights = {5, -8, -3, 2, -1, 1, 4, -6};
    layer.dec3.hb = 2;
    layer.dec3.lb = 2;
  }
  void gate(GateKind kind, std::int64_t threshold) {
    layer.dec3.gate = kind;
    layer.dec3.threshold = {threshold};
  }
  LayerReading read(Gates gates = Gates::as_described) const {
    ReadOptions options;
    options.gates = gates;
    return read_layer(layer, hardware, x, options);
  }
};

std::int64_t count_of(const LayerReading& reading, Action action) {
  return reading.actions[static_cast<std::size_t>(action)];
}

std::vector<std::int64_t> counts(const LayerReading& r) {
  std::vector<std::int64_t> result(r.actions.begin(), r.actions.begin() + 11);
  return result;
}

std::int64_t value(std::int64_t sum, const AdcSpec& adc, int rows, int slice_bits, int digit_bits, int step = 1) {
  return convert(sum, adc, rows, slice_bits, digit_bits, step).value;
}

}  // namespace

TEST_CASE("the worked example, exact") {
  Example e;
  const LayerReading reading = e.read();
  CHECK(reading.high[0][0] == Numbers{-1, 2});
  CHECK(reading.low[0][0] == Numbers{5, -2});
  CHECK(reading.acc[0] == Numbers{1, 6});
  // activation, row, column, level, level 0, conversion, offset, shift-add, accumulation, comparison, decision
  CHECK(counts(reading) == Numbers{2, 4, 16, 22, 32, 16, 2, 16, 4, 0, 0});
  CHECK(reading.msb_reads == 4);
  CHECK(reading.lsb_reads == 4);
  CHECK(reading.lsb_reads_possible == 4);
  CHECK(reading.clipped_conversions == 0);
  CHECK(reading.open.empty());
}

TEST_CASE("the worked example through a 1-bit clipping converter") {
  Example e;
  e.hardware.adc.transfer = AdcTransfer::clip;
  const LayerReading reading = e.read();
  CHECK(reading.high[0][0] == Numbers{-3, -4});
  CHECK(reading.low[0][0] == Numbers{-3, -3});
  CHECK(reading.acc[0] == Numbers{-15, -19});
  CHECK(reading.clipped_conversions == 7);
}

TEST_CASE("the worked example behind a gate") {
  Example e;
  e.gate(GateKind::max, 2);
  const LayerReading open = e.read();
  CHECK(open.acc[0] == Numbers{1, 6});
  CHECK(open.open[0][0][0] == 1);
  CHECK(counts(open) == Numbers{4, 8, 16, 22, 32, 16, 2, 16, 4, 2, 1});
  CHECK(open.gate_decisions == 1);
  CHECK(open.gates_closed == 0);

  e.gate(GateKind::max, 3);
  const LayerReading closed = e.read();
  CHECK(closed.acc[0] == Numbers{-4, 8});
  CHECK(counts(closed) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 2, 1});
  CHECK(closed.lsb_reads == 0);
  CHECK(closed.lsb_reads_possible == 4);
  CHECK(closed.gates_closed == 1);

  e.gate(GateKind::mean, 1);
  CHECK(e.read().gates_closed == 0);
  e.gate(GateKind::mean, 2);
  CHECK(e.read().gates_closed == 1);
  e.gate(GateKind::max, never_opens);
  CHECK(e.read().gates_closed == 1);

  e.gate(GateKind::max, 0);
  e.layer.dec3.granularity = GateGranularity::output;
  e.layer.dec3.threshold_per = Dec3::ThresholdPer::output;
  e.layer.dec3.threshold = {2, 2};
  const LayerReading per_output = e.read();
  CHECK(per_output.acc[0] == Numbers{-4, 6});
  CHECK(counts(per_output) == Numbers{4, 8, 16, 22, 32, 16, 2, 16, 3, 2, 2});
  CHECK(per_output.gate_decisions == 2);
  CHECK(per_output.gates_closed == 1);
}

TEST_CASE("forced gates are the layer without a gate, and the MSB path alone") {
  Example e;
  const Numbers ungated = counts(e.read());
  e.gate(GateKind::max, 3);
  CHECK(counts(e.read(Gates::all_open)) == ungated);
  const LayerReading closed = e.read(Gates::all_closed);
  CHECK(counts(closed) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 0, 0});
  CHECK(closed.gate_decisions == 0);
}

TEST_CASE("the worked example in other cells") {
  Example e;
  SECTION("unit column") {
    e.hardware.mapping.offset_sum = OffsetSum::unit_column;
    CHECK(counts(e.read()) == Numbers{2, 4, 18, 26, 36, 18, 0, 16, 4, 0, 0});
    e.hardware.adc.transfer = AdcTransfer::clip;
    const LayerReading lossy = e.read();
    CHECK(lossy.high[0][0] == Numbers{3, 2});  // X_r = 3 instead of 6
    CHECK(lossy.clipped_conversions == 9);
  }
  SECTION("flip") {
    e.hardware.mapping.flip = true;
    const LayerReading reading = e.read();
    CHECK(reading.acc[0] == Numbers{1, 6});
    CHECK(counts(reading) == Numbers{2, 4, 16, 12, 32, 16, 2, 16, 4, 0, 0});
    e.hardware.adc.transfer = AdcTransfer::clip;
    // Inverted: MSB slice 1 of output 1, MSB slice 0 and LSB slice 1 of output 0; their sums are 0 or 1.
    const LayerReading lossy = e.read();
    CHECK(lossy.high[0][0] == Numbers{-1, 2});
    CHECK(lossy.low[0][0] == Numbers{3, -3});
    CHECK(lossy.clipped_conversions == 2);
  }
  SECTION("differential") {
    e.hardware.mapping.cells = CellMapping::differential;
    e.hardware.crossbar.cols = 16;
    e.hardware.ou.cols = 5;  // two outputs and a column that stays unused
    CHECK_THROWS_AS(e.read(), std::invalid_argument);
    e.hardware.crossbar.cols = 20;
    CHECK(counts(e.read()) == Numbers{2, 4, 32, 11, 64, 32, 0, 32, 4, 0, 0});
    e.hardware.mapping.subtract = Subtract::analog;
    CHECK(counts(e.read()) == Numbers{2, 4, 32, 11, 64, 16, 0, 16, 4, 0, 0});
    CHECK(e.read().acc[0] == Numbers{1, 6});
  }
  SECTION("two's complement") {
    e.hardware.mapping.cells = CellMapping::twos_complement;
    const LayerReading reading = e.read();
    CHECK(reading.acc[0] == Numbers{1, 6});
    CHECK(count_of(reading, Action::offset_digit) == 0);
    // Levels: Wh 01 10 11 01 and 00 00 01 11, Wl 01 00 01 10 and 11 01 00 10.
    CHECK(count_of(reading, Action::array_level) == (1 + 1 + 2 + 1) + (0 + 1) + 3 + (2 + 2 + 1));
  }
  SECTION("separate crossbars") {
    e.hardware.mapping.lsb = LsbPlacement::separate_crossbars;
    CHECK(counts(e.read()) == Numbers{4, 8, 16, 22, 32, 16, 2, 16, 4, 0, 0});
  }
}

TEST_CASE("rows without a digit") {
  Example e;
  e.x = {1, 1, 0, 0};  // the high digit has no active row
  CHECK(counts(e.read()) == Numbers{2, 2, 16, 10, 16, 16, 2, 16, 4, 0, 0});
  e.hardware.schedule.row_policy = RowPolicy::skip_zero_groups;
  e.gate(GateKind::max, 1);
  const LayerReading reading = e.read();
  CHECK(reading.digits[0][0] == 1);
  CHECK(counts(reading) == Numbers{2, 4, 8, 10, 16, 8, 1, 8, 4, 2, 1});
  CHECK(reading.zero_skipped == 4);
  CHECK(reading.lsb_reads_possible == 2);

  e.x = {0, 0, 0, 0};
  const LayerReading empty = e.read();
  CHECK(counts(empty) == Numbers(11, 0));
  CHECK(empty.zero_skipped == 4);  // the gate is closed: its LSB reads are not among them
  CHECK(empty.gate_decisions == 1);
  CHECK(empty.gates_closed == 1);
  e.gate(GateKind::max, 0);
  CHECK(e.read().zero_skipped == 8);
  CHECK(e.read().gates_closed == 0);
}

TEST_CASE("pruning mode") {
  Example e;
  e.layer.dec3.lb = 0;
  e.layer.weights = {1, -2, -1, 1, 0, 0, 1, -1};  // the high parts of the example: Ph = -1, 2
  e.gate(GateKind::max, 3);
  CHECK(e.read().acc[0] == Numbers{0, 0});
  CHECK(counts(e.read()) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 0, 2, 1});
  e.hardware.gate.mask_known = MaskKnown::oracle;
  CHECK(counts(e.read()) == Numbers(11, 0));
  CHECK(e.read().gates_closed == 1);
  CHECK(e.read(Gates::all_open).acc[0] == Numbers{-1, 2});
  CHECK(counts(e.read(Gates::all_closed)) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 0, 0});
  e.hardware.gate.mask_known = MaskKnown::static_;
  CHECK(e.read().acc[0] == Numbers{-1, 2});
  CHECK(counts(e.read()) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 0, 0});
  e.layer.dec3.removed_groups = {1};
  CHECK(e.read().acc[0] == Numbers{0, 0});
  CHECK(counts(e.read()) == Numbers(11, 0));
  CHECK(e.read().gates_closed == 1);
}

TEST_CASE("a gate on inputs: their sum is 6, known before the read") {
  Example e;
  e.hardware.gate.input_sums = true;
  e.gate(GateKind::inputs, 6);
  CHECK(e.read().acc[0] == Numbers{1, 6});
  // One step over both paths, one sum compared.
  CHECK(counts(e.read()) == Numbers{2, 4, 16, 22, 32, 16, 2, 16, 4, 1, 1});
  CHECK(count_of(e.read(), Action::input_sum) == 1);
  e.gate(GateKind::inputs, 7);
  CHECK(e.read().acc[0] == Numbers{-4, 8});
  CHECK(counts(e.read()) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 1, 1});

  e.layer.dec3.lb = 0;
  e.layer.weights = {1, -2, -1, 1, 0, 0, 1, -1};  // the high parts of the example: Ph = -1, 2
  CHECK(e.read().acc[0] == Numbers{0, 0});
  CHECK(counts(e.read()) == Numbers{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1});
  e.hardware.gate.mask_known = MaskKnown::static_;  // nothing is removed for such a gate
  e.gate(GateKind::inputs, 6);
  CHECK(e.read().acc[0] == Numbers{-1, 2});
  CHECK(counts(e.read()) == Numbers{2, 4, 8, 10, 16, 8, 2, 8, 2, 1, 1});
}

TEST_CASE("signed activations: the top digit counts negative") {
  Example e;
  e.x = {-2, 1, -1, 0};
  ReadOptions options;
  options.signed_inputs = true;
  CHECK(read_layer(e.layer, e.hardware, e.x, options).acc[0] == Numbers{-15, -1});
  CHECK_THROWS_AS(e.read(), std::invalid_argument);
}

TEST_CASE("weight parts") {
  Dec3 dec3;
  const auto parts = [&](int weight) {
    const Parts p = split(weight, dec3);
    return std::pair(p.high, p.low);
  };
  dec3.hb = dec3.lb = 4;
  CHECK(parts(119) == std::pair(7, 7));
  CHECK(parts(-128) == std::pair(-8, 0));
  CHECK(parts(8) == std::pair(1, -8));
  CHECK(parts(7) == std::pair(0, 7));
  CHECK(parts(-9) == std::pair(-1, 7));
  CHECK_THROWS(parts(120));
  CHECK_THROWS(parts(-129));
  dec3.split = Split::floor;
  CHECK(parts(127) == std::pair(7, 15));
  CHECK(parts(-1) == std::pair(-1, 15));
  dec3 = {};
  dec3.hb = 1;
  CHECK(parts(1) == std::pair(1, 0));
  CHECK(parts(-1) == std::pair(-1, 0));
  CHECK_THROWS(parts(0));
  dec3.lb = 2;
  CHECK(high_power(dec3) == 1);
  CHECK(parts(3) == std::pair(1, 1));
  CHECK(parts(0) == std::pair(1, -2));
  CHECK(parts(-1) == std::pair(-1, 1));
  CHECK(parts(-4) == std::pair(-1, -2));
  CHECK_THROWS(parts(4));
}

TEST_CASE("converters") {
  AdcSpec adc;
  adc.bits = 2;
  adc.transfer = AdcTransfer::full_scale;
  CHECK(value(1, adc, 4, 1, 1) == 1);
  CHECK(value(2, adc, 4, 1, 1) == 3);
  CHECK(value(3, adc, 4, 1, 1) == 3);
  CHECK(value(4, adc, 4, 1, 1) == 4);
  CHECK(value(2, adc, 3, 1, 1) == 2);
  CHECK(value(-2, adc, 4, 1, 1) == -3);
  adc.bits = 4;
  CHECK(value(9, adc, 2, 2, 2) == 10);
  adc.bits = 2;
  adc.transfer = AdcTransfer::calibrated;
  CHECK(value(1, adc, 4, 1, 1, 2) == 2);
  CHECK(value(3, adc, 4, 1, 1, 2) == 4);
  CHECK_FALSE(convert(6, adc, 4, 1, 1, 2).clipped);
  CHECK(convert(7, adc, 4, 1, 1, 2).clipped);
  CHECK(value(7, adc, 4, 1, 1, 2) == 6);
  adc.transfer = AdcTransfer::levels;
  adc.levels = {2, 5};
  CHECK(value(1, adc, 9, 1, 1) == 0);
  CHECK(value(4, adc, 9, 1, 1) == 2);
  CHECK_FALSE(convert(5, adc, 9, 1, 1, 1).clipped);
  CHECK(convert(6, adc, 9, 1, 1, 1).clipped);
  adc.level_values = {0, 3, 7};
  CHECK(value(6, adc, 9, 1, 1) == 7);
  CHECK_FALSE(convert(7, adc, 9, 1, 1, 1).clipped);
  CHECK(convert(8, adc, 9, 1, 1, 1).clipped);
}

TEST_CASE("layout") {
  Example e;
  e.hardware.crossbar = {128, 128};
  e.hardware.ou = {16, 16};
  e.layer.in.channels = 144;
  e.layer.out.channels = 35;
  e.layer.dec3.hb = e.layer.dec3.lb = 4;
  Layout layout = lay_out(e.layer, e.hardware);
  CHECK(layout.groups.size() == 9);
  CHECK(layout.groups[4].crossbar == 0);
  CHECK(layout.groups[5].crossbar == 1);
  CHECK(layout.blocks.size() == 3);
  CHECK(layout.blocks[2].outputs == 3);
  CHECK(layout.column_crossbars == 3);
  e.hardware.mapping.lsb = LsbPlacement::separate_crossbars;
  layout = lay_out(e.layer, e.hardware);
  CHECK(layout.column_crossbars == 2);
  CHECK(layout.lsb_column_crossbars == 2);
  CHECK(layout.blocks[1].lsb_crossbar == 0);
  CHECK(layout.blocks[2].lsb_crossbar == 1);
  e.hardware.mapping.rows = RowSpread::fill;
  layout = lay_out(e.layer, e.hardware);
  CHECK(layout.groups[7].crossbar == 0);
  CHECK(layout.groups[8].crossbar == 1);
  e.hardware.ou.rows = 50;
  layout = lay_out(e.layer, e.hardware);  // 50 50 28 | 16
  REQUIRE(layout.groups.size() == 4);
  CHECK(layout.groups[2].rows == 28);
  CHECK(layout.groups[3].first_row == 128);
  CHECK(layout.groups[3].crossbar == 1);
  e.hardware.mapping.rows = RowSpread::even;
  layout = lay_out(e.layer, e.hardware);  // 50 50 | 44
  REQUIRE(layout.groups.size() == 3);
  CHECK(layout.groups[1].crossbar == 0);
  CHECK(layout.groups[2].rows == 44);
  CHECK(pieces(7, 3) == std::vector<int>{3, 3, 1});
}

TEST_CASE("an integer network by hand") {
  Network network;
  network.image = {1, 2, 2};
  network.pad_value = {7};
  const auto add = [&](LayerKind kind, int input, Shape in, Shape out, int kernel, std::vector<std::int16_t> weights,
                       OutputKind output, int bits, Digital digital) -> Layer& {
    Layer layer;
    layer.kind = kind;
    layer.input = input;
    layer.in = in;
    layer.out = out;
    layer.kernel_h = layer.kernel_w = kernel;
    layer.weights = std::move(weights);
    layer.output = output;
    layer.output_bits = bits;
    layer.digital = std::move(digital);
    network.layers.push_back(layer);
    return network.layers.back();
  };
  const OutputKind relu = OutputKind::unsigned_activation;
  add(LayerKind::conv, image_input, {1, 2, 2}, {1, 3, 3}, 2, {1, 2, 3, -1}, relu, 4, {{1}, {-21}, 1}).padding = 1;
  add(LayerKind::max_pool, 0, {1, 3, 3}, {1, 2, 2}, 2, {}, relu, 4, {});
  Layer& average = add(LayerKind::average_pool, 0, {1, 3, 3}, {1, 2, 2}, 3, {}, relu, 4, {{3}, {1}, 2});
  average.stride = 2;
  average.padding = 1;
  add(LayerKind::conv, 0, {1, 3, 3}, {2, 2, 2}, 1, {2, -1}, OutputKind::accumulator, 4, {}).stride = 2;
  add(LayerKind::conv, 1, {1, 2, 2}, {2, 2, 2}, 1, {1, -3}, OutputKind::signed_activation, 4, {{2, 1}, {0, 1}, 1})
      .residual = Residual{3, Residual::Kind::projection, 1, 0, 0, {1, -2}};
  add(LayerKind::conv, 2, {1, 2, 2}, {3, 2, 2}, 1, {0, 1, 1}, relu, 5, {{1, 1, 1}, {0, 0, 0}, 0}).residual =
      Residual{0, Residual::Kind::option_a, 2, 1, 1, {2}};
  add(LayerKind::conv, 1, {1, 2, 2}, {2, 2, 2}, 1, {1, 1}, relu, 4, {{1, 1}, {0, 0}, 0}).residual =
      Residual{4, Residual::Kind::identity, 1, 0, 0, {1}};
  add(LayerKind::linear, 6, {2, 2, 2}, {1, 1, 1}, 1, {1, -1, 1, -1, 1, -1, 1, -1}, OutputKind::logits, 8,
      {{3}, {-100}, 5});

  const std::vector<LayerValues> results = IntegerNetwork{network}.evaluate({1, 2, 3, 4});
  REQUIRE(results.size() == 8);
  CHECK(results[0].acc == Numbers{41, 22, 20, 27, 10, 21, 27, 25, 32});
  CHECK(results[0].values == Numbers{10, 1, 0, 3, 0, 0, 3, 2, 6});
  CHECK(results[1].values == Numbers{10, 1, 3, 6});
  CHECK(results[2].acc == Numbers{14, 1, 8, 8});
  CHECK(results[2].values == Numbers{11, 1, 6, 6});
  CHECK(results[3].values == Numbers{20, 0, 6, 12, -10, 0, -3, -6});
  CHECK(results[4].values == Numbers{7, 1, 6, 7, -5, -1, -1, -3});
  CHECK(results[5].values == Numbers{0, 0, 0, 0, 31, 1, 12, 18, 11, 1, 6, 6});
  CHECK(results[6].values == Numbers{15, 2, 9, 13, 5, 0, 2, 3});
  CHECK(results[7].values == Numbers{-61});

  CHECK(round_half_away(5, 1) == 3);
  CHECK(round_half_away(-5, 1) == -3);
  CHECK(round_half_away(-5, 0) == -5);
  CHECK(round_half_away(std::int64_t{1} << 61, 62) == 1);
  CHECK(round_half_away(-(std::int64_t{1} << 61) + 1, 62) == 0);
}

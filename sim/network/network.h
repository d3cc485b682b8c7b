// SPDX-License-Identifier: Apache-2.0
// A quantized network: layers in order, integer weights, integer digital constants, DE-C3 annotations.
//
// The integers here are the whole truth of the network; float scales in a file are information only. For every output
// value z = acc * m_c + res * r + c_c in int64, then
//   with ReLU            y = clamp(round_half_away(z / 2^n), 0, 2^a - 1)
//   without              y = clamp(round_half_away(z / 2^n), -2^(a-1), 2^(a-1) - 1)   (may only feed residual inputs)
//   the last layer       logit = z
// where acc is the layer's int32 accumulator and res the residual activation (or the projection's accumulator).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cimcycle {

/// Channels, rows and columns of an activation tensor; a linear layer's vector is {size, 1, 1}.
struct Shape {
  int channels = 0;
  int height = 0;
  int width = 0;
  /// channels * height * width
  std::int64_t size() const { return std::int64_t{channels} * height * width; }
  bool operator==(const Shape&) const = default;
};

/// One number per direction of an image: down, then across.
struct Directions {
  int height = 1;
  int width = 1;
  constexpr Directions(int both) : height(both), width(both) {}
  constexpr Directions(int down, int across) : height(down), width(across) {}
  bool operator==(const Directions&) const = default;
};

/// Rows and columns added around an image.
struct Border {
  int top = 0;
  int left = 0;
  int bottom = 0;
  int right = 0;
  constexpr Border(int all) : top(all), left(all), bottom(all), right(all) {}
  constexpr Border(int t, int l, int b, int r) : top(t), left(l), bottom(b), right(r) {}
  bool operator==(const Border&) const = default;
};

/// A concat lays its inputs' channels one behind the other and requantizes them.
enum class LayerKind { conv, linear, max_pool, average_pool, concat };

/// How the weight is split into its high and low part (see docs/models/numerics.md).
enum class Split { round, floor };

/// `max`, `mean`: of the partial sums. `digits`: digit gating, what lies behind the gate are the low digits of the
/// activations, not low bits of weights. `inputs`: the sum of a row group's activations, known before they are read.
enum class GateKind { none, max, mean, digits, inputs };
enum class GateGranularity { ou, output_block, output };

/// The words of these enums in network.json, reports and messages, in the order of the enumerators.
inline constexpr std::array<std::string_view, 5> layer_kind_words = {"conv", "linear", "max_pool", "average_pool",
                                                                     "concat"};
inline constexpr std::array<std::string_view, 2> split_words = {"round", "floor"};
inline constexpr std::array<std::string_view, 5> gate_words = {"none", "max", "mean", "digits", "inputs"};
inline constexpr std::array<std::string_view, 3> granularity_words = {"ou", "output_block", "output"};
/// The word of an enumerator, e.g. word_of(layer_kind_words, layer.kind).
template <std::size_t size, class Enum>
constexpr std::string_view word_of(const std::array<std::string_view, size>& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

/// A threshold that never opens (JSON null: MSB only).
inline constexpr std::int64_t never_opens = -1;

/// The DE-C3 annotation of a conv or linear layer.
struct Dec3 {
  int hb = 0;  ///< high bits, always read
  int lb = 0;  ///< low bits, read where the gate opens
  Split split = Split::round;
  GateKind gate = GateKind::none;
  GateGranularity granularity = GateGranularity::ou;
  /// Non-negative, or `never_opens`. One entry (the layer), or one per output block, or one per output. Empty with
  /// gate none. Which of the three it is follows from `threshold_per`.
  std::vector<std::int64_t> threshold;
  enum class ThresholdPer { layer, output_block, output } threshold_per = ThresholdPer::layer;
  /// Gate digits: the activation bits that are always read, and per output the signed sum of their partial sums above
  /// which the low digits are read, too. lb is 0, granularity output, `threshold` empty.
  int high_digit_bits = 0;
  std::vector<std::int32_t> digit_threshold;
  /// `calibrated` ADC transfer: integer step of the MSB and the LSB path.
  std::optional<int> adc_step_msb, adc_step_lsb;
  /// gate.mask_known = static: OU groups (row group major, then output block) that are removed from the hardware.
  /// 1 = removed. Empty: none recorded.
  std::vector<std::uint8_t> removed_groups;
  /// Whether the gate looks at partial sums, which are known after their read.
  bool looks_at_sums() const { return gate == GateKind::max || gate == GateKind::mean; }
  /// Whether calibration can choose the thresholds: those of a digit gate come from training.
  bool has_free_threshold() const { return gate != GateKind::none && gate != GateKind::digits; }
  /// Whether reads lie behind what is always read: of low weight bits, or of low digits.
  bool has_low_part() const { return lb > 0 || gate == GateKind::digits; }
  bool operator==(const Dec3&) const = default;
};
inline constexpr std::array<std::string_view, 3> threshold_per_words = {"layer", "output_block", "output"};
/// Largest threshold that is a number: partial sums are int32.
inline constexpr std::int64_t largest_threshold = 2147483647;

/// Which tensor is added to a layer's accumulator before requantization.
struct Residual {
  int source = 0;  ///< index of the producing layer, or `image_input`
  enum class Kind {
    identity,    ///< the activation itself
    option_a,    ///< every stride-th row and column, channels padded with zeros in front and at the back
    projection,  ///< the accumulator of a 1x1 convolution layer
  } kind = Kind::identity;
  int stride = 1;
  int pad_front = 0;
  int pad_back = 0;
  /// r: one entry, or one per output channel.
  std::vector<std::int32_t> multiplier;
  bool operator==(const Residual&) const = default;
};
inline constexpr std::array<std::string_view, 3> residual_kind_words = {"identity", "option_a", "projection"};

/// Index of the image as a layer input.
inline constexpr int image_input = -1;

/// A layer whose input is not computed but recorded from somewhere else (a trace); see Network::recorded().
inline constexpr int recorded_input = -2;

/// What a layer's results are.
enum class OutputKind {
  unsigned_activation,  ///< ReLU and requantization, 0 .. 2^a - 1
  signed_activation,    ///< requantization without ReLU; may only feed residual inputs
  accumulator,          ///< the raw int32 accumulator: a projection, may only feed a residual input of kind projection
  logits,               ///< z itself, the last layer; one value per class (out is {classes, 1, 1})
  recorded,             ///< activations that nobody computes: the network is recorded
};
inline constexpr std::array<std::string_view, 5> output_kind_words = {"unsigned", "signed", "accumulator", "logits",
                                                                      "recorded"};

/// The integer constants that turn accumulators into results. Empty for max_pool and for accumulator and recorded
/// outputs.
struct Digital {
  std::vector<std::int32_t> m;  ///< per output channel
  std::vector<std::int64_t> c;  ///< per output channel
  int n = 0;                    ///< right shift, 0 to 62 (not used for logits)
  bool operator==(const Digital&) const = default;
};

struct Layer {
  std::string name;
  LayerKind kind = LayerKind::conv;
  int input = image_input;       ///< index of the layer that produces the input, or image_input, or recorded_input
  std::vector<int> more_inputs;  ///< concat: the producers of the second input and all behind it
  Shape in;  ///< what the input gives; linear: that as a vector, {size, 1, 1}; concat: all inputs together
  Shape out;
  int kernel_h = 1, kernel_w = 1;  ///< linear: 1, as are stride and (0) padding
  Directions stride = 1;
  Directions dilation = 1;  ///< conv: distance of neighbouring kernel elements on the input
  Border padding = 0;
  int groups = 1;     ///< conv: channel groups that see nothing of each other; in and out have a multiple of them
  int pad_value = 0;  ///< what padding holds in every channel, if the input comes from a layer: its code for 0
  /// average_pool: whether padding counts as elements of the mean. If not, it adds nothing, and the multiplier of a
  /// position is mean_multiplier() of the elements that its window has on the input.
  bool counts_padding = true;
  int input_bits = 8;   ///< a of the input activations
  int output_bits = 8;  ///< a of the results (activations only; 8 for accumulators and logits)
  OutputKind output = OutputKind::unsigned_activation;
  /// conv and linear: [out.channels][rows_per_output()], rows in the order (channel of the output's group, ky, kx).
  std::vector<std::int16_t> weights;
  Digital digital;
  std::optional<Residual> residual;
  Dec3 dec3;

  /// Whether the layer slides a window over its input.
  bool has_window() const { return kind != LayerKind::linear && kind != LayerKind::concat; }
  bool has_weights() const { return kind == LayerKind::conv || kind == LayerKind::linear; }
  /// Wordlines that one input vector occupies: in.channels * kernel_h * kernel_w (linear: in.size()).
  int rows() const {
    return kind == LayerKind::linear ? static_cast<int>(in.size()) : in.channels * kernel_h * kernel_w;
  }
  /// Rows that one output's sum runs over: those of its channel group.
  int rows_per_output() const { return rows() / groups; }
  int outputs_per_group() const { return out.channels / groups; }
  std::int64_t weights_needed() const { return std::int64_t{rows_per_output()} * out.channels; }
  /// Input rows and columns that a window reaches over.
  std::int64_t window_height() const { return std::int64_t{kernel_h - 1} * dilation.height + 1; }
  std::int64_t window_width() const { return std::int64_t{kernel_w - 1} * dilation.width + 1; }
  /// Input vectors per image: output positions (linear: 1).
  int vectors() const { return out.height * out.width; }
  /// Multiply-accumulates per image (0 for pooling).
  std::int64_t macs() const { return has_weights() ? std::int64_t{rows_per_output()} * vectors() * out.channels : 0; }
  /// Bits of one value that the layer hands on: its activation bits, or 32 for accumulators and logits.
  int result_bits() const {
    return output == OutputKind::accumulator || output == OutputKind::logits ? 32 : output_bits;
  }
  /// Whether results are made with m, c and n.
  bool has_digital() const {
    return kind != LayerKind::max_pool && output != OutputKind::accumulator && output != OutputKind::recorded;
  }
  /// Whether results are activations of output_bits bits.
  bool gives_activations() const {
    return output == OutputKind::unsigned_activation || output == OutputKind::signed_activation ||
           output == OutputKind::recorded;
  }
  bool operator==(const Layer&) const = default;
};

struct Network {
  std::string name;
  Shape image;                 ///< what the first layer reads (recorded: the shape of its input)
  std::vector<int> pad_value;  ///< per image channel: what padding of the image holds
  bool signed_inputs = false;  ///< input_encoding twos_complement: imported traces only
  /// [image.channels][256]: the code that stands for each pixel value; empty: the value itself.
  std::vector<std::uint8_t> image_codes;
  std::vector<Layer> layers;         ///< in execution order; the last one gives the logits
  std::string dataset;               ///< default dataset ("synthetic", "cifar10", ...)
  std::optional<double> float_top1;  ///< accuracy of the float network, from training
  std::string provenance = "null";   ///< JSON text, free-form: training command, calibration, hashes
  std::string hash;                  ///< content hash of the files it came from (empty if made in code)

  /// Every layer with weights has an input of its own, recorded from one image, and hands on nothing that is computed.
  /// Such a network has no accuracy; counts, energy and time are those of any other.
  bool recorded() const { return !layers.empty() && layers.front().input == recorded_input; }
  /// Whether the layer's input is two's complement: signed_inputs holds for what does not come from another layer.
  bool reads_signed(const Layer& layer) const { return signed_inputs && layer.input < 0; }
  /// What padding of the layer's input holds, per channel: the image's pad_value for who reads it (recorded: the first
  /// layer), else the layer's own.
  std::vector<int> padding_of(const Layer& layer) const {
    const bool is_image = layer.input == image_input || (recorded() && &layer == &layers.front());
    return is_image ? pad_value : std::vector<int>(static_cast<std::size_t>(layer.in.channels), layer.pad_value);
  }
  bool operator==(const Network&) const = default;
};

/// Place in Layer::weights of the weight at a row of the layer, of an output counted within the row's channel group.
inline std::ptrdiff_t weight_index(const Layer& layer, int output, int row) {
  const std::ptrdiff_t rows = layer.rows_per_output(), group = row / rows;
  return (group * layer.outputs_per_group() + output) * rows + row % rows;
}

/// Range of weights that a layer with this annotation may hold; hb = 1 with lb = 0 allows its two ends only.
struct WeightRange {
  int min = 0;
  int max = 0;
};
WeightRange weight_range(const Dec3& dec3);

/// The two parts of one weight. W = 2^lb * high + low (hb = 1 with lb > 0: W = 2^(lb-1) * high + low; high is then -1
/// or 1).
struct SplitWeight {
  int high = 0;
  int low = 0;
};
SplitWeight split_weight(int weight, const Dec3& dec3);

/// Power of two by which the high part's partial sums enter the accumulator: lb, or lb - 1 if hb = 1 and lb > 0.
int high_shift(const Dec3& dec3);

/// m of a mean over fewer elements than the kernel has: m times kernel elements / elements, rounded to the nearest
/// integer, halves away from zero.
std::int64_t mean_multiplier(const Layer& layer, std::int32_t m, std::int64_t elements);

/// A magnitude that the layer's accumulator cannot exceed with an ideal ADC: from its weights and input range, whatever
/// gates decide, for unsigned and signed inputs. 0 for max_pool.
std::int64_t accumulator_bound(const Layer& layer);

/// Reads a network folder (network.json and weights.safetensors; docs/formats/network.md). Throws InputError.
Network load_network(const std::filesystem::path& folder);

/// The same from the bytes of the two files; `folder` stands in messages only.
Network parse_network(const std::string& network_json, std::string weights, const std::filesystem::path& folder);

/// The files of a network folder: {"network.json": ..., "weights.safetensors": ...}. Checks the network first.
/// What load_network makes of them is equal to `network`, but for the hash.
std::map<std::string, std::string> network_files(const Network& network);

/// Checks before long work that a network can be written there. Throws InputError, RunError.
void check_network_folder(const std::filesystem::path& folder);

/// Writes the files of a network folder whole or not at all; a network that lies there is replaced. Throws InputError,
/// RunError.
void save_network(const Network& network, const std::filesystem::path& folder);

/// Checks everything that load_network promises (shapes connect, ranges hold, no overflow). `file` stands in messages.
void check_network(const Network& network, const std::string& file);

}  // namespace cimcycle

// SPDX-License-Identifier: Apache-2.0
// A pooling layer on one tile. Its course has no choice in it, so it needs no events.
#include <algorithm>
#include <vector>

#include "chip/input_window.h"
#include "chip/layer_time.h"
#include "chip/memory_path.h"

namespace cimcycle {
namespace {

// Input values of one output position over all channels: those of the window that lie on the input.
std::int64_t window_values(const Layer& layer, int vector) {
  const auto covered = [&](int output, int kernel, int inputs, int stride, int padding) {
    const std::int64_t start = std::int64_t{output} * stride - padding;
    return std::min<std::int64_t>(inputs, start + kernel) - std::max<std::int64_t>(0, start);
  };
  const std::int64_t rows =
      covered(vector / layer.out.width, layer.kernel_h, layer.in.height, layer.stride.height, layer.padding.top);
  const std::int64_t cols =
      covered(vector % layer.out.width, layer.kernel_w, layer.in.width, layer.stride.width, layer.padding.left);
  return std::max<std::int64_t>(0, rows) * std::max<std::int64_t>(0, cols) * layer.in.channels;
}

class PoolingRun {
 public:
  PoolingRun(const Layer& layer, const Hardware& hardware, const TimingSpec& spec)
      : layer_(layer),
        hardware_(hardware),
        spec_(spec),
        window_(input_window(layer)),
        read_path_(widths()),
        write_path_(widths(), 1) {
    check_window_fits(window_, layer, hardware.chip.tile_buffer_bits);
  }

  LayerTime run() {
    const std::int64_t capacity = hardware_.chip.tile_buffer_bits / window_.position_bits;
    for (const std::uint8_t kept : window_.kept) {
      // Room comes from the windows before; all positions that they need have been sent.
      while (kept != 0 && held_ >= capacity) take_window();
      read_path_.blocked_until(room_);
      arrivals_.push_back(read_path_.fetch(read_path_.free_at(), window_.position_bits));
      held_ += kept;
    }
    while (vector_ < window_.needed.size()) take_window();
    return collect();
  }

 private:
  MemoryWidths widths() const { return {hardware_.chip.global_port_bits, hardware_.chip.link_bits, spec_.link_cycles}; }

  // The vector unit goes through the next window, then its positions leave the buffer.
  void take_window() {
    const int needed = window_.needed[vector_];
    const int lanes = hardware_.chip.vector_lanes;
    if (needed > 0) unit_.stall_until(arrivals_[static_cast<std::size_t>(needed) - 1], Stall::input);
    if (layer_.residual) {
      const std::int64_t operand_bits = std::int64_t{layer_.out.channels} * spec_.residual_bits;
      unit_.stall_until(read_path_.fetch(read_path_.free_at(), operand_bits), Stall::input);
    }
    unit_.busy_until(unit_.free_at() + cycles_for(window_values(layer_, static_cast<int>(vector_)), lanes));
    held_ -= window_.freed[vector_];
    room_ = unit_.free_at();
    const std::int64_t bits = std::int64_t{layer_.out.channels} * layer_.result_bits();
    const Cycle sent = write_path_.send(0, unit_.free_at() + spec_.vector_cycles, bits);
    unit_.stall_until(sent - spec_.vector_cycles, Stall::link);
    ++vector_;
  }

  LayerTime collect() {
    LayerTime time;
    time.cycles = write_path_.written();
    unit_.idle_until(time.cycles);
    time.vector_units = unit_.counts();
    read_path_.finish(time.cycles, time.global_buffer, time.links);
    write_path_.finish(time.cycles, time.global_buffer, time.links);
    return time;
  }

  const Layer& layer_;
  const Hardware& hardware_;
  const TimingSpec& spec_;
  const InputWindow window_;
  ReadPath read_path_;
  WritePath write_path_;
  Station unit_;
  std::vector<Cycle> arrivals_;  // per position
  std::int64_t held_ = 0;        // positions in the tile buffer
  Cycle room_ = 0;               // when the newest room came about
  std::size_t vector_ = 0;       // next window
};

}  // namespace

LayerTime time_pooling(const Layer& layer, const Hardware& hardware, const TimingSpec& spec) {
  return PoolingRun(layer, hardware, spec).run();
}

}  // namespace cimcycle

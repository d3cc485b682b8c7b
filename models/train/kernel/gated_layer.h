// SPDX-License-Identifier: Apache-2.0
// The gated convolution of training: partial sums of every OU group, the gate, and their gradients, without ever
// writing the partial sums out. Plain C interface: gated_kernel.py calls it through ctypes.
//
// Numbers are those of the chip: codes x of a bits, weights W = 2^shift Wh + Wl, row groups of `ou_rows` consecutive
// rows in the order (channel, ky, kx), output blocks of `ou_cols` outputs. Per input vector, row group g and output
// block c
//
//   Ph[g][j] = sum of x Wh over g,  Pl[g][j] likewise;  m = [I >= threshold]
//   I = max over c of |Ph|, or their mean, or (gate_inputs, the same for all blocks) sum of x over g
//   y[j] = sum over g of 2^shift Ph + m Pl;   without low parts: sum over g of m Ph
//
// with sums exact in int32. The gradient of m is that of a logistic function of u = (I - theta) / scale with slope k:
// dm/dI = (k / scale) s'(k u) = -dm/dtheta.
#pragma once

#include <cstdint>

extern "C" {

enum GatedKind : std::int32_t { gate_max, gate_mean, gate_inputs };

struct GatedShape {
  std::int32_t images, channels, height, width;  ///< of the codes
  std::int32_t outputs, out_height, out_width;
  std::int32_t kernel_h, kernel_w, stride, padding;
  std::int32_t ou_rows, ou_cols;
  std::int32_t shift;  ///< of the high parts; 0 without low parts
  GatedKind gate;
};

/// What the gates of one forward pass did.
struct GateSums {
  std::int64_t decisions;
  std::int64_t open;
  double importance_squares;  ///< sum of I^2 over all decisions
};

/// codes: uint8 [images][channels][height][width]. high, low: int8 [outputs][rows]; low is null without low parts.
/// threshold: opens where I >= threshold (mean: sum of |Ph| >= threshold x outputs of the block).
/// y: float [images][outputs][positions]. importance: null, or float [images][row groups][blocks][positions].
/// Returns 0, or 1 if the shape is not usable.
int gated_forward(const GatedShape* shape, const std::uint8_t* codes, const std::int8_t* high, const std::int8_t* low,
                  std::int32_t threshold, std::int32_t threads, float* y, float* importance, GateSums* sums);

struct GateSlope {
  float theta;                ///< trained threshold; the forward pass used the next whole number
  float scale;                ///< of u
  float slope;                ///< k
  float open_cost;            ///< gradient of the loss with respect to every single mask element, from the energy term
  std::int32_t reaches_sums;  ///< 0: the gate's gradient goes to theta alone; 1: also through I to Ph (or x)
};

/// dy: float [images][outputs][positions], gradient of y.
/// dx: float [images][channels][height][width], added to: the part that depends on masks, i.e. m dy Wl (without low
/// parts: m dy Wh) and, through the gate, dI. The caller adds 2^shift dy Wh. dhigh: float [outputs][rows], added to:
/// the gradient of Wh through the gate alone. dtheta: gradient of theta.
int gated_backward(const GatedShape* shape, const std::uint8_t* codes, const std::int8_t* high, const std::int8_t* low,
                   std::int32_t threshold, const GateSlope* gate, const float* dy, std::int32_t threads, float* dx,
                   float* dhigh, double* dtheta);
}

# SPDX-License-Identifier: Apache-2.0
"""The gated convolution on a GPU (kernel/gated_cuda.cu): what gated_kernel.py is on the processor.

Built with NVIDIA's compiler alone, for the machine's own GPU:

    nvcc -std=c++17 -O3 -arch=native -shared -Xcompiler -fPIC -o LIBRARY models/train/kernel/gated_cuda.cu

CIMCYCLE_TRAINING_CUDA names the library; without it, build/release/libcimcycle_training_cuda.so. Nothing here waits for
the GPU: thresholds, shares and gradients of thresholds stay tensors there.
"""
import ctypes
import os

import torch

from gated_kernel import at_root

GATES = ("max", "mean")
TILE = 16  # the side of an OU, and of a tile of the tensor cores
FRAGMENT_WORDS = 32 * 4  # int32 of a tile: 16 bytes in each of 32 lanes
# tiles_at_once and forward_blocks of gated_cuda.cu, which say how many warps write their sums.
TILES_AT_ONCE = 2
FORWARD_BLOCKS = 4
# Warps that keep a GPU busy in the gradient of the weights, whose row groups and blocks alone can be few.
WANTED_WARPS = 8192

_loaded = {}


def library_path():
    return os.environ.get("CIMCYCLE_TRAINING_CUDA", at_root("build/release/libcimcycle_training_cuda.so"))


def _library():
    path = library_path()
    if path not in _loaded:
        if not os.path.exists(path):
            raise SystemExit(f"{path}: not found; models/train/gated_cuda.py says how to build it")
        _loaded[path] = ctypes.CDLL(path)
    return _loaded[path]


def _stream(device):
    return torch.cuda.current_stream(device).cuda_stream


class _Call:
    """The shape of one pass, and calls of the library with it."""

    def __init__(self, geometry, codes, high):
        if (geometry.ou_rows, geometry.ou_cols) != (TILE, TILE):
            raise SystemExit(f"an OU of {geometry.ou_rows} x {geometry.ou_cols} on the GPU; expected {TILE} x {TILE}")
        if geometry.gate not in GATES:
            raise SystemExit(f"gate {geometry.gate} on the GPU; expected {' or '.join(GATES)}")
        self.shape, self.device = geometry.shape(codes, len(high)), codes.device
        self.rows, self.outputs = high.shape[1], len(high)
        self.groups, self.blocks = -(-self.rows // TILE), -(-self.outputs // TILE)
        self.per_image = self.shape.out_height * self.shape.out_width
        self.positions = len(codes) * self.per_image
        self.warps = -(-self.positions // (TILE * TILES_AT_ONCE))
        self.tiles = self.warps * TILES_AT_ONCE

    def run(self, name, *arguments):
        """Tensors go as pointers, None as null, numbers as int32."""
        values = [ctypes.c_void_p(a.data_ptr()) if torch.is_tensor(a) else None if a is None else ctypes.c_int32(a)
                  for a in arguments]
        status = getattr(_library(), name)(ctypes.byref(self.shape), *values, ctypes.c_void_p(_stream(self.device)))
        if status:
            raise RuntimeError(f"{name}: CUDA error {status}")

    def new(self, *sizes, dtype=torch.float32):
        return torch.empty(sizes, dtype=dtype, device=self.device)

    def fragments(self, outer, inner):
        return self.new(outer, inner, FRAGMENT_WORDS, dtype=torch.int32)

    def inputs(self, codes):
        packed = self.fragments(self.groups, self.tiles)
        self.run("gated_cuda_pack_inputs", codes, packed)
        return packed

    def weights(self, parts):
        """(summed over crossbar rows, over outputs) of int8 (outputs, rows); nothing of None."""
        if parts is None:
            return None, None
        packed = self.fragments(self.groups, self.blocks), self.fragments(self.groups, self.blocks)
        self.run("gated_cuda_pack_weights", parts, *packed)
        return packed

    def numbers(self, threshold, theta, steepness, open_cost):
        """One after the other on the GPU, wherever they come from."""
        return torch.cat([torch.as_tensor(value, dtype=torch.float32, device=self.device).reshape(1)
                          for value in (threshold, theta, steepness, open_cost)])


def forward(geometry, codes, high, low, threshold, with_importance=False):
    """Results of gated_kernel.forward; threshold, open gates and squares are tensors of one element."""
    call = _Call(geometry, codes, high)
    y = call.new(len(codes), call.outputs, call.shape.out_height, call.shape.out_width)
    parts = 1 if call.blocks == 1 else -(-call.blocks // FORWARD_BLOCKS)
    opened, squares = call.new(parts * call.warps, dtype=torch.int32), call.new(parts * call.warps)
    importance = None
    if with_importance:
        importance = call.new(len(codes), call.groups, call.blocks, call.per_image)
    call.run("gated_cuda_forward", call.inputs(codes), call.weights(high)[0], call.weights(low)[0],
             call.numbers(threshold, 0.0, 0.0, 0.0), y, opened, squares, importance)
    decisions = call.groups * call.blocks * call.positions
    return y, (opened.sum(), decisions, squares.double().sum()), importance


def backward(geometry, codes, high, low, threshold, theta, scale, slope, open_cost, reaches_sums, dy):
    """(dx, dhigh, dtheta) of gated_kernel.backward. dy and the products with it are rounded to bf16."""
    call = _Call(geometry, codes, high)
    inputs = call.inputs(codes)
    (high_rows, high_outputs), (low_rows, low_outputs) = call.weights(high), call.weights(low)
    numbers = call.numbers(threshold, theta, slope / scale, open_cost)
    gradients = call.fragments(call.blocks, call.tiles)
    call.run("gated_cuda_pack_gradients", dy, gradients)

    columns, dtheta = call.new(len(codes), call.rows, call.per_image), call.new(call.groups * call.warps)
    call.run("gated_cuda_input_gradient", inputs, gradients, high_rows, high_outputs, low_rows, low_outputs, numbers,
             int(reaches_sums), columns, dtheta)
    dx = torch.nn.functional.fold(columns, codes.shape[2:], geometry.kernel, padding=geometry.padding,
                                  stride=geometry.stride)
    if low is not None and not reaches_sums:
        return dx, torch.zeros(high.shape, device=call.device), dtheta.sum()
    splits = max(1, min(call.tiles // 4, WANTED_WARPS // (call.groups * call.blocks)))
    dhigh = call.new(splits, call.outputs, call.rows)
    call.run("gated_cuda_weight_gradient", inputs, gradients, high_rows, low_rows, numbers, int(reaches_sums), splits,
             dhigh)
    return dx, dhigh.sum(0), dtheta.sum()

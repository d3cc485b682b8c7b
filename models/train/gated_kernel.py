# SPDX-License-Identifier: Apache-2.0
"""The fused gated convolution (kernel/gated_layer.h) and quantization (kernel/quantize.h) for tensors in main memory.

Thresholds and the other numbers of a gate may be tensors of one element.

Built with the program: cmake -DCIMCYCLE_TRAINING=ON, target cimcycle_training. CIMCYCLE_TRAINING_LIBRARY names another
place of the library.
"""
import ctypes
import math
import os

import torch

GATES = ("max", "mean", "inputs")  # in the order of GatedKind


class _Shape(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int32) for name in (
        "images", "channels", "height", "width", "outputs", "out_height", "out_width", "kernel_h", "kernel_w", "stride",
        "padding", "ou_rows", "ou_cols", "shift", "gate")]


class _Sums(ctypes.Structure):
    _fields_ = [("decisions", ctypes.c_int64), ("open", ctypes.c_int64), ("importance_squares", ctypes.c_double)]


class _Slope(ctypes.Structure):
    _fields_ = [("theta", ctypes.c_float), ("scale", ctypes.c_float), ("slope", ctypes.c_float),
                ("open_cost", ctypes.c_float), ("reaches_sums", ctypes.c_int32)]


def at_root(path):
    """A path within the repository that this file lies in."""
    return os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), path)


def library_path():
    return os.environ.get("CIMCYCLE_TRAINING_LIBRARY", at_root("build/release/libcimcycle_training.so"))


_loaded = {}


def _library():
    path = library_path()
    if path not in _loaded:
        if not os.path.exists(path):
            raise SystemExit(f"{path}: not found; build it: cmake --preset release -DCIMCYCLE_TRAINING=ON && "
                             "cmake --build --preset release --target cimcycle_training")
        _loaded[path] = ctypes.CDLL(path)
        _loaded[path].quantize_backward.restype = ctypes.c_double
    return _loaded[path]


def _pointer(tensor, kind):
    if tensor is None:
        return None
    assert tensor.is_contiguous() and tensor.dtype == kind, (tensor.shape, tensor.dtype)
    return ctypes.c_void_p(tensor.data_ptr())


class Geometry:
    """What a gated layer is, apart from its numbers. kernel: (height, width); gate: one of GATES."""

    def __init__(self, kernel, stride, padding, shift, gate, ou_rows=16, ou_cols=16):
        self.kernel, self.stride, self.padding, self.shift, self.gate = kernel, stride, padding, shift, gate
        self.ou_rows, self.ou_cols = ou_rows, ou_cols

    def shape(self, codes, outputs):
        images, channels, height, width = codes.shape
        out = [(size + 2 * self.padding - kernel) // self.stride + 1
               for size, kernel in zip((height, width), self.kernel)]
        return _Shape(images, channels, height, width, outputs, *out, *self.kernel, self.stride, self.padding,
                      self.ou_rows, self.ou_cols, self.shift, GATES.index(self.gate))


def forward(geometry, codes, high, low, threshold, with_importance=False):
    """Accumulators (N, outputs, height, width) float32, (open, decisions, sum of squared importances), importances.

    codes: uint8 (N, C, H, W). high, low: int8 (outputs, rows); low is None without low parts. Importances, if asked
    for: float32 (N, row groups, blocks, positions).
    """
    if not math.isfinite(threshold):
        raise SystemExit(f"a gate has the threshold {float(threshold)}: the training diverged, try a lower --lr")
    shape = geometry.shape(codes, len(high))
    y = torch.empty(shape.images, shape.outputs, shape.out_height, shape.out_width)
    importance = None
    if with_importance:
        groups, blocks = -(-high.shape[1] // geometry.ou_rows), -(-len(high) // geometry.ou_cols)
        importance = torch.empty(shape.images, groups, blocks, shape.out_height * shape.out_width)
    sums = _Sums()
    status = _library().gated_forward(
        ctypes.byref(shape), _pointer(codes, torch.uint8), _pointer(high, torch.int8), _pointer(low, torch.int8),
        ctypes.c_int32(int(threshold)), ctypes.c_int32(torch.get_num_threads()), _pointer(y, torch.float32),
        _pointer(importance, torch.float32), ctypes.byref(sums))
    if status:
        raise ValueError(f"a gated layer cannot have codes {tuple(codes.shape)} and weights {tuple(high.shape)}")
    return y, (sums.open, sums.decisions, sums.importance_squares), importance


def backward(geometry, codes, high, low, threshold, theta, scale, slope, open_cost, reaches_sums, dy):
    """(dx, dhigh, dtheta) of kernel/gated_layer.h. dy: float32 (N, outputs, height, width)."""
    shape = geometry.shape(codes, len(high))
    dx = torch.zeros(codes.shape)
    dhigh = torch.zeros(high.shape)
    dtheta = ctypes.c_double()
    gate = _Slope(float(theta), float(scale), slope, float(open_cost), int(reaches_sums))
    status = _library().gated_backward(
        ctypes.byref(shape), _pointer(codes, torch.uint8), _pointer(high, torch.int8), _pointer(low, torch.int8),
        ctypes.c_int32(int(threshold)), ctypes.byref(gate), _pointer(dy, torch.float32),
        ctypes.c_int32(torch.get_num_threads()), _pointer(dx, torch.float32), _pointer(dhigh, torch.float32),
        ctypes.byref(dtheta))
    if status:
        raise ValueError(f"a gated layer cannot have codes {tuple(codes.shape)} and weights {tuple(high.shape)}")
    return dx, dhigh, dtheta.value


def quantize(values, step, high):
    """code x step of float32 values; high: largest code."""
    values = values.contiguous()
    quantized = torch.empty_like(values)
    _library().quantize_forward(
        _pointer(values, torch.float32), ctypes.c_float(step), ctypes.c_float(high), ctypes.c_int64(values.numel()),
        ctypes.c_int32(torch.get_num_threads()), _pointer(quantized, torch.float32))
    return quantized


def quantize_backward(gradient, values, step, high):
    """(gradient of the values, of the step)."""
    gradient, values = gradient.contiguous(), values.contiguous()
    dvalues = torch.empty_like(values)
    dstep = _library().quantize_backward(
        _pointer(gradient, torch.float32), _pointer(values, torch.float32), ctypes.c_float(step), ctypes.c_float(high),
        ctypes.c_int64(values.numel()), ctypes.c_int32(torch.get_num_threads()), _pointer(dvalues, torch.float32))
    return dvalues, dstep

# SPDX-License-Identifier: Apache-2.0
"""Float tensors to integers: weight and activation scales, and the digital constants m, c, r and n.

A weight W of b = hb + lb bits is split as W = 2^lb Wh + Wl with Wh = floor(W / 2^lb + 1/2). For lb > 0 the quantizer
emits only values whose two parts both fit, so nothing is clipped when the weight is split.
"""
import numpy
import torch

# Multipliers are int32: their largest magnitude is kept below this, which leaves the rounding some room.
MULTIPLIER_LIMIT = 2**31 - 1
SHIFT_LIMIT = 62


def weight_range(hb, lb):
    """Smallest and largest weight that splits into hb high and lb low bits without clipping."""
    bits = hb + lb
    if hb == 1 and lb == 0:
        return -1, 1  # its two ends only
    if hb == 1:
        return -(2**lb), 2**lb - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1 - (2 ** (lb - 1) if lb > 0 else 0)


def split_weights(weights, hb, lb):
    """(high, low) of integer weights, W = 2^high_shift * high + low (numpy arrays or torch tensors of integers)."""
    if hb == 1 and lb == 0:
        return weights, weights * 0
    if hb == 1:
        high = (weights >= 0) * 2 - 1
        return high, weights - high * 2 ** (lb - 1)
    if lb == 0:
        return weights, weights * 0
    high = (weights + 2 ** (lb - 1)) >> lb
    return high, weights - high * 2**lb


def high_shift(hb, lb):
    return lb - 1 if hb == 1 and lb > 0 else lb


def weight_scales(rows, gains, metric, hb, lb, per_channel):
    """Scales (C,) that minimize the squared error of the layer's outputs.

    rows: float weights (C, R). gains: factor of each output after the accumulator (batch norm), (C,).
    metric: (R, R), mean of x x^T over input vectors x. The search is a grid over the clipped fraction of the largest
    weight; all channels share one scale unless per_channel is set.
    """
    low_limit, high_limit = weight_range(hb, lb)
    largest = rows.abs().amax(1).clamp_min(1e-12)
    start = largest if per_channel else largest.max().expand_as(largest)
    fractions = torch.linspace(0.4, 1.1, 71)
    errors = []
    for fraction in fractions:
        scale = (start * fraction / high_limit)[:, None]
        difference = rows - torch.clamp(torch.round(rows / scale), low_limit, high_limit) * scale
        errors.append(((difference @ metric) * difference).sum(1) * gains**2)
    errors = torch.stack(errors)
    if not per_channel:
        errors = errors.sum(1, keepdim=True).expand_as(errors)
    return start * fractions[errors.argmin(0)] / high_limit


def quantize_weights(rows, scales, hb, lb):
    """Integer weights (C, R) int16 of float rows (C, R)."""
    low_limit, high_limit = weight_range(hb, lb)
    return torch.clamp(torch.round(rows / scales[:, None]), low_limit, high_limit).to(torch.int16).numpy()


def split_aware_weights(rows, scales, hb, lb, metric, closed_share, ou_rows=16, sweeps=4):
    """Integer weights (C, R) int16 whose high parts alone come close to the layer's outputs.

    A weight just below the middle between two high parts, say 16 k + 7, has the low part 7; 16 k + 8 has the low part
    -8. One step of the weight thus moves its high part's error from one side to the other. Coordinate descent chooses
    the high part of each weight (the weight follows: the nearest one with this high part) so that

        closed_share * error of the high parts + (1 - closed_share) * error of the whole weights

    is least, with both errors squared and measured on outputs. Low parts stay unread by row groups, so the error of the
    high parts counts row groups together with weight closed_share, and each by itself with the rest.
    """
    codes = torch.from_numpy(quantize_weights(rows, scales, hb, lb)).double()
    if hb == 1 or lb == 0 or closed_share == 0:
        return codes.to(torch.int16).numpy()
    step = float(2**lb)
    target = (rows / scales[:, None]).double()
    metric = metric.double() / metric.diagonal().mean()
    group = torch.arange(len(metric)) // ou_rows
    high_metric = metric * torch.where(group[:, None] == group, 1.0, closed_share)
    high = torch.floor(codes / step + 0.5)
    largest = 2 ** (hb - 1)
    low_limit, high_limit = weight_range(hb, lb)
    high_slope = (target - step * high) @ high_metric
    whole_slope = (target - codes) @ metric
    for _ in range(sweeps):
        changed = 0
        for row in range(len(metric)):
            best = torch.zeros(len(rows), dtype=torch.float64)
            best_high, best_code = high[:, row].clone(), codes[:, row].clone()
            for move in (-1, 1):
                new_high = (high[:, row] + move).clamp(-largest, largest - 1)
                new_code = torch.minimum(torch.maximum(target[:, row].round(), step * new_high - step / 2),
                                         step * new_high + step / 2 - 1).clamp(low_limit, high_limit)
                high_change = step * (high[:, row] - new_high)
                whole_change = codes[:, row] - new_code
                cost = (closed_share * high_change * (2 * high_slope[:, row] + high_change * high_metric[row, row])
                        + (1 - closed_share) * whole_change * (2 * whole_slope[:, row]
                                                               + whole_change * metric[row, row]))
                better = cost < best - 1e-9
                best = torch.where(better, cost, best)
                best_high = torch.where(better, new_high, best_high)
                best_code = torch.where(better, new_code, best_code)
            changed += int((best_high != high[:, row]).sum())
            high_slope += (step * (high[:, row] - best_high))[:, None] * high_metric[row]
            whole_slope += (codes[:, row] - best_code)[:, None] * metric[row]
            high[:, row], codes[:, row] = best_high, best_code
        if changed == 0:
            break
    return codes.to(torch.int16).numpy()


def activation_scale(values, bits):
    """Scale of unsigned codes that minimizes the squared error of non-negative values (a large sample of them)."""
    top = 2**bits - 1
    largest = float(values.max())
    if largest <= 0:
        return 1.0 / top
    values = values.flatten()[::max(1, values.numel() // 300_000)]
    best_scale, best_error = None, None
    for fraction in torch.linspace(0.3, 1.0, 71).tolist():
        scale = largest * fraction / top
        codes = torch.clamp(torch.round(values / scale), max=top)
        error = float(((codes * scale - values) ** 2).mean(dtype=torch.float64))
        if best_error is None or error < best_error:
            best_scale, best_error = scale, error
    return best_scale


def second_moment(vectors):
    """Mean of x x^T; vectors: (N, R) float."""
    return vectors.T @ vectors / len(vectors)


def digital_constants(multipliers, offsets, residual_multipliers=()):
    """Integers (m, c, r, n) of y = acc * multipliers + res * residual_multipliers + offsets (all in output codes).

    n is the largest shift at which every multiplier still fits int32.
    """
    multipliers = numpy.asarray(multipliers, dtype=numpy.float64)
    offsets = numpy.asarray(offsets, dtype=numpy.float64)
    residual_multipliers = numpy.asarray(residual_multipliers, dtype=numpy.float64)
    largest = max([abs(multipliers).max()] + ([abs(residual_multipliers).max()] if residual_multipliers.size else []))
    n = 0
    if largest > 0:
        n = min(SHIFT_LIMIT, int(numpy.floor(numpy.log2(MULTIPLIER_LIMIT / largest))))
    if n < 0:
        raise SystemExit(f"multiplier {largest} does not fit 32 bits")
    # The offset alone must leave room for the products: |c| below 2^61.
    while n > 0 and abs(offsets).max() * 2.0**n >= 2.0**61:
        n -= 1
    scale = 2.0**n
    m = numpy.rint(multipliers * scale).astype(numpy.int64)
    c = numpy.array([int(round(float(value) * scale)) for value in offsets], dtype=numpy.int64)
    r = numpy.rint(residual_multipliers * scale).astype(numpy.int64)
    return m, c, r, n

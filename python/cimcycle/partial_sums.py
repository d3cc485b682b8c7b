# SPDX-License-Identifier: Apache-2.0
"""What every ADC of a layer sees on one image."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from . import _cimcycle
from .hardware import Hardware
from .network import Network
from .types import Images, as_images


@dataclass
class PathSums:
    """The conversions of the high (MSB) or the low (LSB) part of a layer's weights.

    Conversions are arrays [digit, slice, row group, vector, column]: digits of the input and slices of the weight from
    the least significant on; a column per output, or two (W+, W-) for differential cells that are subtracted behind the
    ADC. Sums of a row group are arrays [row group, vector, output], outputs counted within the channel group of its
    rows. Columns of ones (mapping.offset_sum = unit_column) are not among them.
    """

    digit_weight: "numpy.ndarray"
    """[digit]: signed power of two by which a digit counts."""
    slice_weight: "numpy.ndarray"
    """[slice]: the same of a slice."""
    sum: "numpy.ndarray"
    """Conversions: the bitline sum S that the ADC sees, in units of digit x cell level."""
    value: "numpy.ndarray"
    """Conversions: T[S], the sum that the ADC reports."""
    clipped: "numpy.ndarray"
    """Conversions, bool: S lies above the ADC's range."""
    partial_sum: "numpy.ndarray"
    """Sums, in units of weight code x activation code: what the digital side makes of the values (offsets taken off)."""
    ideal_partial_sum: "numpy.ndarray"
    """Sums: the same with an ideal ADC, inputs times weight parts."""
    read: "numpy.ndarray"
    """Sums, bool: these conversions take place; a closed gate skips those of the low part, or (lb 0, mask known before) all."""

    @property
    def clipped_conversions(self) -> int:
        """As a run counts them: clipped conversions that take place."""
        read = numpy.repeat(self.read, self.clipped.shape[-1] // self.read.shape[-1], axis=-1)
        return int((self.clipped & read).sum())


@dataclass
class LayerPartialSums:
    """One layer on one image, conversion by conversion."""

    inputs: "numpy.ndarray"
    """uint8 [vector, row]: activations in the order of the rows (bits of signed ones)."""
    row_groups: list[tuple[int, int]]
    """(first row, rows) of each row group."""
    msb: PathSums
    lsb: PathSums | None
    """None if lb = 0."""
    accumulators: "numpy.ndarray"
    """int32 [vector, output]: what the run hands to the digital part."""

    @property
    def clipped_conversions(self) -> int:
        """Of both paths, as a run of this image counts them."""
        return self.msb.clipped_conversions + (self.lsb.clipped_conversions if self.lsb else 0)


def layer_partial_sums(network: Network, hardware: Hardware, layer: str, image: Any = 0, *, images: Images = None,
                       vectors: tuple[int, int] | None = None) -> LayerPartialSums:
    """The partial sums of one layer (with weights) on one image, for teaching and debugging.

    image    an image, uint8 (C, H, W) or (H, W, C), or an index in `images`
    images   pixels or a dataset, whose test images are meant (default: the dataset that the network names)
    vectors  (first, count): only these input vectors, row by row of the output (default: all, up to 2^26 conversions)

    The layers before it are run as on the chip, so that its input is that of a run.
    """
    if not isinstance(image, (int, numpy.integer)):
        images, image = numpy.asarray(as_images(image))[None], 0
    arrays: dict[str, Any] = _cimcycle.layer_partial_sums(network._handle, hardware._handle, layer, as_images(images),
                                                          int(image), vectors)
    lsb = arrays.pop("lsb")
    return LayerPartialSums(msb=PathSums(**arrays.pop("msb")), lsb=PathSums(**lsb) if lsb else None, **arrays)

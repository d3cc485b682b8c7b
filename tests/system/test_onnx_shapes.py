# SPDX-License-Identifier: Apache-2.0
"""cimcycle import onnx: what exporters write around convolutions (shape arithmetic, paddings, slices, pools of every kind)."""
import unittest

from test_onnx import MEAN, PREPROCESSING, STD, ImportTest, missing

if not missing:
    import numpy
    import onnx_models


class ExportedShapes(ImportTest):
    """PyTorch writes such lines in its own way; the imported network gives the module's classes."""

    @classmethod
    def setUpClass(cls):
        try:
            import torch
        except ImportError as error:
            raise unittest.SkipTest(f"needs Debian's python3-torch: {error}") from error
        cls.torch = torch

    def check(self, middle, opset=13, channels=8, first=True):
        """`middle` stands between a convolution (or the image) and a classifier."""
        torch = self.torch

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.first = torch.nn.Conv2d(3, 8, 3, padding=1) if first else torch.nn.Identity()
                self.second = torch.nn.Conv2d(channels if first else 3, 16, 3, 2, 1)
                self.classes = torch.nn.Linear(16 if middle(torch.zeros(1, 8 if first else 3, 12, 12)).dim() > 2
                                               else channels, 10)

            def forward(self, x):
                x = middle(torch.relu(self.first(x)) if first else x)
                if x.dim() == 4:
                    x = torch.relu(self.second(x)).mean([2, 3])
                return self.classes(x)

        torch.manual_seed(5)
        model, images = Model(), self.images((3, 12, 12), 8)
        file, network = self.folder / "model.onnx", self.folder / "network"
        onnx_models.save(model, file, 12, opset)
        self.good("import", "onnx", file, "--out", network, "--calibrate", f"npz:{self.folder}/images.npz", "--images", 8,
                  "--percentile", 100, *PREPROCESSING)
        logits = numpy.array([list(values.values())[-1].reshape(-1) for values in self.check_run(network, images)], float)
        real = (torch.tensor(images) / 255 - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
        wanted = model(real).detach().numpy().astype(float)
        unit = (wanted * logits).sum() / (logits * logits).sum()
        self.assertLess(numpy.abs(logits * unit - wanted).max(), 0.03 * numpy.abs(wanted).max())

    def test_means_and_their_shapes(self):
        functional = self.torch.nn.functional
        for middle in (lambda x: x.mean(3).mean(2), lambda x: x.view(x.size(0), x.size(1), -1).mean(2),
                       lambda x: x.flatten(2).mean(-1), lambda x: functional.adaptive_avg_pool2d(x, 1)[:, :, 0, 0],
                       lambda x: functional.adaptive_avg_pool2d(x, 1).squeeze(3).squeeze(2),
                       lambda x: x.mean([2, 3]).unsqueeze(-1).unsqueeze(-1).relu().reshape(x.shape[0], -1)):
            self.check(middle, 13)
        self.check(lambda x: functional.adaptive_avg_pool2d(x, 1).view(x.size(0), -1), 9)

    def test_maxima_over_everything(self):
        self.check(lambda x: self.torch.nn.functional.adaptive_max_pool2d(x, 1).flatten(1), 11)
        self.check(lambda x: x.amax([2, 3]), 17)

    def test_paddings_that_exporters_compute(self):
        functional = self.torch.nn.functional
        self.check(lambda x: functional.pad(x, (1, 0, 0, 1)), 9)
        self.check(lambda x: functional.pad(x, (1, 0, 0, 1)), 17)

    def test_pools_of_the_image(self):
        functional = self.torch.nn.functional
        self.check(lambda x: functional.max_pool2d(x, 3, 2, 1), first=False)
        self.check(lambda x: functional.avg_pool2d(x, 3, 1, 1), first=False)
        self.check(lambda x: functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False), first=False)

    def test_means_whose_padding_does_not_count(self):
        functional = self.torch.nn.functional
        self.check(lambda x: functional.avg_pool2d(x, 3, 2, 1, count_include_pad=False))
        self.check(lambda x: functional.avg_pool2d(x, 3, 2, ceil_mode=True))

    def test_shortcuts_of_option_a(self):
        functional = self.torch.nn.functional

        def shortcut(x):
            return functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 3, 5))

        def joined(x):
            return functional.pad(functional.avg_pool2d(x, 2), (0, 0, 0, 0, 8, 0))

        self.torch.manual_seed(6)
        other = self.torch.nn.Conv2d(8, 16, 3, 2, 1).requires_grad_(False)
        for middle in (lambda x: other(x) + shortcut(x), lambda x: shortcut(x) - other(x),
                       lambda x: self.torch.relu(other(x)) - shortcut(x), lambda x: joined(x) + other(x)):
            self.check(middle, channels=16)

    def test_a_tensor_under_two_names_is_not_changed_in_place(self):
        """The flattened values go through a Relu of their own, which the others do not see."""
        other = self.torch.nn.Conv2d(8, 8, 1).requires_grad_(False)

        def middle(x):
            x = other(x).mean([2, 3], keepdim=True)
            return self.torch.cat([x.flatten(1).relu()[:, :, None, None], x], 1)

        self.check(middle, channels=16)


class QuantizedShapes(ImportTest):
    """The integers are the model's own codes, so that nothing is rounded twice."""

    def test_option_a(self):
        model = onnx_models.QuantizedModel(5, (3, 12, 12))
        x = model.quantized("input", 0.0173, 121)
        x = model.quantized(model.conv(x, "first", (8, 3, 3, 3), pads=[1] * 4), 0.0171, 117)
        part = model.node("Slice", [x, *(model.constant(numpy.array(values)) for values in (
            [0, 0], [2**63 - 1] * 2, [2, 3], [2, 2]))], "part")
        part = model.quantized(model.node("Pad", [part, model.constant(numpy.array([0, 3, 0, 0, 0, 5, 0, 0]))], "pad"),
                               0.0171, 117)
        y = model.quantized(model.conv(x, "strided", (16, 8, 3, 3), pads=[1] * 4, strides=[2, 2]), 0.0213, 131)
        x = model.quantized(model.node("Add", [y, part], "sum"), 0.0231, 103)
        self.finish(model, x, 16, {"first": "first_q", "strided": "strided_q", "sum": "sum_q"})

    def test_pools_of_the_image(self):
        for first in (True, False):
            model = onnx_models.QuantizedModel(6, (3, 12, 12))
            x = model.quantized("input", 0.0173, 121) if first else "input"
            x = model.node("MaxPool", [x], "peak", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
            x = model.quantized(x, 0.0173, 121)
            x = model.quantized(model.conv(x, "first", (8, 3, 3, 3), relu=True, pads=[1] * 4), 0.00871, 0)
            self.finish(model, x, 8, {"peak": "peak_q", "first": "first_relu_q"})

    def test_a_mean_that_does_not_count_padding(self):
        model = onnx_models.QuantizedModel(7, (3, 12, 12))
        x = model.quantized("input", 0.0173, 121)
        x = model.quantized(model.conv(x, "first", (8, 3, 3, 3), pads=[1] * 4), 0.0171, 117)
        x = model.node("AveragePool", [x], "mean3", kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
        self.finish(model, model.quantized(x, 0.00653, 117), 8, {"first": "first_q", "mean3": "mean3_q"})

    def finish(self, model, x, channels, layers):
        """A classifier behind x; then all `layers` (layer: tensor of the model) against the evaluators."""
        import evaluate_onnx
        x = model.quantized(model.node("GlobalAveragePool", [x], "mean"), 0.0097, 122)
        model.node("Gemm", [model.node("Flatten", [x], "flat"), model.weights((10, channels))], "classes", transB=1)
        file, network = self.folder / "model.onnx", self.folder / "network"
        model.save(file, "classes", 10)
        self.good("import", "onnx", file, "--out", network, *PREPROCESSING)
        images = self.images((3, 12, 12))
        for image, values in zip(images, self.check_run(network, images)):
            real = (image / 255 - numpy.reshape(MEAN, (3, 1, 1))) / numpy.reshape(STD, (3, 1, 1))
            codes = evaluate_onnx.evaluate(str(file), real)
            for layer, tensor in layers.items():
                numpy.testing.assert_array_equal(values[layer].reshape(-1), codes[tensor].reshape(-1), layer)


if __name__ == "__main__":
    unittest.main()

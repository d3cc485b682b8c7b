# SPDX-License-Identifier: Apache-2.0
"""cimcycle import onnx: every layer's integers against two NumPy evaluators, of the folder and of the model."""
import json
import unittest

from program import FLASH, ProgramTest

try:
    import numpy
    import onnx

    import evaluate_network
    import evaluate_onnx
    import onnx_models
    missing = None
except ImportError as error:
    missing = error

MEAN, STD = (0.48, 0.45, 0.4), (0.23, 0.22, 0.225)
PREPROCESSING = ("--mean", "0.48,0.45,0.4", "--std", "0.23,0.22,0.225")


@unittest.skipIf(missing, f"needs Debian's python3-numpy and python3-onnx: {missing}")
class ImportTest(ProgramTest):
    def images(self, shape, count=3):
        images = numpy.random.default_rng(11).integers(0, 256, (count, *shape), dtype=numpy.uint8)
        numpy.savez(self.folder / "images.npz", images=images, labels=numpy.array([0, 9] + [1] * (count - 2)))
        return images

    def check_run(self, network, images):
        """With an ideal ADC the program gives the logits of the folder's integers; returns those of the first image."""
        self.good("run", network, "--hardware", FLASH, "--set", "adc.transfer=ideal", "--dataset",
                  f"npz:{self.folder}/images.npz", "--reference-images", 0, "--timed-images", 1,
                  "--logits", self.folder / "logits.npy", "--out", self.folder / "report", "--quiet")
        logits = numpy.load(self.folder / "logits.npy")
        values = [evaluate_network.evaluate(network, image) for image in images]
        for image, found in zip(values, logits):
            numpy.testing.assert_array_equal(list(image.values())[-1].reshape(-1), found)
        return values



class QuantizedModels(ImportTest):
    def check_codes(self, name, make, shape, layers, **options):
        """The integers of `layers` (layer: (tensor of the model, lowest code)) are the model's own codes."""
        file, network = self.folder / f"{name}.onnx", self.folder / name
        make(file, **options)
        self.good("import", "onnx", file, "--out", network, *PREPROCESSING)
        images = self.images(shape)
        for image, values in zip(images, self.check_run(network, images)):
            real = (image / 255 - numpy.reshape(MEAN, (3, 1, 1))) / numpy.reshape(STD, (3, 1, 1))
            codes = evaluate_onnx.evaluate(str(file), real)
            for layer, (tensor, lowest) in layers.items():
                numpy.testing.assert_array_equal(values[layer].reshape(-1), codes[tensor].reshape(-1) - lowest, layer)
            wanted, logits = codes["classes"].reshape(-1), list(values.values())[-1].reshape(-1).astype(float)
            unit = numpy.dot(wanted, logits) / numpy.dot(logits, logits)
            numpy.testing.assert_allclose(logits * unit, wanted, atol=2e-6 * numpy.abs(wanted).max())

    def test_qdq_with_zero_points(self):
        for kind, low in ((numpy.uint8, 0), (numpy.int8, -128)):
            layers = {"image": "input_q", "first": "first_relu_q", "deep": "deep_q", "point": "point_q", "sum": "sum_q",
                      "peak": "peak_q", "left": "left_q", "right": "right_relu_q", "joined": "joined_q",
                      "mean": "mean_q"}
            self.check_codes(f"qdq{low}", onnx_models.qdq, (3, 12, 12),
                             {layer: (tensor, low) for layer, tensor in layers.items()}, kind=kind)

    def test_a_relu_ends_codes_at_the_zero_point(self):
        self.check_codes("seven", onnx_models.qdq, (3, 12, 12), {"first": ("first_relu_q", 0), "sum": ("sum_q", -128)},
                         kind=numpy.int8, relu_zero=0)
        layers = json.loads((self.folder / "seven/network.json").read_text())["layers"]
        self.assertEqual(next(layer for layer in layers if layer["name"] == "first")["bits"]["output"], 7)

    def test_qlinear_operators(self):
        self.check_codes("qlinear", onnx_models.qlinear, (3, 8, 8),
                         {"image": ("codes", 0), "one": ("one", 0), "two": ("two", 0), "mean": ("mean_q", 0)})

    def test_qonnx_of_few_bits(self):
        self.check_codes("qonnx", onnx_models.qonnx, (3, 8, 8),
                         {"image": ("input_quant", 0), "one": ("one_quant", 0), "two": ("two_quant", 0)})
        layers = json.loads((self.folder / "qonnx/network.json").read_text())["layers"]
        self.assertEqual([layer["dec3"]["hb"] for layer in layers], [4, 3, 5])
        self.assertEqual([layer["bits"]["input"] for layer in layers], [8, 4, 5])

    def test_unsupported_nodes_are_all_named_and_nothing_is_written(self):
        model = onnx_models.QuantizedModel(1, (3, 8, 8))
        x = model.node("Sigmoid", ["input"], "s")
        x = model.node("LSTM", [x], "memory")
        y = model.node("MaxPool", ["input"], "m", kernel_shape=[2, 2], dilations=[2, 2])
        model.node("Flatten", [model.node("Add", [x, y], "a")], "classes")
        model.save(self.folder / "bad.onnx", "classes", 10)
        self.bad(2, "import", "onnx", self.folder / "bad.onnx", "--out", self.folder / "out",
                 says=["3 of 5 nodes cannot be imported", "s (Sigmoid): an activation function other than Relu",
                       "memory (LSTM): an operator", "m (MaxPool): a pool without dilation"])
        self.assertFalse((self.folder / "out").exists())

    def test_a_float_model_needs_images(self):
        model = onnx_models.QuantizedModel(1, (3, 8, 8))
        weights = model.constant(model.random.normal(0, 0.1, (192, 10)).astype(numpy.float32))
        model.node("MatMul", [model.node("Flatten", ["input"], "f"), weights], "classes")
        file = self.folder / "float.onnx"
        model.save(file, "classes", 10)
        self.bad(2, "import", "onnx", file, "--out", self.folder / "out", says="give --calibrate NAME")
        self.bad(2, "import", "onnx", file, "--out", self.folder / "out", "--calibrate", "synthetic",
                 says="images are 3 x 32 x 32, but the model reads 3 x 8 x 8")
        self.bad(2, "import", "onnx", file, "--out", self.folder / "out", "--mean", "1,2",
                 says="--mean: 2 values, but the model's input has 3 channels")
        self.images((3, 8, 8), 8)
        self.good("import", "onnx", file, "--out", self.folder / "out", "--calibrate", f"npz:{self.folder}/images.npz",
                  "--images", 8)

    def test_external_data(self):
        onnx_models.qlinear(self.folder / "one.onnx")
        model = onnx.load(str(self.folder / "one.onnx"))
        onnx.save(model, str(self.folder / "two.onnx"), save_as_external_data=True, location="weights.bin", size_threshold=0)
        for name in ("one", "two"):
            self.good("import", "onnx", self.folder / f"{name}.onnx", "--out", self.folder / name)
        self.assertEqual((self.folder / "one/weights.safetensors").read_bytes(),
                         (self.folder / "two/weights.safetensors").read_bytes())
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = "../weights.bin"
        onnx.save(model, str(self.folder / "bad.onnx"))
        self.bad(2, "import", "onnx", self.folder / "bad.onnx", "--out", self.folder / "bad",
                 says="must be a file below the model's folder")


class FloatModels(ImportTest):
    """PyTorch's own exports, small: quantized after training, then exact."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.models = onnx_models.torch_models()
        except ImportError as missing:
            raise unittest.SkipTest(f"needs Debian's python3-torch: {missing}") from missing

    def check(self, name, opset, *options, width=4, snr_db=10):
        file, network = self.folder / f"{name}.onnx", self.folder / name
        onnx_models.export(self.models[name](width), file, opset=opset)
        images = self.images((3, 32, 32), 8)
        text = self.good("import", "onnx", file, "--out", network, "--calibrate", f"npz:{self.folder}/images.npz",
                         "--images", 8, *PREPROCESSING, *options)
        logits = [line for line in text.splitlines() if " dB" not in line and line.split()[-1].replace(".", "").isdigit()]
        self.assertGreater(float(logits[-1].split()[-1]), snr_db, text)
        self.images((3, 32, 32), 2)
        self.check_run(network, images[:2])
        return json.loads((network / "network.json").read_text())

    def test_resnet18(self):
        network = self.check("resnet18", 9)
        self.assertEqual(sum(layer.get("residual", {}).get("kind") == "projection" for layer in network["layers"]), 3)

    def test_mobilenet_v2(self):
        network = self.check("mobilenet_v2", 11, snr_db=5)
        self.assertEqual(sum(layer.get("groups", 1) > 1 for layer in network["layers"]), 17)

    def test_vgg16_bn(self):
        self.check("vgg16_bn", 13)

    def test_squeezenet(self):
        network = self.check("squeezenet", 13)
        self.assertEqual(sum(layer["kind"] == "concat" for layer in network["layers"]), 8)

    def test_pairs_give_a_network_that_calibrate_takes(self):
        (self.folder / "pairs.json").write_text('{"0/0.0/Conv": [2, 2]}')
        network = self.check("vgg16_bn", 13, "--pair", "4,4", "--pairs", self.folder / "pairs.json", snr_db=3)
        dec3 = [layer["dec3"] for layer in network["layers"] if "dec3" in layer]
        self.assertEqual([(entry["hb"], entry["lb"]) for entry in dec3], [(2, 2)] + [(4, 4)] * 13 + [(8, 0)])
        self.good("calibrate", self.folder / "vgg16_bn", "--hardware", FLASH, "--dataset",
                  f"npz:{self.folder}/images.npz", "--images", 2, "--skip", 0.5, "--out", self.folder / "gated")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""Models for tests of the import: quantized ones made node by node, float ones exported from PyTorch.

    /usr/bin/python3 tests/system/onnx_models.py FOLDER [TRAIN.npz]

writes the float models of docs/networks.md: in full size with random weights, and a narrow one trained on TRAIN.npz.
"""
import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper


class QuantizedModel:
    """Builds a QDQ graph; every activation is the name of a dequantized tensor."""

    def __init__(self, seed, shape, opset=13):
        self.random = numpy.random.default_rng(seed)
        self.nodes, self.constants, self.count, self.opset = [], [], 0, opset
        self.shape = shape

    def constant(self, values, name=None):
        self.count += 1
        name = name or f"constant_{self.count}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(values), name))
        return name

    def node(self, op, inputs, output, **attributes):
        domain = attributes.pop("domain", None)
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def quantized(self, x, scale, zero, kind=numpy.uint8):
        """x behind a pair of QuantizeLinear (its output is x_q) and DequantizeLinear."""
        scale, zero = self.constant(numpy.float32(scale)), self.constant(kind(zero))
        self.node("QuantizeLinear", [x, scale, zero], x + "_q")
        return self.node("DequantizeLinear", [x + "_q", scale, zero], x + "_dq")

    def weights(self, shape, per_channel=True):
        codes = self.random.integers(-127, 128, shape).astype(numpy.int8)
        size = shape[0] if per_channel else ()
        scale = (self.random.uniform(0.5, 1.5, size) * 0.02 / numpy.sqrt(numpy.prod(shape[1:]))).astype(numpy.float32)
        zero = numpy.zeros(size, numpy.int8)
        return self.node("DequantizeLinear", [self.constant(codes), self.constant(scale), self.constant(zero)],
                         f"weights_{self.count}", axis=0)

    def conv(self, x, name, shape, relu=False, per_channel=True, **attributes):
        """The name of the convolution's result, not quantized yet."""
        bias = self.constant(self.random.uniform(-0.3, 0.3, shape[0]).astype(numpy.float32))
        result = self.node("Conv", [x, self.weights(shape, per_channel), bias], name, kernel_shape=shape[2:],
                           **attributes)
        return self.node("Relu", [result], name + "_relu") if relu else result

    def save(self, file, output, classes):
        domains = [helper.make_opsetid("", self.opset), helper.make_opsetid("com.microsoft", 1),
                   helper.make_opsetid("qonnx.custom_op.general", 1)]
        graph = helper.make_graph(
            self.nodes, "model", [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", *self.shape])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", classes])], self.constants)
        onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=8), file)


def qdq(file, seed=1, kind=numpy.uint8, relu_zero=None):
    """Zero points, depthwise and dilated convolutions, a residual, a maximum, a concat, an average.

    relu_zero: the zero point behind the first Relu, which ends the codes there.
    """
    model = QuantizedModel(seed, (3, 12, 12))
    low = int(numpy.iinfo(kind).min)
    x = model.quantized("input", 0.0173, 121 + low, kind)
    x = model.conv(x, "first", (8, 3, 3, 3), relu=True, pads=[1] * 4)
    x = model.quantized(x, 0.00871, low if relu_zero is None else relu_zero, kind)
    y = model.quantized(model.conv(x, "deep", (8, 1, 3, 3), pads=[2] * 4, dilations=[2, 2], group=8), 0.0213,
                        131 + low, kind)
    z = model.quantized(model.conv(y, "point", (8, 8, 1, 1), per_channel=False), 0.0237, 117 + low, kind)
    x = model.quantized(model.node("Add", [z, x], "sum"), 0.0311, 103 + low, kind)
    x = model.quantized(model.node("MaxPool", [x], "peak", kernel_shape=[2, 2], strides=[2, 2]), 0.0311, 103 + low, kind)
    left = model.quantized(model.conv(x, "left", (4, 8, 1, 3), pads=[0, 1, 0, 1]), 0.0191, 99 + low, kind)
    right = model.quantized(model.conv(x, "right", (4, 8, 3, 1), relu=True, pads=[1, 0, 1, 0]), 0.0143, low, kind)
    x = model.quantized(model.node("Concat", [left, right], "joined", axis=1), 0.0203, 88 + low, kind)
    x = model.quantized(model.node("GlobalAveragePool", [x], "mean"), 0.0097, 122 + low, kind)
    x = model.node("Flatten", [x], "flat")
    bias = model.constant(model.random.uniform(-1, 1, 10).astype(numpy.float32))
    model.node("Gemm", [x, model.weights((10, 8)), bias], "classes", transB=1)
    model.save(file, "classes", 10)


def qlinear(file, seed=2):
    """Operators on codes: onnxruntime's static format."""
    model = QuantizedModel(seed, (3, 8, 8))

    def tensor(scale, zero):
        return [model.constant(numpy.float32(scale)), model.constant(numpy.uint8(zero))]

    image, hidden = tensor(0.0171, 118), tensor(0.0093, 7)
    model.node("QuantizeLinear", ["input", *image], "codes")
    for name, source, given, made, channels in (("one", "codes", image, hidden, 3), ("two", "one", hidden, hidden, 6)):
        codes = model.random.integers(-127, 128, (6, channels, 3, 3)).astype(numpy.int8)
        scale = (model.random.uniform(0.5, 1.5, 6) * 0.004).astype(numpy.float32)
        bias = model.random.integers(-900, 900, 6).astype(numpy.int32)
        model.node("QLinearConv", [source, *given, model.constant(codes), model.constant(scale),
                                   model.constant(numpy.zeros(6, numpy.int8)), *made, model.constant(bias)], name,
                   pads=[1] * 4, kernel_shape=[3, 3])
    x = model.node("DequantizeLinear", ["two", *hidden], "real")
    x = model.quantized(model.node("GlobalAveragePool", [x], "mean"), 0.0049, 0)
    x = model.node("Flatten", [x], "vector")
    model.node("Gemm", [x, model.weights((10, 6))], "classes", transB=1)
    model.save(file, "classes", 10)


def qonnx(file, seed=3):
    """Quant nodes of fewer than 8 bits, as Brevitas writes them."""
    model = QuantizedModel(seed, (3, 8, 8))

    def quant(x, name, scale, bits, signed):
        scale = model.constant(numpy.asarray(scale, numpy.float32))
        return model.node("Quant", [x, scale, model.constant(numpy.float32(0)), model.constant(numpy.float32(bits))],
                          name, domain="qonnx.custom_op.general", signed=signed, narrow=0, rounding_mode="ROUND")

    def weights(shape, bits):
        values = model.random.normal(0, 0.2, shape).astype(numpy.float32)
        scale = model.random.uniform(0.8, 1.2, (shape[0],) + (1,) * (len(shape) - 1)) * 0.5 / 2 ** (bits - 1)
        return quant(model.constant(values), f"weights_{model.count}", scale, bits, 1)

    x = quant("input", "input_quant", 1 / 253, 8, 0)
    x = model.node("Relu", [model.node("Conv", [x, weights((8, 3, 3, 3), 4)], "one", pads=[1] * 4,
                                       kernel_shape=[3, 3])], "one_relu")
    x = quant(x, "one_quant", 0.0831, 4, 0)
    x = model.node("Relu", [model.node("Conv", [x, weights((8, 8, 3, 3), 3)], "two", kernel_shape=[3, 3])], "two_relu")
    x = quant(x, "two_quant", 0.0917, 5, 0)
    x = model.node("Flatten", [x], "flat")
    model.node("Gemm", [x, weights((10, 288), 5)], "classes", transB=1)
    model.save(file, "classes", 10)


def torch_models():
    """{name: function of width and classes that makes a float PyTorch model}; torch is loaded when asked for."""
    import torch
    from torch import nn

    def conv(inputs, outputs, kernel, stride=1, groups=1, activation=nn.ReLU):
        layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
                  nn.BatchNorm2d(outputs)]
        return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))

    class Residual(nn.Module):
        """The block of ResNet-18 (He et al. 2016, option B)."""

        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.body = nn.Sequential(conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, activation=None))
            same = stride == 1 and inputs == outputs
            self.shortcut = nn.Identity() if same else conv(inputs, outputs, 1, stride, activation=None)

        def forward(self, x):
            return torch.relu(self.body(x) + self.shortcut(x))

    class Inverted(nn.Module):
        """The block of MobileNet-V2 (Sandler et al. 2018)."""

        def __init__(self, inputs, outputs, stride, expansion):
            super().__init__()
            hidden = inputs * expansion
            expand = [conv(inputs, hidden, 1, activation=nn.ReLU6)] if expansion > 1 else []
            self.body = nn.Sequential(*expand, conv(hidden, hidden, 3, stride, hidden, nn.ReLU6),
                                      conv(hidden, outputs, 1, activation=None))
            self.adds = stride == 1 and inputs == outputs

        def forward(self, x):
            return x + self.body(x) if self.adds else self.body(x)

    class Fire(nn.Module):
        """The module of SqueezeNet (Iandola et al. 2016)."""

        def __init__(self, inputs, squeezed, expanded):
            super().__init__()
            self.squeeze = nn.Sequential(nn.Conv2d(inputs, squeezed, 1), nn.ReLU(inplace=True))
            self.one = nn.Sequential(nn.Conv2d(squeezed, expanded, 1), nn.ReLU(inplace=True))
            self.three = nn.Sequential(nn.Conv2d(squeezed, expanded, 3, padding=1), nn.ReLU(inplace=True))

        def forward(self, x):
            x = self.squeeze(x)
            return torch.cat([self.one(x), self.three(x)], 1)

    def resnet18(width=64, classes=10, large=False):
        stem = [conv(3, width, 7, 2), nn.MaxPool2d(3, 2, 1)] if large else [conv(3, width, 3)]
        blocks, inputs = [], width
        for i in range(4):
            outputs = width << i
            blocks += [Residual(inputs, outputs, 1 if i == 0 else 2), Residual(outputs, outputs, 1)]
            inputs = outputs
        return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))

    def mobilenet_v2(width=32, classes=10, large=False):
        plan = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]
        layers, inputs = [conv(3, width, 3, 2 if large else 1, activation=nn.ReLU6)], width
        for expansion, channels, count, stride in plan:
            outputs = channels * width // 32
            for i in range(count):
                # Of CIFAR's 32 pixels nothing would be left after five halvings.
                first = stride if i == 0 and (large or channels > 24) else 1
                layers.append(Inverted(inputs, outputs, first, expansion))
                inputs = outputs
        last = 40 * width
        layers += [conv(inputs, last, 1, activation=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2),
                   nn.Linear(last, classes)]
        return nn.Sequential(*layers)

    def vgg16_bn(width=64, classes=10, large=False):
        layers, inputs = [], 3
        for outputs in (1, 1, 0, 2, 2, 0, 4, 4, 4, 0, 8, 8, 8, 0, 8, 8, 8, 0):
            if outputs == 0:
                layers.append(nn.MaxPool2d(2))
            else:
                layers.append(conv(inputs, outputs * width, 3))
                inputs = outputs * width
        side = 7 if large else 1
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(inputs * side * side, inputs), nn.ReLU(), nn.Dropout(),
                             nn.Linear(inputs, classes))

    def squeezenet(width=16, classes=10, large=False):
        def fires(inputs, *plan):
            result = []
            for squeezed, expanded in plan:
                result.append(Fire(inputs, squeezed * width // 16, expanded * width // 16))
                inputs = 2 * expanded * width // 16
            return result

        stem = 4 * width
        return nn.Sequential(
            nn.Conv2d(3, stem, 3, 2 if large else 1, 0 if large else 1), nn.ReLU(),
            nn.MaxPool2d(3, 2, ceil_mode=True), *fires(stem, (16, 64), (16, 64)), nn.MaxPool2d(3, 2, ceil_mode=True),
            *fires(8 * width, (32, 128), (32, 128)), nn.MaxPool2d(3, 2, ceil_mode=True),
            *fires(16 * width, (48, 192), (48, 192), (64, 256), (64, 256)), nn.Dropout(0.5),
            nn.Conv2d(32 * width, classes, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())

    return {"resnet18": resnet18, "mobilenet_v2": mobilenet_v2, "vgg16_bn": vgg16_bn, "squeezenet": squeezenet}


def export(model, file, side=32, opset=13, seed=7):
    """Random weights whose batch norms have seen some noise, exported for inference with an open batch axis."""
    import torch
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                torch.nn.init.kaiming_normal_(parameter)
        model.train()
        for _ in range(2):
            model(torch.rand(4, 3, side, side))
    save(model, file, side, opset)


def save(model, file, side, opset):
    import warnings

    import torch
    model.eval()
    warnings.filterwarnings("ignore", module="torch.onnx")  # on what its constant folding leaves to others
    torch.onnx.export(model, torch.zeros(1, 3, side, side), file, opset_version=opset, input_names=["input"],
                      output_names=["classes"], dynamic_axes={"input": {0: "batch"}, "classes": {0: "batch"}})


def train(model, dataset, epochs=5):
    """A short training on the images of an npz file, as `cimcycle dataset` writes them."""
    import torch
    arrays = numpy.load(dataset)
    images = torch.tensor(arrays["images"]).float() / 255
    labels = torch.tensor(arrays["labels"].astype(numpy.int64))
    batches = len(images) // 64
    optimizer = torch.optim.AdamW(model.parameters(), 2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 8e-3, epochs * batches)
    for _ in range(epochs):
        order = torch.randperm(len(images))
        for chosen in order[:64 * batches].reshape(batches, 64):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen]).backward()
            optimizer.step()
            schedule.step()


def main():
    import sys

    import torch
    folder = sys.argv[1]
    for name, make in torch_models().items():
        export(make(), f"{folder}/{name}.onnx")
    export(torch_models()["resnet18"](classes=1000, large=True), f"{folder}/resnet18_224.onnx", side=224)
    if len(sys.argv) > 2:
        torch.manual_seed(1)
        model = torch_models()["resnet18"](8)
        train(model, sys.argv[2])
        save(model, f"{folder}/resnet18_trained.onnx", 32, 13)


if __name__ == "__main__":
    main()

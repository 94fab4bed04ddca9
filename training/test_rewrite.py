"""Tests of convolutions written otherwise: what stands round them folded in, and constants that are computed."""
import pathlib
import tempfile
import unittest

from training.test_training import MISSING

if MISSING is None:
    import numpy as np
    import onnx
    import torch
    import torch.nn.functional as F
    from onnx import TensorProto, helper, numpy_helper

    from training.export import export_module
    from training.graph import Graph, attribute
    from training.rewrite import deepen_stem, fold_batch_norm, fold_padding, fold_pooling
    from training.taxonomy import CODES


def images_graph(nodes, constants, sizes):
    """A Graph of float images x (sizes: n x c x h x w) to y, with x's shape known."""
    initialisers = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, sizes)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None] * 4)
    opsets = [helper.make_opsetid("", 13)]
    graph = Graph(helper.make_model(helper.make_graph(nodes, "test", [x], [y], initialisers), opset_imports=opsets))
    graph.shapes["x"] = list(sizes)
    return graph


def convolve(graph, node, x):
    """What a Conv node of the graph gives."""
    weight, *bias = (torch.from_numpy(graph.constants[name]) for name in node.input[1:])
    top, left, bottom, right = attribute(node, "pads", [0] * 4)
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, *bias, stride=tuple(attribute(node, "strides", [1, 1])))


def folded(x, step):
    """ONNX's SpaceToDepth."""
    n, channels, height, width = x.shape
    squares = x.reshape(n, channels, height // step, step, width // step, step)
    return squares.permute(0, 3, 5, 1, 2, 4).reshape(n, channels * step * step, height // step, width // step)


@unittest.skipIf(MISSING, MISSING)
class RewriteTest(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(2)

    def test_a_deeper_stem_gives_the_same(self):
        x = torch.randn(2, 3, 24, 18)
        for size, pad, step in ((3, 1, 2), (5, 2, 2), (7, 3, 2), (4, 1, 2), (3, 0, 2), (1, 0, 2), (5, 1, 3), (4, 0, 3), (3, 0, 3)):
            weight, bias = torch.randn(8, 3, size, size), torch.randn(8)
            conv = helper.make_node("Conv", ["x", "w", "b"], ["y"], kernel_shape=[size] * 2, strides=[step] * 2, pads=[pad] * 4)
            graph = images_graph([conv], {"w": weight.numpy(), "b": bias.numpy()}, x.shape)
            deepen_stem(graph)
            self.assertEqual([node.op_type for node in graph.nodes], ["SpaceToDepth", "Conv"])
            graph.model()
            given = convolve(graph, graph.nodes[1], folded(x, step))
            wanted = F.conv2d(x, weight, bias, stride=step, padding=pad)
            self.assertEqual(given.shape, wanted.shape)
            self.assertLess((given - wanted).abs().max().item(), 1e-4, (size, pad, step))

    def test_a_stem_with_uneven_padding_or_sides_has_a_deeper_form_too(self):
        x = torch.randn(2, 3, 24, 18)
        for (height, width), (top, left, bottom, right), step in (((3, 3), (0, 0, 1, 1), 2), ((3, 5), (1, 2, 0, 3), 2), ((4, 3), (2, 0, 1, 1), 3), ((1, 4), (0, 1, 0, 2), 2)):
            weight = torch.randn(8, 3, height, width)
            conv = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[height, width], strides=[step] * 2, pads=[top, left, bottom, right])
            graph = images_graph([conv], {"w": weight.numpy()}, x.shape)
            deepen_stem(graph)
            self.assertEqual([node.op_type for node in graph.nodes], ["SpaceToDepth", "Conv"])
            given = convolve(graph, graph.nodes[1], folded(x, step))
            wanted = F.conv2d(F.pad(x, (left, right, top, bottom)), weight, stride=step)
            self.assertEqual(given.shape, wanted.shape)
            self.assertLess((given - wanted).abs().max().item(), 1e-4, (height, width, step))

    def test_what_has_no_deeper_form_stays(self):
        for channels, sizes, attributes in ((3, (1, 3, 25, 24), {"strides": [2, 2]}), (8, (1, 8, 24, 24), {"strides": [2, 2]}), (3, (1, 3, 24, 24), {})):
            conv = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3], pads=[1] * 4, **attributes)
            graph = images_graph([conv], {"w": np.ones((4, channels, 3, 3))}, sizes)
            deepen_stem(graph)
            self.assertEqual([node.op_type for node in graph.nodes], ["Conv"])

    def test_an_average_before_a_point_convolution_is_folded_in(self):
        weight, bias = torch.randn(6, 4, 1, 1), torch.randn(6)
        nodes = [
            helper.make_node("AveragePool", ["x"], ["p"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
            helper.make_node("Conv", ["p", "w", "b"], ["y"], kernel_shape=[1, 1]),
        ]
        x = torch.randn(2, 4, 8, 6)
        graph = images_graph(nodes, {"w": weight.numpy(), "b": bias.numpy()}, x.shape)
        fold_pooling(graph)
        self.assertEqual([node.op_type for node in graph.nodes], ["Conv"])
        wanted = F.conv2d(F.avg_pool2d(x, 2), weight, bias)
        self.assertLess((convolve(graph, graph.nodes[0], x) - wanted).abs().max().item(), 1e-5)
        # At the edge of an odd image the average is over fewer pixels.
        odd = images_graph(nodes, {"w": weight.numpy(), "b": bias.numpy()}, (2, 4, 7, 6))
        fold_pooling(odd)
        self.assertEqual([node.op_type for node in odd.nodes], ["AveragePool", "Conv"])

    def test_zeros_round_an_image_become_the_convolutions_own(self):
        x, weight = torch.randn(2, 3, 8, 6), torch.randn(5, 3, 3, 3)
        conv = helper.make_node("Conv", ["p", "w"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 0, 0])
        sides = np.array([0, 0, 0, 0, 0, 0, 1, 1])
        graph = images_graph([helper.make_node("Pad", ["x", "sides"], ["p"]), conv], {"w": weight.numpy()}, x.shape)
        graph.constants["sides"] = sides
        fold_padding(graph)
        self.assertEqual([node.op_type for node in graph.nodes], ["Conv"])
        graph.model()
        wanted = F.conv2d(F.pad(x, (1, 1, 0, 1)), weight, stride=2)
        self.assertLess((convolve(graph, graph.nodes[0], x) - wanted).abs().max().item(), 1e-5)
        # Other values than zeros, other modes, and channels stay as they are.
        for value, mode, padded in ((1.0, "constant", sides), (0.0, "reflect", sides), (0.0, "constant", np.roll(sides, 1))):
            pad = helper.make_node("Pad", ["x", "sides", "value"], ["p"], mode=mode)
            other = images_graph([pad, conv], {"w": weight.numpy(), "value": value}, x.shape)
            other.constants["sides"] = padded
            fold_padding(other)
            self.assertEqual([node.op_type for node in other.nodes], ["Pad", "Conv"])

    def test_an_exported_convolution_has_its_own_padding(self):
        class Padded(torch.nn.Module):
            """As TensorFlow's SAME at stride 2: the exporter writes the zeros as a dozen operations."""

            def __init__(self):
                super().__init__()
                self.convolution = torch.nn.Conv2d(3, len(CODES), 3, 2)

            def forward(self, crops):
                return self.convolution(F.pad(crops.permute(0, 3, 1, 2).float(), (0, 1, 0, 1))).mean((2, 3)).softmax(1)

        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "padded.onnx"
            export_module(Padded(), 16, file)
            nodes = onnx.load(str(file)).graph.node
        self.assertEqual([list(attribute(node, "pads")) for node in nodes if node.op_type == "Conv"], [[0, 0, 1, 1]])
        self.assertFalse({"Pad", "ConstantOfShape", "Slice"} & {node.op_type for node in nodes})

    def test_what_is_computed_from_constants_is_a_constant(self):
        values = np.arange(24).reshape(2, 3, 4)
        nodes = [
            helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
            helper.make_node("Cast", ["zeros"], ["whole"], to=TensorProto.INT64),
            helper.make_node("Reshape", ["whole", "same"], ["shaped"]),
            helper.make_node("Concat", ["values", "shaped"], ["joined"], axis=0),
            helper.make_node("Slice", ["joined", "from", "to", "axes", "back"], ["reversed"]),
            helper.make_node("Transpose", ["reversed"], ["turned"], perm=[2, 0, 1]),
            helper.make_node("Slice", ["turned", "from", "two"], ["cut"]),
            helper.make_node("Transpose", ["turned"], ["y"]),
        ]
        constants = {"size": [12], "same": [1, -1, 4], "values": values, "from": [-2], "to": [np.iinfo(np.int64).min], "axes": [1], "back": [-1], "two": [2]}
        initialisers = [numpy_helper.from_array(np.asarray(value, np.int64), name) for name, value in constants.items()]
        y = helper.make_tensor_value_info("y", TensorProto.INT64, [None] * 3)
        graph = Graph(helper.make_model(helper.make_graph(nodes, "test", [], [y], initialisers), opset_imports=[helper.make_opsetid("", 13)]))
        joined = np.concatenate([values, np.zeros((1, 3, 4), np.int64)])
        turned = joined[:, -2::-1].transpose(2, 0, 1)
        self.assertEqual(graph.constants["turned"].tolist(), turned.tolist())
        self.assertEqual(graph.constants["cut"].tolist(), turned[-2:2].tolist())
        # The model's own output stays a node.
        self.assertEqual([node.op_type for node in graph.nodes], ["Transpose"])

    def test_normalisation_is_folded_in(self):
        x, weight = torch.randn(2, 3, 6, 6), torch.randn(5, 3, 3, 3)
        gain, shift, mean, variance = torch.rand(5) + 0.5, torch.randn(5), torch.randn(5), torch.rand(5) + 0.1
        nodes = [
            helper.make_node("Conv", ["x", "w"], ["c"], kernel_shape=[3, 3]),
            helper.make_node("BatchNormalization", ["c", "gain", "shift", "mean", "variance"], ["y"], epsilon=1e-3),
        ]
        constants = {"w": weight, "gain": gain, "shift": shift, "mean": mean, "variance": variance}
        graph = images_graph(nodes, {name: value.numpy() for name, value in constants.items()}, x.shape)
        fold_batch_norm(graph)
        self.assertEqual([node.op_type for node in graph.nodes], ["Conv"])
        wanted = F.batch_norm(F.conv2d(x, weight), mean, variance, gain, shift, eps=1e-3)
        self.assertLess((convolve(graph, graph.nodes[0], x) - wanted).abs().max().item(), 1e-4)
        self.assertEqual(graph.model().graph.output[0].name, "y")

    def test_a_constant_under_a_second_name_is_a_constant(self):
        nodes = [helper.make_node("Identity", ["b"], ["same"]), helper.make_node("Conv", ["x", "w", "same"], ["y"], kernel_shape=[1, 1])]
        graph = images_graph(nodes, {"w": np.ones((4, 3, 1, 1)), "b": np.arange(4)}, (1, 3, 8, 8))
        self.assertEqual([node.op_type for node in graph.nodes], ["Conv"])
        self.assertEqual(graph.constants["same"].tolist(), [0, 1, 2, 3])

    def test_a_graph_within_a_node_is_refused(self):
        branch = helper.make_graph([helper.make_node("Identity", ["x"], ["b"])], "branch", [], [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)])
        node = helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
        with self.assertRaisesRegex(ValueError, "If"):
            images_graph([node], {}, (1, 3, 8, 8))


if __name__ == "__main__":
    unittest.main()

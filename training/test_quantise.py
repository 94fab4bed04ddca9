"""Tests of the int8 variant: the rewritten convolutions, the ranges, the graph, and the command."""
import contextlib
import io
import json
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

    from training import images, quantise
    from training.export import export_module, export_onnx, sha256_of, write_package
    from training.fit import Settings
    from training.graph import Graph, attribute
    from training.network import white_balance
    from training.ranges import NODE, least_loss_range, probabilities
    from training.rewrite import deepen_stem, fold_batch_norm, fold_padding, fold_pooling
    from training.rounding import WEIGHT_LIMIT, mean_shift, quantised, rounded_weights
    from training.taxonomy import CODES
    from training.test_training import tiny_network, write_cells

NO_RUNTIME = MISSING or (None if NODE.exists() else "needs onnxruntime for Node: npm ci")
SIZE_PX = 48


def blobs(n, seed=3):
    """uint8, n x 48 x 48 x 3: dark discs of many colours and sizes on a bright ground."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX] - SIZE_PX / 2
    crops = random.normal(225, 5, (n, SIZE_PX, SIZE_PX, 3))
    for crop in crops:
        across, down = random.normal(0, 4, 2)
        disc = np.hypot((x - across) * random.uniform(0.7, 1.3), y - down) < random.uniform(6, 20)
        crop[disc] = random.uniform(30, 180, 3) + random.normal(0, 10, (disc.sum(), 3))
    return crops.clip(0, 255).astype(np.uint8)


def telling_network():
    """A tiny network, untrained, whose answers tell the blobs apart: normalised on them, layer by layer and at its head."""
    network, blobs_density = tiny_network(), white_balance(torch.from_numpy(blobs(64)).permute(0, 3, 1, 2).float())
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None
        network.train()(blobs_density)
        features = network.eval().features(blobs_density)
        network.head.weight /= features.std(0)
        network.head.bias.copy_(-network.head.weight @ features.mean(0))
    return network


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


@unittest.skipIf(MISSING, MISSING)
class RangeTest(unittest.TestCase):
    def test_rare_values_far_out_are_cut_off(self):
        counts = np.zeros(2048)
        counts[:400], counts[-1] = 10_000, 1
        low, high = least_loss_range({"low": 0.0, "high": 10.0, "counts": counts})
        self.assertEqual(low, 0.0)
        self.assertLess(high, 4.0)
        self.assertGreater(high, 1.9)

    def test_zero_is_always_within(self):
        even = np.ones(2048)
        for least, greatest in ((2.0, 5.0), (-5.0, -2.0), (-1.0, 3.0), (0.0, 0.0)):
            low, high = least_loss_range({"low": least, "high": greatest, "counts": even})
            self.assertTrue(low <= 0 <= high and low < high, (low, high))
            self.assertGreaterEqual(high, 0.9 * greatest)

    def test_weights_have_a_scale_for_every_output(self):
        random = np.random.default_rng(1)
        weight = random.normal(0, 1, (6, 4, 3, 3)) * np.array([1e-4, 0.1, 1, 10, 0, 1]).reshape(-1, 1, 1, 1)
        integers, scales = rounded_weights(weight.astype(np.float32))
        self.assertEqual((integers.dtype, integers.shape, scales.shape), (np.int8, weight.shape, (6,)))
        self.assertLessEqual(np.abs(integers.astype(int)).max(), WEIGHT_LIMIT)
        error = np.abs(integers * scales.reshape(-1, 1, 1, 1) - weight).reshape(6, -1)
        self.assertTrue((np.sqrt((error**2).mean(1)) <= 0.02 * np.abs(weight).reshape(6, -1).max(1)).all())
        self.assertFalse(integers[4].any())


    def test_an_error_of_weights_shifts_the_mean(self):
        torch.manual_seed(3)
        for inputs, outputs, groups in ((6, 4, 1), (6, 6, 6), (6, 9, 3)):
            x = torch.randn(2, inputs, 7, 7) + torch.arange(inputs).view(1, -1, 1, 1)
            error = torch.randn(outputs, inputs // groups, 1, 1)
            wanted = F.conv2d(x, error, groups=groups).mean((0, 2, 3))
            given = mean_shift(error.numpy(), x.mean((0, 2, 3)).tolist())
            self.assertLess(np.abs(given - wanted.numpy()).max(), 1e-4, groups)


@unittest.skipIf(NO_RUNTIME, NO_RUNTIME)
class GraphTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.float_file, cls.int8_file = (pathlib.Path(cls.folder.name) / name for name in ("float.onnx", "int8.onnx"))
        export_onnx(telling_network(), 2, SIZE_PX, cls.float_file)
        cls.model = quantised(onnx.load(str(cls.float_file)), blobs(24))
        onnx.save(cls.model, str(cls.int8_file))

    def test_it_answers_as_the_float_graph(self):
        crops = blobs(40, seed=9)
        wanted, given = probabilities(self.float_file, crops), probabilities(self.int8_file, crops)
        self.assertEqual(given.shape, (40, len(CODES)))
        self.assertLess(np.abs(given.sum(1) - 1).max(), 1e-4)
        self.assertGreater(np.abs(given - wanted).max(), 0)
        self.assertLess(np.abs(given - wanted).max(), 0.1)
        self.assertLess(np.abs(given - wanted).mean(), 0.01)
        # The answers tell the crops apart by far more than the rounding moves them.
        self.assertGreater(wanted.std(0).mean(), 5 * np.abs(given - wanted).mean())

    def test_orientation_does_not_matter(self):
        crops = blobs(3)
        given = probabilities(self.int8_file, crops)
        for turned in (np.rot90(crops, 1, (1, 2)), crops[:, :, ::-1], crops.transpose(0, 2, 1, 3)):
            self.assertLess(np.abs(probabilities(self.int8_file, turned) - given).max(), 1e-5)

    def test_every_convolution_is_between_roundings(self):
        graph = Graph(self.model)
        convolutions = [node for node in graph.nodes if node.op_type == "Conv"]
        self.assertEqual(len(convolutions), len([node for node in onnx.load(str(self.float_file)).graph.node if node.op_type == "Conv"]))
        for conv in convolutions:
            self.assertEqual({graph.producer(name).op_type for name in conv.input}, {"DequantizeLinear"})
            self.assertEqual([node.op_type for node in graph.consumers(conv.output[0])], ["QuantizeLinear"])
            weight, scales, zeros = (graph.constants[name] for name in graph.producer(conv.input[1]).input)
            self.assertLessEqual(np.abs(weight.astype(int)).max(), WEIGHT_LIMIT)
            self.assertEqual((weight.dtype, scales.shape, zeros.any()), (np.int8, (len(weight),), False))
        for node in graph.nodes:
            if node.op_type == "QuantizeLinear":
                self.assertEqual(graph.constants[node.input[2]].dtype, np.uint8)
        kinds = [node.op_type for node in graph.nodes]
        self.assertNotIn("Relu", kinds)
        self.assertEqual(kinds.count("SpaceToDepth"), 1)

    def test_the_eight_orientations_are_made_of_8_bit_values(self):
        graph = Graph(self.model)
        orientations = max((node for node in graph.nodes if node.op_type == "Concat"), key=lambda node: len(node.input))
        self.assertEqual(len(orientations.input), 8)
        reached, open_ = set(), list(orientations.input)
        while open_:
            node = graph.producer(open_.pop())
            reached.add(node.op_type)
            if node.op_type != "QuantizeLinear":
                open_.append(node.input[0])
        self.assertEqual(reached, {"Slice", "Transpose", "QuantizeLinear"})

    def test_inputs_and_outputs_stay(self):
        for kind in ("input", "output"):
            before, after = (getattr(model.graph, kind) for model in (onnx.load(str(self.float_file)), self.model))
            self.assertEqual(list(before), list(after))
        self.assertLess(self.int8_file.stat().st_size, self.float_file.stat().st_size)

    def test_what_has_no_8_bit_form_stays_float(self):
        class Mixed(torch.nn.Module):
            """Grouped and plain convolutions, limits, normalisation by image, a gate and a smooth activation."""

            def __init__(self):
                super().__init__()
                torch.manual_seed(4)
                self.stem = torch.nn.Conv2d(3, 16, 3, 2, 1)
                self.grouped = torch.nn.Conv2d(16, 16, 3, 1, 1, groups=4)
                self.by_image = torch.nn.InstanceNorm2d(16, affine=True)
                self.gate = torch.nn.Conv2d(16, 16, 1)
                self.last = torch.nn.Conv2d(16, 24, 3, 2, 1, bias=False)
                self.head = torch.nn.Linear(24, len(CODES))

            def forward(self, crops):
                x = F.relu6(self.stem(crops.permute(0, 3, 1, 2).float() / 32 - 4))
                y = F.relu(self.by_image(self.grouped(x))) + x
                y = y * torch.sigmoid(self.gate(y.mean((2, 3), keepdim=True)))
                y = F.silu(self.last(F.max_pool2d(y, 2)))
                embedding = y.mean((2, 3))
                return torch.softmax(4 * self.head(embedding), 1), embedding, embedding.norm(dim=1)

        with tempfile.TemporaryDirectory() as folder:
            float_file, int8_file = (pathlib.Path(folder) / name for name in ("float.onnx", "int8.onnx"))
            export_module(Mixed(), SIZE_PX, float_file, ("probabilities", "embedding", "unfamiliarity"))
            model = quantised(onnx.load(str(float_file)), blobs(24))
            onnx.save(model, str(int8_file))
            graph = Graph(model)
            kinds = [node.op_type for node in graph.nodes]
            self.assertIn("InstanceNormalization", kinds)
            self.assertIn("Sigmoid", kinds)
            self.assertNotIn("Clip", kinds)
            self.assertEqual([each.name for each in model.graph.output], ["probabilities", "embedding", "unfamiliarity"])
            crops = blobs(20, seed=9)
            wanted, given = probabilities(float_file, crops), probabilities(int8_file, crops)
            self.assertLess(np.abs(given - wanted).max(), 0.1)
            self.assertGreater(wanted.std(0).mean(), 5 * np.abs(given - wanted).mean())


@unittest.skipIf(NO_RUNTIME, NO_RUNTIME)
class PackageTest(unittest.TestCase):
    def test_the_command_adds_the_variant_to_a_package(self):
        codes = ["LYT", "NGS", "MON"]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for file in quantise.SETS.values():
                write_cells(folder / file, 14, codes)
            settings = Settings(size_px=SIZE_PX, pixel_um=0.4)
            write_package(folder / "package", telling_network(), 2, settings, "tiny", "2", {}, [], "# tiny", test_crops=blobs(4))
            before = json.loads((folder / "package/manifest.json").read_text())
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                quantise.main([str(folder / "package"), "--data", str(folder), "--work", str(folder / "work")])
            manifest = json.loads((folder / "package/manifest.json").read_text())
            int8, measured = manifest.pop("int8"), manifest.pop("measured")
            self.assertEqual(manifest, before)
            self.assertEqual(int8["sha256"], sha256_of(folder / "package" / int8["file"]))
            self.assertEqual(np.shape(int8["probabilities"]), (4, len(CODES)))
            given = probabilities(folder / "package" / int8["file"], blobs(4))
            self.assertLess(np.abs(given - int8["probabilities"]).max(), 1e-5)
            said = json.loads(printed.getvalue())
            self.assertEqual(set(said["balanced"]), {"marrow", "blood"})
            self.assertGreater(said["balanced"]["marrow"]["n"], 0)
            self.assertGreater(said["bytes"]["float"], said["bytes"]["int8"])
            self.assertEqual([(each["set"], each["variant"], each["split"]) for each in measured], [(name, "int8", "sha256-15") for name in quantise.SETS])
            self.assertEqual(measured[0]["balancedAccuracy"], said["balanced"]["marrow"]["int8"])
            # Again: what it says of the int8 variant is replaced, not added to.
            with contextlib.redirect_stdout(io.StringIO()):
                quantise.main([str(folder / "package"), "--data", str(folder), "--work", str(folder / "work")])
            self.assertEqual(json.loads((folder / "package/manifest.json").read_text()), {**manifest, "int8": int8, "measured": measured})

    def test_ranges_are_chosen_on_training_crops_of_every_class(self):
        with tempfile.TemporaryDirectory() as folder:
            write_cells(pathlib.Path(folder) / "cells", 20, ["LYT", "NGS"])
            crops = images.load("marrow", pathlib.Path(folder) / "cells", pathlib.Path(folder) / "cache")
            chosen = quantise.calibration_crops([crops], SIZE_PX, 0.4, count=12)
            self.assertEqual(chosen.shape, (12, SIZE_PX, SIZE_PX, 3))
            training = images.centre_crops(crops.pixels[~crops.validation], SIZE_PX, 0.4)
            labels = crops.labels[~crops.validation]
            places = [next(i for i, each in enumerate(training) if np.array_equal(each, crop)) for crop in chosen]
            self.assertEqual(np.bincount(labels[places])[np.unique(labels)].tolist(), [6, 6])
            self.assertEqual(len(set(places)), 12)


if __name__ == "__main__":
    unittest.main()

"""Tests of the int8 variant: the ranges, the graph, and the command."""
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

    from training import images, quantise
    from training.export import export_module, export_onnx, sha256_of, write_package
    from training.fit import Settings
    from training.graph import Graph
    from training.network import white_balance
    from training.moving import work_before_copies
    from training.ranges import NODE, distributions, least_loss_range, open_shape, probabilities
    from training.rewrite import deepen_stem, fold_batch_norm
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

    def test_what_the_folded_stem_reads_is_known_too(self):
        graph = Graph(onnx.load(str(self.float_file)))
        fold_batch_norm(graph)
        work_before_copies(graph)
        seen = distributions(graph.model(), blobs(24))
        graph.shapes = {name: open_shape(each) for name, each in seen.items()}
        deepen_stem(graph)
        exact = next(node for node in graph.nodes if node.op_type == "Conv")
        image = graph.producer(exact.input[0]).input[0]
        bits = Graph(self.model)
        rounded = bits.producer(exact.output[0])
        (weight, scales, _), (bias, steps, _) = ([bits.constants[name] for name in bits.producer(each).input] for each in rounded.input[1:])
        error = weight * scales.reshape(-1, 1, 1, 1) - graph.constants[exact.input[1]]
        shift = mean_shift(error, np.tile(seen[image]["means"], 4))
        self.assertGreater(np.abs(shift / steps).max(), 1)
        self.assertLess(np.abs(bias - (graph.constants[exact.input[2]] - shift) / steps).max(), 0.51)

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

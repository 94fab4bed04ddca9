"""Tests of weights begun on natural images: a package of random weights is written, worked out operation by operation, and read. Where
MEDULLA_NATURAL names the folder of the real package, so is that one."""
import contextlib
import copy
import io
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from training.test_training import MISSING

if MISSING is None:
    import numpy as np
    import torch

    from training import images, natural, train
    from training.assess import assess
    from training.export import answers
    from training.fit import Settings
    from training.fit import train as fit
    from training.mobilenet import MobileNet, colours_of
    from training.narrow import narrowed
    from training.network import Deployed, white_balance
    from training.taxonomy import CODES
    from training.taxonomy import ROOT as PROJECT
    from training.test_quantise import blobs
    from training.test_training import NODE, write_cells

REAL = os.environ.get("MEDULLA_NATURAL")
NO_REAL = MISSING or (None if REAL else "needs MEDULLA_NATURAL, the folder of the unpacked package (training/README.md)")
if NO_REAL:
    print(f"skipped: the real graph {NO_REAL}")

ROOT = "FeatureExtractor/MobilenetV2"
LAST = f"{ROOT}/Conv_1/Relu6"
# Width in, expansion, width out, stride of the seventeen blocks.
BLOCKS = [(32, 1, 16, 1), (16, 6, 24, 2), (24, 6, 24, 1), (24, 6, 32, 2)] + [(32, 6, 32, 1)] * 2 + [(32, 6, 64, 2)] + [(64, 6, 64, 1)] * 3
BLOCKS += [(64, 6, 96, 1)] + [(96, 6, 96, 1)] * 2 + [(96, 6, 160, 2)] + [(160, 6, 160, 1)] * 2 + [(160, 6, 320, 1)]


class RandomGraph:
    """The feature extractor as TensorFlow.js has it (nodes, and weights by name), of random weights that keep values in range."""

    def __init__(self, seed=7):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], {}
        x = self.layer("Preprocessor/sub", f"{ROOT}/Conv", 3, 32, 3, 2)
        for i, (inputs, expansion, outputs, stride) in enumerate(BLOCKS):
            name, wide = f"{ROOT}/expanded_conv" + (f"_{i}" if i else ""), inputs * expansion
            y = self.layer(x, f"{name}/expand", inputs, wide, 1) if expansion > 1 else x
            y = self.depthwise(y, f"{name}/depthwise", wide, stride)
            y = self.layer(y, f"{name}/project", wide, outputs, 1, bent=False)
            x = self.add("AddN", f"{name}/add", [y, x]) if stride == 1 and inputs == outputs else y
        self.layer(x, f"{ROOT}/Conv_1", 320, 1280, 1)
        self.weights["Postprocessor/size"] = np.array([3, 1], np.int32)

    def add(self, kind, name, inputs, stride=None):
        attributes = {} if stride is None else {"strides": {"list": {"i": ["1", str(stride), str(stride), "1"]}}, "padding": {"s": list(b"SAME")}}
        self.nodes.append({"op": kind, "name": name, "input": inputs, "attr": attributes})
        return name

    def constant(self, name, values):
        self.weights[name] = values.astype(np.float32)
        return name

    def shifted(self, y, norm, width):
        return self.add("Add", f"{norm}/add_1", [y, self.constant(f"{norm}/sub", self.random.normal(0.2, 0.5, width))])

    def layer(self, x, name, inputs, outputs, side, stride=1, bent=True):
        kernel = self.random.normal(0, (1.5 / (inputs * side * side)) ** 0.5, (side, side, inputs, outputs))
        norm = f"{name}/BatchNorm/batchnorm"
        y = self.add("Conv2D", f"{norm}/mul_1", [x, self.constant(f"{name}/Conv2D/merged_input", kernel)], stride)
        y = self.shifted(y, norm, outputs)
        return self.add("Relu6", f"{name}/Relu6", [y]) if bent else y

    def depthwise(self, x, name, width, stride):
        norm = f"{name}/BatchNorm/batchnorm"
        y = self.add("DepthwiseConv2dNative", f"{name}/depthwise", [x, self.constant(f"{name}/depthwise_weights", self.random.normal(0, 0.4, (3, 3, width, 1)))], stride)
        y = self.add("Mul", f"{norm}/mul_1", [y, self.constant(f"{norm}/mul", self.random.uniform(0.5, 2, width))])
        return self.add("Relu6", f"{name}/Relu6", [self.shifted(y, norm, width)])

    def write(self, folder, files=2):
        """model.json and the files of its weights, the second beginning in the middle of an array."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        entries = [{"name": name, "shape": list(values.shape), "dtype": str(values.dtype)} for name, values in self.weights.items()]
        data = b"".join(values.tobytes() for values in self.weights.values())
        paths = [f"group1-shard{i + 1}of{files}" for i in range(files)]
        part = len(data) // files + 3
        for i, path in enumerate(paths):
            (folder / path).write_bytes(data[i * part : (i + 1) * part])
        (folder / "model.json").write_text(json.dumps({"modelTopology": {"node": self.nodes}, "weightsManifest": [{"paths": paths, "weights": entries}]}))


def worked_out(nodes, weights, wanted, colours):
    """The value of node `wanted` (n x h x w x c) for colours n x s x s x 3, operation by operation in NumPy."""
    by_name = {node["name"]: node for node in nodes}
    values = {"Preprocessor/sub": colours}

    def value(name):
        if name not in values:
            values[name] = weights[name] if name in weights else work(by_name[name])
        return values[name]

    def work(node):
        inputs = [value(name) for name in node["input"]]
        if node["op"] in ("Add", "AddN"):
            return sum(inputs)
        if node["op"] == "Mul":
            return inputs[0] * inputs[1]
        if node["op"] == "Relu6":
            return np.clip(inputs[0], 0, 6)
        images, kernel = inputs
        assert bytes(node["attr"]["padding"]["s"]) == b"SAME"
        side, stride = kernel.shape[0], int(node["attr"]["strides"]["list"]["i"][1])
        out = -(-images.shape[1] // stride)
        zeros = max((out - 1) * stride + side - images.shape[1], 0)
        padded = np.pad(images, ((0, 0), *[(zeros // 2, zeros - zeros // 2)] * 2, (0, 0)))
        total = 0
        for i in range(side):
            for j in range(side):
                seen = padded[:, i : i + (out - 1) * stride + 1 : stride, j : j + (out - 1) * stride + 1 : stride]
                total = total + {"Conv2D": lambda: seen @ kernel[i, j], "DepthwiseConv2dNative": lambda: seen * kernel[i, j, :, 0]}[node["op"]]()
        return total

    return value(wanted)


def densities(n, seed=3):
    return white_balance(torch.from_numpy(blobs(n, seed)).permute(0, 3, 1, 2).float())


@unittest.skipIf(MISSING, MISSING)
class NaturalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.package = pathlib.Path(cls.folder.name) / "package"
        cls.graph = RandomGraph()
        cls.graph.write(cls.package / "models/detector")

    def loaded(self, folder=None):
        torch.manual_seed(2)
        return natural.load_folded(MobileNet(len(CODES)).eval(), natural.read_weights(natural.find_graph(folder or self.package)))

    def compare(self, nodes, weights, network):
        # An even side all the way down, and one that becomes odd on the way: padded differently.
        for side in (64, 72):
            colours = np.random.default_rng(side).uniform(-1, 1, (2, side, side, 3)).astype(np.float32)
            wanted = worked_out(nodes, weights, LAST, colours)
            with torch.no_grad():
                given = network.maps(torch.from_numpy(colours).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).numpy()
            self.assertEqual(given.shape, wanted.shape)
            self.assertGreater(wanted.std(), 0.05)
            self.assertLess(np.abs(given - wanted).max(), 1e-3 * wanted.max())

    def test_the_network_answers_as_the_graph(self):
        self.compare(self.graph.nodes, self.graph.weights, self.loaded())

    @unittest.skipIf(NO_REAL, NO_REAL)
    def test_the_network_answers_as_the_real_graph(self):
        graph = natural.find_graph(REAL)
        nodes = json.loads(graph.read_text())["modelTopology"]["node"]
        self.compare(nodes, natural.read_weights(graph), self.loaded(REAL))

    def test_restored_norms_change_no_answer_and_can_be_trained_with(self):
        folded = self.loaded()
        restored = natural.restore_norms(copy.deepcopy(folded), [densities(16, 1), densities(16, 2)])
        seen = densities(8, 5)
        with torch.no_grad():
            before, after = folded.features(seen), restored.features(seen)
            spread = (before - before.mean(0)).abs().max()
            self.assertGreater(spread.item(), 0.01)
            self.assertLess((before - after).abs().max().item(), 1e-3 * spread.item())
            # Normalised by the batch itself, values hardly move: the statistics are those of such crops.
            values = []
            hook = restored.stem.norm.register_forward_hook(lambda module, inputs, output: values.append(output))
            own = torch.cat([densities(16, 1), densities(16, 2)])
            restored.features(own)
            restored.train().features(own)
            hook.remove()
            self.assertLess((values[0] - values[1]).abs().max().item(), 1e-2 * values[0].std().item())

    def test_normalised_image_by_image_it_begins_nearly_as_it_was(self):
        batches = [densities(16, 1), densities(16, 2)]
        plain = natural.load_natural(MobileNet(3), self.package, batches).eval()
        halved = natural.load_natural(MobileNet(3, instance_stages=3), self.package, batches).eval()
        self.assertTrue(torch.equal(halved.stem.norm.instance.weight, plain.stem.norm.weight[:16]))
        self.assertTrue(torch.equal(halved.body[5].expand.norm.batch.running_var, plain.body[5].expand.norm.running_var[96:]))
        self.assertIsInstance(halved.body[6].expand.norm, torch.nn.BatchNorm2d)
        # Another lamp's contrast moves it less than it moves the network that goes by what training saw.
        seen = densities(8, 5)
        with torch.no_grad():
            moved = [(net.stem(seen) - net.stem(1.5 * seen)).abs().mean() / net.stem(seen).std() for net in (halved, plain)]
        self.assertLess(moved[0].item(), 0.8 * moved[1].item())

    def test_densities_become_the_colours_the_weights_were_learned_from(self):
        seen = colours_of(torch.tensor([-0.14, 0.0, float(np.log(2)), 1.2, 20.0]))
        self.assertTrue(torch.allclose(seen, torch.tensor([1.0, 1.0, 0.0, -0.3976, -1.0]), atol=1e-4))
        # A warm lamp's image and a white one's are the same colours, the background white.
        crops = torch.from_numpy(blobs(4)).permute(0, 3, 1, 2).float()
        warm = crops * torch.tensor([1.0, 0.85, 0.6])[:, None, None]
        one, other = colours_of(white_balance(crops)), colours_of(white_balance(warm))
        self.assertLess((one - other).abs().mean().item(), 0.03)
        self.assertGreater(one.flatten(2).quantile(0.97, 2).min().item(), 0.9)

    def test_what_is_not_the_detector_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            with self.assertRaisesRegex(ValueError, "holds 0 TensorFlow.js graphs"):
                natural.find_graph(folder)
            self.graph.write(folder / "cut")
            shard = folder / "cut/group1-shard2of2"
            shard.write_bytes(shard.read_bytes()[:-40])
            with self.assertRaisesRegex(ValueError, "files end before"):
                natural.read_weights(folder / "cut/model.json")
            self.graph.write(folder / "long")
            with open(folder / "long/group1-shard2of2", "ab") as shard:
                shard.write(b"more")
            with self.assertRaisesRegex(ValueError, "4 bytes more"):
                natural.read_weights(folder / "long/model.json")
            self.graph.write(folder / "packed")
            description = json.loads((folder / "packed/model.json").read_text())
            description["weightsManifest"][0]["weights"][5]["dtype"] = "uint8"
            (folder / "packed/model.json").write_text(json.dumps(description))
            with self.assertRaisesRegex(ValueError, "uint8"):
                natural.read_weights(folder / "packed/model.json")
        weights = dict(self.graph.weights)
        narrow = f"{ROOT}/Conv_1/Conv2D/merged_input"
        with self.assertRaisesRegex(ValueError, "full width"):
            natural.load_folded(MobileNet(3), {**weights, narrow: weights[narrow][..., :640]})
        weights.pop(narrow)
        with self.assertRaisesRegex(ValueError, "another detector"):
            natural.load_folded(MobileNet(3), weights)

    def test_the_command_begins_with_it_and_goes_on_where_it_stopped(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            folder = pathlib.Path(folder)
            write_cells(folder / "cells", 7, ["LYT", "NGS"])
            sets = [images.load("marrow", folder / "cells", folder / "cache")]
            recipe = train.recipe_of(train.parse(["--begin-with", str(self.package)]))[0]
            settings = Settings(**{**recipe, "size_px": 32, "pixel_um": 0.6, "epochs": 2, "batch": 6, "learning_rate": 1e-4})
            whole = train.run_stages(sets, [settings], folder / "whole", "run", workers=0, begin=self.package)[0]
            fit(sets, len(CODES), settings, folder / "broken/run-1", stop_after=0, start_from=self.package)
            resumed = train.run_stages(sets, [settings], folder / "broken", "run", workers=0, begin=folder / "nowhere")[0]
            for name, value in whole.state_dict().items():
                self.assertTrue(torch.equal(value, resumed.state_dict()[name]), name)
            # The head moved further than what was learned before.
            begun = self.loaded()
            moved = (whole.stem.convolution.weight - begun.stem.convolution.weight).abs().max().item()
            self.assertGreater(moved, 0)
            self.assertLessEqual(moved, 1.01 * settings.body_share * settings.learning_rate * 4)
            self.packed(folder / "package", whole, settings, sets)

    def packed(self, folder, network, settings, sets):
        """The package of it: said to be begun so, and answering as the network when run by what the bench runs."""
        wide = copy.deepcopy(network)
        network = narrowed(network, train.some_features(network, settings, sets))
        with torch.no_grad():
            self.assertLess((network(densities(6)) - wide(densities(6))).abs().max().item(), 1e-4)
        result = assess(network, settings, sets, folder, 4)
        result["epochs"] = settings.epochs
        train.package(folder, network, settings, result, sets, train.parse([]))
        self.assertIn("begun with weights that others learned", (folder / "card.md").read_text())
        manifest = json.loads((folder / "manifest.json").read_text())
        self.assertEqual(manifest["output"]["embedding"]["size"], 256)
        self.assertIn("COCO-SSD", manifest["sources"][-1]["name"])
        if not NODE.exists():
            print("skipped: the package's answers need onnxruntime for Node: npm ci")
            return
        crops = np.ascontiguousarray(blobs(3)[:, :32, :32])
        (folder / "in").write_bytes(crops.tobytes())
        command = [str(NODE), "scripts/run-onnx.ts", str(folder / "model.onnx"), str(folder / "in"), str(folder / "out"), "3", "32"]
        subprocess.run(command, cwd=PROJECT, check=True)
        given = np.frombuffer((folder / "out").read_bytes(), np.float32).reshape(3, len(CODES))
        wanted = answers(Deployed(network.to(memory_format=torch.contiguous_format), result["temperature"], None, 4), crops)[0]
        self.assertLess(np.abs(given - wanted).max(), 1e-4)

    def test_another_network_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit):
            train.parse(["--begin-with", str(self.package), "--network", "resnext50"])
        self.assertIn("leave --network out", said.getvalue())


if __name__ == "__main__":
    unittest.main()

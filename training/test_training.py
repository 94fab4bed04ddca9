"""Tests of the training code: `/usr/bin/python3 -m unittest discover -s training -t .`

Without torch they are skipped, with the reason printed.
"""
import contextlib
import importlib.util
import io
import json
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

try:
    import numpy as np
    import onnx  # noqa: F401  (the export needs it)
    import torch
    from PIL import Image

    MISSING = None
except ImportError as error:
    MISSING = f"training needs PyTorch, onnx, numpy and Pillow: {error}"
    print(f"skipped: {MISSING}")

if MISSING is None:
    from training import card, images, measure, train
    from training.assess import assess, distances
    from training.adapt import adaptations, between, statistics_of, with_drawn_rare
    from training.augment import FAR_VARIATION, augment
    from training.export import export_onnx, sha256_of
    from training.familiarity import fit_familiarity
    from training.fit import Settings, begin_with, epoch_order
    from training.fit import train as fit
    from training.jpeg import through_jpeg
    from training.network import Deployed, Network, white_balance
    from training.taxonomy import CODES, ROOT

    torch.set_num_threads(1)
    NODE = ROOT / "node_modules/.bin/node"


def write_cells(folder, per_class, codes, size_px=160):
    """A folder of CLASS/NAME.png: discs whose colour and size tell the class."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[:size_px, :size_px] - size_px / 2
    for c, code in enumerate(codes):
        target = pathlib.Path(folder) / code
        target.mkdir(parents=True)
        for i in range(per_class):
            pixels = np.full((size_px, size_px, 3), 225.0) + random.normal(0, 4, (size_px, size_px, 3))
            centre = random.normal(0, 3, 2)
            disc = np.hypot(x - centre[0], y - centre[1]) < 25 + 25 * c
            pixels[disc] = np.array([150 - 60 * c, 60, 90 + 60 * c]) + random.normal(0, 8, (disc.sum(), 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(target / f"{code}_{i:04d}.png")


def tiny_network(seed=5):
    torch.manual_seed(seed)
    network = Network(len(CODES), (8, 8, 16, 16), (1, 1, 1, 1)).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
    torch.nn.init.normal_(network.head.weight, 0, 1)
    return network


@unittest.skipIf(MISSING, MISSING)
class SplitTest(unittest.TestCase):
    def test_names_never_change_sides(self):
        chosen = [i for i in range(60) if images.is_validation(f"LYT_{i:05d}.jpg")]
        self.assertEqual(chosen, [2, 4, 5, 9, 12, 22, 28, 38, 40, 42, 45, 52])

    def test_about_fifteen_percent_validate(self):
        share = np.mean([images.is_validation(f"cell-{i}.png") for i in range(4000)])
        self.assertAlmostEqual(share, 0.15, delta=0.02)


@unittest.skipIf(MISSING, MISSING)
class CropTest(unittest.TestCase):
    def test_shrinking_averages_over_area(self):
        image = np.zeros((8, 8, 3), np.uint8)
        image[2:4, 2:4, 0] = [[10, 20], [30, 40]]
        crop = images.crop_at(image, 4, 4, 0.1, 4, 0.2)
        self.assertEqual(crop.shape, (4, 4, 3))
        self.assertEqual(crop[1, 1, 0], 25)
        self.assertEqual(int(crop.sum()), 25)

    def test_the_edge_continues_outside(self):
        image = np.full((6, 6, 3), 7, np.uint8)
        image[0] = 90
        crop = images.crop_at(image, 3, 0, 0.1, 4, 0.1)
        self.assertTrue((crop[:3] == 90).all())
        self.assertTrue((crop[3] == 7).all())

    @unittest.skipUnless((ROOT / "node_modules/.bin/node").exists() if MISSING is None else False, "needs Node: npm ci")
    def test_the_bench_crops_alike(self):
        image = np.random.default_rng(6).integers(0, 256, (40, 50, 3), np.uint8)
        for x, y, image_um, size_px, pixel_um in ((25.3, 19.8, 0.1, 12, 0.21), (2.2, 38.9, 0.092, 16, 0.2), (20, 20, 0.3, 24, 0.2)):
            side = size_px * pixel_um / image_um
            script = (
                "import { cropSquare } from './src/main/vision/crop.ts';"
                f"const data = Uint8Array.from(Buffer.from('{image.tobytes().hex()}', 'hex'));"
                f"const crop = cropSquare({{ data, widthPx: 50, heightPx: 40 }}, {x}, {y}, {side!r}, {size_px});"
                "process.stdout.write(Buffer.from(crop).toString('hex'))"
            )
            command = [str(ROOT / "node_modules/.bin/node"), "--input-type=module", "-e", script]
            theirs = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
            theirs = np.frombuffer(bytes.fromhex(theirs), np.uint8).reshape(size_px, size_px, 3)
            ours = images.crop_at(image, x, y, image_um, size_px, pixel_um)
            self.assertLessEqual(np.abs(ours.astype(int) - theirs).max(), 1)
            self.assertGreater((ours == theirs).mean(), 0.95)  # sums that end in exactly .5 may round apart

    def test_unknown_class_folders_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            write_cells(pathlib.Path(folder) / "cells", 1, ["XYZ"])
            with self.assertRaisesRegex(ValueError, "XYZ"):
                images.load("odd", pathlib.Path(folder) / "cells", pathlib.Path(folder) / "cache")


@unittest.skipIf(MISSING, MISSING)
class AugmentTest(unittest.TestCase):
    def test_shape_range_and_seed(self):
        pixels = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (5, 160, 160, 3), np.uint8))
        before = pixels.clone()
        first = augment(pixels, 48, 0.4, torch.Generator().manual_seed(9))
        again = augment(pixels, 48, 0.4, torch.Generator().manual_seed(9))
        other = augment(pixels, 48, 0.4, torch.Generator().manual_seed(10))
        self.assertEqual(tuple(first.shape), (5, 3, 48, 48))
        self.assertTrue(torch.isfinite(first).all())
        self.assertGreaterEqual(first.min().item(), 0)
        self.assertLessEqual(first.max().item(), 255)
        self.assertTrue(torch.equal(first, again))
        self.assertFalse(torch.equal(first, other))
        self.assertTrue(torch.equal(pixels, before))
        far = augment(pixels, 48, 0.4, torch.Generator().manual_seed(9), 1.0, FAR_VARIATION)
        self.assertTrue(torch.isfinite(far).all())
        self.assertFalse(torch.equal(first, far))

    def test_our_jpeg_is_the_usual_one(self):
        y, x = np.mgrid[:48, :40]
        image = np.stack([120 + 60 * np.sin(x / 5), 130 + 70 * np.cos(y / 7), 150 + 50 * np.sin((x + y) / 9)], 2)
        image = (image + np.random.default_rng(2).normal(0, 6, image.shape)).clip(0, 255).astype(np.uint8)
        for quality in (45, 75, 92):
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=quality)
            theirs = np.array(Image.open(file)).astype(float)
            tensor = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
            ours = through_jpeg(tensor, torch.tensor([float(quality)]))[0].permute(1, 2, 0).numpy() * 255
            lost = np.abs(theirs - image).mean()
            self.assertGreater(lost, 1)
            # Another filter for the chroma in between, nothing else.
            self.assertLess(np.abs(ours - theirs).mean(), 0.6 * lost)
            self.assertAlmostEqual(np.abs(ours - image).mean() / lost, 1, delta=0.2)

    def test_light_and_stain_strength_hardly_matter_to_the_network(self):
        y, x = np.mgrid[:48, :48] - 24
        density = np.where(np.hypot(x, y) < 10, 1.0, 0.02)[..., None] * np.array([0.8, 1.2, 0.5])

        def seen(strength, light):
            image = 255 * np.exp(-density * strength) * np.array(light)
            return white_balance(torch.from_numpy(image.transpose(2, 0, 1)[None]).float())

        reference = seen(1.0, (0.9, 0.9, 0.9))
        self.assertLess((seen(1.0, (0.9, 0.8, 0.6)) - reference).abs().max().item(), 0.1)
        self.assertLess((seen(0.6, (0.9, 0.9, 0.9)) - reference).abs().max().item(), 0.2)


@unittest.skipIf(MISSING, MISSING)
class FigureTest(unittest.TestCase):
    def test_figures_by_hand(self):
        figures = measure.figures([0, 0, 1, 1, 1], [0, 1, 1, 1, 2], 3)
        self.assertAlmostEqual(figures["accuracy"], 3 / 5)
        self.assertAlmostEqual(figures["balanced"], (1 / 2 + 2 / 3) / 2)
        self.assertEqual(figures["classes"][2], {"n": 0, "precision": 0.0, "recall": None})
        self.assertAlmostEqual(figures["classes"][1]["precision"], 2 / 3)

    def test_temperature_is_found(self):
        random = np.random.default_rng(2)
        logits = random.normal(0, 2, (4000, 5))
        shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
        labels = np.array([random.choice(5, p=share) for share in shares])
        temperature = measure.fit_temperature(logits * 1.7, labels)
        self.assertAlmostEqual(temperature, 1.7, delta=0.1)
        self.assertLess(measure.calibration_error(logits * 1.7, labels, temperature), measure.calibration_error(logits * 1.7, labels, 1.0))


@unittest.skipIf(MISSING or not NODE.exists(), MISSING or "needs onnxruntime for Node: npm ci")
class ExportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = tiny_network()
        cls.file = pathlib.Path(cls.folder.name) / "model.onnx"
        export_onnx(cls.network, 1.3, 48, cls.file)
        cls.crops = np.random.default_rng(4).integers(0, 256, (3, 48, 48, 3), np.uint8)

    def answer(self, crops):
        """The exported file's probabilities, from the runtime the bench uses."""
        given, wanted = self.file.with_suffix(".in"), self.file.with_suffix(".out")
        given.write_bytes(np.ascontiguousarray(crops).tobytes())
        command = [str(NODE), "scripts/run-onnx.ts", str(self.file), str(given), str(wanted), str(len(crops)), str(crops.shape[1])]
        subprocess.run(command, cwd=ROOT, check=True)
        return np.frombuffer(wanted.read_bytes(), np.float32).reshape(len(crops), len(CODES))

    def test_onnx_equals_torch(self):
        with torch.no_grad():
            wanted = Deployed(self.network, 1.3)(torch.from_numpy(self.crops)).numpy()
        given = self.answer(self.crops)
        self.assertEqual(given.shape, (3, len(CODES)))
        self.assertLess(np.abs(given - wanted).max(), 1e-4)
        self.assertLess(np.abs(given.sum(1) - 1).max(), 1e-4)

    def test_orientation_does_not_matter(self):
        given = self.answer(self.crops)
        self.assertGreater(np.abs(given[0] - given[1]).max(), 1e-4)
        for turned in (np.rot90(self.crops, 1, (1, 2)), self.crops[:, :, ::-1], self.crops.transpose(0, 2, 1, 3)):
            self.assertLess(np.abs(self.answer(np.ascontiguousarray(turned)) - given).max(), 1e-5)


@unittest.skipIf(MISSING, MISSING)
class AdaptTest(unittest.TestCase):
    def test_statistics_move_part_of_the_way_and_weights_stay(self):
        network = tiny_network()
        crops = np.random.default_rng(4).integers(0, 256, (40, 48, 48, 3), np.uint8)
        state = statistics_of(network, crops)
        mixed = between(network, state, 0.3)
        for name, value in network.state_dict().items():
            expected = value if not name.endswith(("running_mean", "running_var")) else 0.7 * value + 0.3 * state[name]
            self.assertTrue(torch.allclose(mixed.state_dict()[name].float(), expected.float(), atol=1e-5), name)
        self.assertFalse(torch.allclose(state["stem.1.running_mean"], network.state_dict()["stem.1.running_mean"], atol=1e-3))

    def test_every_way_is_tried_and_the_first_is_the_network_itself(self):
        network = tiny_network()
        pixels = np.random.default_rng(5).integers(0, 256, (12, 160, 160, 3), np.uint8)
        settings = Settings(size_px=48, pixel_um=0.45)
        rows = adaptations(network, pixels, settings, [3, 7], 4)
        self.assertEqual(len(rows), 9)
        self.assertEqual(rows[0][:2], (1.0, 0.0))
        plain = measure.logits_of(network, pixels, settings, 4)
        self.assertTrue(np.allclose(rows[0][3], with_drawn_rare(plain, [3, 7]), atol=1e-4))
        self.assertTrue(all(0 < row[2] <= 1 for row in rows))


@unittest.skipIf(MISSING, MISSING)
class RunTest(unittest.TestCase):
    def test_every_real_image_once_and_drawn_classes_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            write_cells(pathlib.Path(folder) / "cells", 12, ["LYT", "NGS"])
            real = images.load("marrow", pathlib.Path(folder) / "cells", pathlib.Path(folder) / "cache")
            drawn = images.load("rendered", pathlib.Path(folder) / "cells", pathlib.Path(folder) / "cache")
            order = epoch_order([real, drawn], Settings(rendered_per_epoch=40), 0)
            of_real = sorted(i for s, i in order if s == 0)
            self.assertEqual(of_real, np.flatnonzero(~real.validation).tolist())
            of_drawn = [drawn.labels[i] for s, i in order if s == 1]
            self.assertEqual(np.bincount(of_drawn)[np.unique(of_drawn)].tolist(), [20, 20])
            self.assertFalse(any(drawn.validation[i] for s, i in order if s == 1))

    def test_resuming_gives_the_same_weights(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            write_cells(pathlib.Path(folder) / "cells", 12, ["LYT", "NGS"])
            sets = [images.load("marrow", pathlib.Path(folder) / "cells", pathlib.Path(folder) / "cache")]
            settings = Settings(size_px=32, pixel_um=0.6, small_px=24, widths=(8, 8, 8, 8), depths=(1, 1, 1, 1), epochs=3, batch=8, instance_stages=1)
            whole = fit(sets, len(CODES), settings, pathlib.Path(folder) / "whole")
            fit(sets, len(CODES), settings, pathlib.Path(folder) / "broken", stop_after=1)
            resumed = fit(sets, len(CODES), settings, pathlib.Path(folder) / "broken", workers=1)
            for name, value in whole.state_dict().items():
                self.assertTrue(torch.equal(value, resumed.state_dict()[name]), name)

    def test_from_images_to_a_package(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            folder = pathlib.Path(folder)
            write_cells(folder / "marrow", 14, ["LYT", "NGS"])
            write_cells(folder / "rendered", 14, ["PLM"])
            sets = [
                images.load("marrow", folder / "marrow", folder / "cache"),
                images.load("rendered", folder / "rendered", folder / "cache"),
            ]
            settings = Settings(size_px=32, pixel_um=0.6, small_px=32, widths=(8, 8, 8, 8), depths=(1, 1, 1, 1), epochs=2, batch=8)
            network = fit(sets, len(CODES), settings, folder / "run", train.quick_report(sets, settings, every=1))
            log = [json.loads(line) for line in (folder / "run/log.jsonl").read_text().splitlines()]
            self.assertEqual([line["epoch"] for line in log], [0, 1])
            self.assertIn("marrow", log[0])
            result = assess(network, settings, sets, folder)
            self.assertEqual(result["evidence"]["LYT"]["images"], "real")
            self.assertEqual(result["evidence"]["PLM"]["images"], "rendered")
            self.assertEqual(result["evidence"]["ABE"], {"images": "none", "n": 0, "precision": None, "recall": None})
            result["epochs"] = settings.epochs
            train.package(folder / "package", network, settings, result, sets, train.parse(["--model-version", "7"]))
            manifest = json.loads((folder / "package/manifest.json").read_text())
            self.assertEqual((manifest["classes"], manifest["version"]), (CODES, "7"))
            self.assertEqual(manifest["sha256"], sha256_of(folder / "package/model.onnx"))
            self.assertEqual(manifest["output"]["embedding"]["size"], 8)
            self.assertEqual(len(manifest["testVector"]["probabilities"]), 4)
            self.assertEqual(sum(manifest["confusion"]["LYT"].values()), manifest["evidence"]["LYT"]["n"])
            self.assertIn(card.RESEARCH_USE_ONLY, (folder / "package/card.md").read_text())

    def test_a_deeper_network_begins_with_what_the_shallow_one_said(self):
        shallow = tiny_network()
        saved = {"average": shallow.state_dict(), "settings": {"network": "slim", "depths": (1, 1, 1, 1)}}
        deep = Network(len(CODES), (8, 8, 16, 16), (2, 1, 3, 2)).eval()
        begin_with(deep, saved)
        pixels = torch.randn(2, 3, 48, 48)
        with torch.no_grad():
            self.assertLess((deep(pixels) - shallow(pixels)).abs().max().item(), 1e-4)

    def test_leaving_a_laboratory_out_never_shows_it(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed:
            folder = pathlib.Path(folder)
            write_cells(folder / "matek", 14, ["LYT", "NGS"])
            write_cells(folder / "pbc", 14, ["LYT", "NGS", "BAS"])
            for name in ("matek", "pbc"):
                with tarfile.open(folder / f"{name}-160.tar", "w") as tar:
                    tar.add(folder / name, arcname=".")
            small = ["size_px=32", "pixel_um=0.6", "small_px=24", "widths=[8,8,8,8]", "depths=[1,1,1,1]", "epochs=1", "batch=8", "shares={}"]
            arguments = ["--data", str(folder), "--work", str(folder / "work"), "--no-rendered", "--without", "marrow"]
            train.main(arguments + [part for change in small for part in ("--set", change)])
            figures = json.loads(printed.getvalue()[printed.getvalue().index("{\n") :])
            self.assertEqual(figures["without marrow"]["n"], 28)
            ways = {f"without marrow{way}" for way in ("", ", drawn classes rare", ", adapted")}
            self.assertEqual(set(figures), {"blood"} | ways)

    @unittest.skipUnless(importlib.util.find_spec("torchvision"), "needs torchvision: apt-get install python3-torchvision")
    def test_the_published_network_trains_on_the_public_databases_layout(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
            folder = pathlib.Path(folder)
            write_cells(folder / "flat", 9, ["LYT", "NGS"], 250)
            for code in ("LYT", "NGS"):
                (folder / "database" / code).mkdir(parents=True)
                (folder / "flat" / code).rename(folder / "database" / code / "0001-1000")
            arguments = ["--database", str(folder / "database"), "--work", str(folder / "work"), "--no-rendered", "--network", "resnext50", "--fold", "1/5", "--views", "1"]
            small = ["size_px=32", "pixel_um=0.6", "small_px=32", "epochs=1", "batch=8"]
            train.main(arguments + [part for change in small for part in ("--set", change)])
            manifest = json.loads((folder / "work/package/manifest.json").read_text())
            self.assertEqual(manifest["output"]["embedding"]["size"], 2048)
            self.assertEqual(manifest["evidence"]["LYT"]["n"] + manifest["evidence"]["NGS"]["n"], sum(images.fold_of(f"{code}_{i:04d}.png", 5) == 0 for code in ("LYT", "NGS") for i in range(9)))


@unittest.skipIf(MISSING, MISSING)
class FamiliarityTest(unittest.TestCase):
    def test_distance_grows_away_from_the_classes(self):
        random = np.random.default_rng(8)
        centres = np.array([[0, 0, 0, 0], [9, 0, 0, 0]])
        labels = np.arange(400) % 2
        features = (centres[labels] + random.normal(0, [1, 1, 1, 0.1], (400, 4))).astype(np.float32)
        near, far, between = distances(fit_familiarity(features, labels), np.array([[0, 0, 0, 0], [0, 12, 0, 0], [4.5, 0, 0, 0]], np.float32))
        self.assertLess(near, 0.5)
        self.assertGreater(far, 4)
        self.assertGreater(between, 1.5)
        self.assertAlmostEqual(np.mean(distances(fit_familiarity(features, labels), features) ** 2), 1, delta=0.3)


if __name__ == "__main__":
    unittest.main()

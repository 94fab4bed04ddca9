"""Tests of what is written into a model package."""
import io
import json
import pathlib
import tempfile
import unittest

try:
    import numpy as np
    import onnx
    import torch

    MISSING = None
except ImportError as error:
    MISSING = f"training needs PyTorch, onnx and numpy: {error}"
    print(f"skipped: {MISSING}")

if MISSING is None:
    from training import card
    from training.export import export_module, sha256_of, write_package
    from training.fit import Settings
    from training.taxonomy import CODES

    class ThreeAnswers(torch.nn.Module):
        """Probabilities, embedding and unfamiliarity of the mean colour."""

        def __init__(self):
            super().__init__()
            self.head = torch.nn.Linear(3, len(CODES))

        def forward(self, crops):
            colour = crops.float().mean((1, 2)) / 255
            return torch.softmax(self.head(colour), 1), colour, (colour - 0.5).norm(dim=1)


@unittest.skipIf(MISSING, MISSING)
class ExportTest(unittest.TestCase):
    def test_a_package_with_every_part(self):
        torch.manual_seed(1)
        module, crops = ThreeAnswers(), np.random.default_rng(2).integers(0, 256, (4, 16, 16, 3), np.uint8)
        evidence = {"LYT": {"images": "real", "n": 5, "precision": 1.0, "recall": 0.8}}
        unsure = {"below": 0.7, "errorRate": 0.05, "n": 5, "share": 0.2, "table": []}
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_package(
                folder, None, None, Settings(size_px=16, pixel_um=0.5), "tiny", "2", evidence, [], "# tiny",
                module=module, unsure=unsure, confusion={"LYT": {"LYT": 4, "NGS": 1}}, test_crops=crops, int8=b"graph",
            )
            manifest = json.loads((folder / "manifest.json").read_text())
            graph = onnx.load(str(folder / "model.onnx")).graph
            shapes = [[d.dim_param or d.dim_value for d in output.type.tensor_type.shape.dim] for output in graph.output]
            self.assertEqual(shapes, [["n", len(CODES)], ["n", 3], ["n"]])
            self.assertEqual([output.name for output in graph.output], ["probabilities", "embedding", "unfamiliarity"])
            self.assertEqual(manifest["output"]["embedding"], {"name": "embedding", "size": 3})
            self.assertEqual(manifest["output"]["unfamiliarity"], {"name": "unfamiliarity"})
            self.assertEqual(manifest["unsure"], unsure)
            self.assertNotIn("unfamiliar", manifest)
            self.assertEqual((folder / manifest["testVector"]["crops"]).read_bytes(), crops.tobytes())
            with torch.no_grad():
                wanted = module(torch.from_numpy(crops))[0].numpy()
            self.assertLess(np.abs(np.array(manifest["testVector"]["probabilities"]) - wanted).max(), 1e-5)
            self.assertEqual(manifest["int8"], {"file": "model-int8.onnx", "sha256": sha256_of(folder / "model-int8.onnx")})

    def test_outputs_have_to_be_named(self):
        with self.assertRaisesRegex(ValueError, "3 outputs"):
            export_module(ThreeAnswers(), 16, io.BytesIO())

    def test_the_card_says_what_is_unsure(self):
        figures = {"n": 5, "accuracy": 0.8, "balanced": 0.8, "classes": {i: {"n": 0, "precision": None, "recall": None} for i in range(len(CODES))}}
        result = {
            "sources": {"marrow": {"training": 20, "validation": 5}},
            "figures": {"marrow": figures},
            "evidence": {code: {"images": "real", "n": 1} for code in CODES},
            "temperature": 1.0,
            "parameters": 1e6,
            "views": 4,
            "epochs": 3,
            "calibrationError": 0.02,
        }
        plain = card.write_card("tiny", "1", Settings(), result)
        self.assertNotIn("unsure", plain)
        result["unsure"] = {"below": 0.7, "errorRate": 0.05, "n": 5, "share": 0.2}
        result["confusion"] = {"LYT": {"LYT": 4, "NGS": 1}}
        text = card.write_card("tiny", "1", Settings(), result)
        self.assertIn("under 0.70 is called unsure", text)
        self.assertIn("| true | NGS | LYT |", text)
        self.assertIn("| LYT | 1 | 4 |", text)


if __name__ == "__main__":
    unittest.main()

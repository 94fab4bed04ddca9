"""A stage that another's network teaches, and a head learned anew."""
import contextlib
import copy
import io
import json
import pathlib
import tempfile
import unittest

from training.test_training import MISSING

if MISSING is None:
    import numpy as np
    import torch

    from training import images, measure, train
    from training.fit import Settings
    from training.fit import train as fit
    from training.network import ORIENTATIONS, build, orientation, orientations
    from training.refit import refitted
    from training.taxonomy import CODES
    from training.test_training import write_cells

SMALL = {"size_px": 32, "pixel_um": 0.6, "small_share": 0.0, "widths": (8, 8, 8, 8), "depths": (1, 1, 1, 1), "batch": 6, "mixup": 0.0}


@unittest.skipIf(MISSING, MISSING)
class Orientations(unittest.TestCase):
    def test_eight_of_them_each_once_and_quarter_turns_among_four(self):
        image = torch.arange(9.0).reshape(1, 1, 3, 3)
        seen = {tuple(orientation(image, number).flatten().tolist()) for number in range(8)}
        self.assertEqual(len(seen), 8)
        self.assertEqual(sorted(ORIENTATIONS[8]), list(range(8)))
        turned = [tuple(torch.rot90(image, quarter, (2, 3)).flatten().tolist()) for quarter in range(4)]
        for views, wanted in ((1, turned[:1]), (4, turned)):
            given = [tuple(each.flatten().tolist()) for each in orientations(image, views)]
            self.assertEqual(sorted(given), sorted(wanted))
        with self.assertRaisesRegex(ValueError, "not 3"):
            orientations(image, 3)

    def test_two_are_the_same_however_the_camera_is_turned_by_quarters(self):
        images = torch.from_numpy(np.random.default_rng(3).random((6, 3, 8, 8)))
        once = orientations(images, 2).reshape(2, 6, -1)
        for quarter in range(1, 4):
            again = orientations(torch.rot90(images, quarter, (2, 3)), 2).reshape(2, 6, -1)
            for one, other in zip(once.unbind(1), again.unbind(1)):
                self.assertEqual(sorted(one.tolist()), sorted(other.tolist()))
        for image, given, opposite in zip(images, *once):
            turned = [torch.rot90(image, quarter, (1, 2)).flatten() for quarter in range(4)]
            # A turn by a quarter or none, never mirrored; then the same on its head.
            number = next(quarter for quarter in (0, 1, 3) if torch.equal(turned[quarter], given))
            self.assertTrue(torch.equal(turned[(number + 2) % 4], opposite))
        self.assertFalse(torch.equal(once[0], images.reshape(6, -1)))


@unittest.skipIf(MISSING, MISSING)
class Cells(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        write_cells(self.folder / "cells", 14, ["LYT", "NGS"])
        self.sets = [images.load("marrow", self.folder / "cells", self.folder / "cache")]


@unittest.skipIf(MISSING, MISSING)
class Taught(Cells):
    def said(self, network, settings):
        return measure.logits_of(network, self.sets[0].pixels, settings, 1).argmax(1)

    def test_it_learns_what_the_teacher_says_against_the_labels(self):
        settings = Settings(**SMALL, epochs=12, learning_rate=1e-2, taught_share=1.0)
        teacher = build(len(CODES), settings)
        with torch.no_grad():
            teacher.head.weight.zero_()
            teacher.head.bias.copy_(8.0 * torch.nn.functional.one_hot(torch.tensor(CODES.index("PLM")), len(CODES)))
        before = copy.deepcopy(teacher.state_dict())
        taught = fit(self.sets, len(CODES), settings, self.folder / "taught", teacher=teacher)
        self.assertEqual(set(self.said(taught, settings)), {CODES.index("PLM")})
        for name, value in teacher.state_dict().items():
            self.assertTrue(torch.equal(value, before[name]), name)
        settings.taught_share = 0.0
        alone = fit(self.sets, len(CODES), settings, self.folder / "alone", teacher=teacher)
        self.assertNotIn(CODES.index("PLM"), self.said(alone, settings))

    def test_resuming_gives_the_same_weights(self):
        settings = Settings(**SMALL, epochs=3)
        teacher = build(len(CODES), settings)
        whole = fit(self.sets, len(CODES), settings, self.folder / "whole", teacher=teacher)
        fit(self.sets, len(CODES), settings, self.folder / "broken", teacher=teacher, stop_after=0)
        resumed = fit(self.sets, len(CODES), settings, self.folder / "broken", teacher=teacher)
        for name, value in whole.state_dict().items():
            self.assertTrue(torch.equal(value, resumed.state_dict()[name]), name)

    def test_a_stage_is_taught_by_the_mean_of_those_it_names(self):
        stages = [Settings(**SMALL, epochs=1, seed=seed) for seed in (1, 2)]
        taught = {"epochs": 1, "seed": 3, "after": 1, "taught_share": 1.0}
        train.run_stages(self.sets, [*stages, Settings(**SMALL, **taught, taught_by=(1, 2))], self.folder, "run")
        train.run_stages(self.sets, [*stages, Settings(**SMALL, **taught)], self.folder, "other")
        losses = [json.loads((self.folder / f"{run}-3/log.jsonl").read_text())["loss"] for run in ("run", "other")]
        self.assertNotEqual(*losses)


@unittest.skipIf(MISSING, MISSING)
class Refitted(Cells):
    def balanced_head(self, ridge):
        # Fourteen of one class, two of the other, and a head that knows the first alone.
        keep = np.flatnonzero(~self.sets[0].validation)
        rare = [i for i in keep if self.sets[0].labels[i] == CODES.index("NGS")]
        self.sets[0].validation[rare[2:]] = True
        settings = Settings(**SMALL)
        torch.manual_seed(2)
        network = build(len(CODES), settings).eval()
        with torch.no_grad():
            network.head.bias.copy_(2.0 * torch.nn.functional.one_hot(torch.tensor(CODES.index("LYT")), len(CODES)))
        before = copy.deepcopy(network.state_dict())
        return before, refitted(network, self.sets, settings, ridge), settings

    def test_the_head_learns_the_rare_class_and_the_body_stays(self):
        before, network, settings = self.balanced_head(1e-4)
        for name, value in network.state_dict().items():
            if not name.startswith("head."):
                self.assertTrue(torch.equal(value, before[name]), name)
        recalls = measure.figures(self.sets[0].labels, measure.logits_of(network, self.sets[0].pixels, settings, 1).argmax(1), len(CODES))["classes"]
        self.assertGreater(recalls[CODES.index("NGS")]["recall"], 0.8)
        self.assertGreater(recalls[CODES.index("LYT")]["recall"], 0.8)

    def test_a_strong_ridge_keeps_the_head(self):
        before, network, _ = self.balanced_head(1e4)
        self.assertLess((network.head.weight - before["head.weight"]).abs().max().item(), 1e-3)
        self.assertLess((network.head.bias - before["head.bias"]).abs().max().item(), 1e-3)


if __name__ == "__main__":
    unittest.main()

"""The mean of several runs' weights."""
import contextlib
import copy
import io
import pathlib
import tempfile
import unittest

from training.test_training import MISSING

if MISSING is None:
    import numpy as np
    import torch

    from training import images, train
    from training.fit import Settings
    from training.mean import mean_of, take_statistics
    from training.network import build
    from training.taxonomy import CODES
    from training.test_training import write_cells

SMALL = {"size_px": 32, "pixel_um": 0.6, "small_share": 0.0, "widths": (8, 8, 8, 8), "depths": (1, 1, 1, 1), "batch": 6}


@unittest.skipIf(MISSING, MISSING)
class Mean(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(contextlib.redirect_stdout(io.StringIO()))
        write_cells(self.folder / "cells", 9, ["LYT", "NGS"])
        self.sets = [images.load("marrow", self.folder / "cells", self.folder / "cache")]

    def test_stages_begin_where_they_say_and_their_mean_lies_between(self):
        stages = [
            Settings(**SMALL, epochs=2, learning_rate=1e-2),
            Settings(**SMALL, epochs=2, learning_rate=1e-2, seed=2),
            Settings(**SMALL, epochs=1, learning_rate=1e-9, seed=3, after=1),
        ]
        train.run_stages(self.sets, stages, self.folder, "run", workers=0)
        folders = [train.stage_folder(self.folder, "run", number) for number in (1, 2, 3)]
        weights = [torch.load(folder / "checkpoint.pt")["average"]["body.1.first.weight"] for folder in folders]
        self.assertGreater((weights[1] - weights[0]).abs().max().item(), 1e-3)
        self.assertLess((weights[2] - weights[0]).abs().max().item(), 1e-6)
        network = mean_of(folders, self.sets, len(CODES), stages[-1])
        self.assertTrue(torch.allclose(network.state_dict()["body.1.first.weight"], sum(weights) / 3, atol=1e-7))
        self.assertFalse(network.training)
        # The same runs, the same mean, statistics too.
        again = mean_of(folders, self.sets, len(CODES), stages[-1]).state_dict()
        for name, value in network.state_dict().items():
            self.assertTrue(torch.equal(value, again[name]), name)

    def test_statistics_are_those_of_the_batches(self):
        network = build(len(CODES), Settings(**SMALL)).train()
        norm, momentum = network.stem[1], network.stem[1].momentum
        norm.running_mean.fill_(50)
        batches = [torch.from_numpy(np.random.default_rng(n).normal(n, 1, (4, 3, 32, 32)).astype(np.float32)) for n in range(3)]
        convolution = copy.deepcopy(network.stem[0])
        take_statistics(network, batches)
        with torch.no_grad():
            wanted = torch.stack([convolution(batch).mean((0, 2, 3)) for batch in batches]).mean(0)
        self.assertTrue(torch.allclose(norm.running_mean, wanted, atol=1e-5))
        self.assertEqual(norm.momentum, momentum)
        self.assertFalse(norm.training)


if __name__ == "__main__":
    unittest.main()

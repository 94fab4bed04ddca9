"""Tests of the thresholds for unsure and unfamiliar cells: `/usr/bin/python3 -m unittest discover -s training -t .`"""
import unittest

try:
    import numpy as np

    MISSING = None
except ImportError as error:
    MISSING = f"the thresholds need numpy: {error}"
    print(f"skipped: {MISSING}")

if MISSING is None:
    from training.decide import keeps, unfamiliar_threshold, unsure_threshold


def calibrated(n, seed):
    """(top probabilities, right): a model that is right exactly as often as it says, mostly sure of itself."""
    random = np.random.default_rng(seed)
    top = 1 - 0.75 * random.beta(0.6, 2.5, n)
    return top, random.random(n) < top


@unittest.skipIf(MISSING, MISSING)
class Decide(unittest.TestCase):
    def test_the_upper_limit_is_the_exact_one(self):
        # Quantiles of the beta distribution, Beta(wrong + 1, n - wrong) at 0.95, from another program.
        for wrong, n, limit in ((0, 59, 0.049508), (3, 100, 0.075711), (20, 400, 0.071829), (1, 10, 0.394163)):
            self.assertTrue(keeps(wrong, n, limit + 2e-6))
            self.assertFalse(keeps(wrong, n, limit - 2e-6))
        self.assertFalse(keeps(0, 0, 0.5))
        self.assertFalse(keeps(7, 7, 0.999))

    def test_sure_cells_keep_the_error_rate_on_cells_never_seen(self):
        kept = 0
        for seed in range(20):
            rule = unsure_threshold(*calibrated(1800, seed), (0.02, 0.05, 0.1))
            top, right = calibrated(20000, 1000 + seed)
            kept += (~right[top >= rule["below"]]).mean() <= 0.05
        self.assertGreaterEqual(kept, 17)

    def test_a_stricter_rate_leaves_more_cells_unsure(self):
        rule = unsure_threshold(*calibrated(1800, 1), (0.02, 0.05, 0.1))
        self.assertEqual(rule["n"], 1800)
        self.assertEqual(rule["errorRate"], 0.05)
        self.assertEqual([entry["errorRate"] for entry in rule["table"]], [0.02, 0.05, 0.1])
        for stricter, laxer in zip(rule["table"], rule["table"][1:]):
            self.assertGreaterEqual(stricter["below"], laxer["below"])
            self.assertGreaterEqual(stricter["share"], laxer["share"])
        top, _ = calibrated(1800, 1)
        for entry in rule["table"]:
            self.assertAlmostEqual(entry["share"], (top < entry["below"]).mean(), places=4)

    def test_a_rate_that_cannot_be_shown_is_left_out(self):
        # Forty cells without a mistake leave 7 % possible.
        rule = unsure_threshold(np.full(40, 0.9), np.full(40, True), (0.01, 0.1, 0.2))
        self.assertEqual([entry["errorRate"] for entry in rule["table"]], [0.1, 0.2])
        self.assertIsNone(unsure_threshold(np.full(40, 0.9), np.full(40, True), (0.005, 0.01, 0.02)))
        self.assertIsNone(unsure_threshold([], [], (0.02, 0.05, 0.1)))

    def test_the_share_asked_for_is_unfamiliar(self):
        values = np.random.default_rng(2).gamma(3, 2, 2000)
        rule = unfamiliar_threshold(values, 0.01)
        self.assertEqual(rule["n"], 2000)
        self.assertAlmostEqual((values > rule["above"]).mean(), 0.01, delta=0.001)
        self.assertAlmostEqual(rule["share"], (values > rule["above"]).mean(), places=4)


if __name__ == "__main__":
    unittest.main()

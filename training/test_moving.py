"""Tests of work that is done before values are moved about, not after."""
import pathlib
import tempfile
import unittest

from training.test_training import MISSING

if MISSING is None:
    import numpy as np
    import onnx
    import torch
    from onnx import helper

    from training.export import export_module
    from training.graph import Graph
    from training.moving import moved, put_before, work_before_copies
    from training.network import orientations
    from training.ranges import probabilities
    from training.rounding import quantised
    from training.taxonomy import CODES
    from training.test_quantise import NO_RUNTIME, SIZE_PX, blobs
    from training.test_rewrite import images_graph


def kinds(graph):
    return [node.op_type for node in graph.nodes]


def mirrored_pair(*between, more=()):
    """A Graph: x, its copy with a sign of its own, that copy and its mirror image joined, `between` in turn, y."""
    nodes = [
        helper.make_node("Neg", ["x"], ["copy"]),
        helper.make_node("Slice", ["copy", "from", "to", "axes", "back"], ["mirrored"]),
        helper.make_node("Concat", ["copy", "mirrored"], ["joined"], axis=0),
    ]
    names = ["joined", *(f"after {i}" for i in range(len(between) - 1)), "y"]
    for (kind, *others), source, result in zip(between, names, names[1:]):
        nodes.append(helper.make_node(kind, [source, *others], [result]))
    graph = images_graph([*nodes, *more], {"two": 2, "many": np.ones((1, 3, 1, 1))}, (1, 3, 8, 8))
    graph.constants.update({"from": np.array([-1]), "to": np.array([np.iinfo(np.int64).min]), "axes": np.array([3]), "back": np.array([-1])})
    return graph


@unittest.skipIf(MISSING, MISSING)
class MovingTest(unittest.TestCase):
    def test_what_copies_have_in_common_is_done_once_before(self):
        graph = mirrored_pair(("Exp",), ("Mul", "two"), ("Clip", "", "two"))
        work_before_copies(graph)
        self.assertEqual(kinds(graph), ["Neg", "Exp", "Mul", "Clip", "Slice", "Concat"])
        self.assertEqual(graph.model().graph.node[-1].output[0], "y")

    def test_work_that_is_not_on_single_values_stays(self):
        for work in (("Mul", "many"), ("Softmax",), ("Add", "joined")):
            graph = mirrored_pair(work)
            before = kinds(graph)
            work_before_copies(graph)
            self.assertEqual(kinds(graph), before, work)

    def test_what_somebody_else_reads_stays(self):
        beside = helper.make_node("Exp", ["joined"], ["z"])
        graph = mirrored_pair(("Exp",), more=[beside])
        work_before_copies(graph)
        self.assertEqual(kinds(graph), ["Neg", "Slice", "Concat", "Exp", "Exp"])
        # The joined tensor may be moved from where only it is read; what lies between may not.
        lone = mirrored_pair(("Exp",), more=[helper.make_node("Abs", ["mirrored"], ["z"])])
        nodes, sources = moved(lone, "joined")
        self.assertEqual(([node.op_type for node in nodes], sources), (["Concat"], ["copy", "mirrored"]))
        work_before_copies(lone)
        self.assertEqual(kinds(lone), ["Neg", "Slice", "Concat", "Exp", "Abs"])

    def test_where_something_was_only_moved_there_is_no_more_to_do(self):
        graph = images_graph(
            [
                helper.make_node("Neg", ["x"], ["n"]),
                helper.make_node("Transpose", ["n"], ["t"], perm=[0, 1, 3, 2]),
                helper.make_node("Exp", ["t"], ["y"]),
            ],
            {},
            (1, 3, 8, 8),
        )
        work_before_copies(graph)
        self.assertEqual(kinds(graph), ["Neg", "Transpose", "Exp"])

    def test_work_goes_to_every_tensor_that_was_moved_and_is_shared_where_it_is_there_already(self):
        nodes = [
            helper.make_node("Neg", ["x"], ["a"]),
            helper.make_node("Abs", ["x"], ["b"]),
            helper.make_node("Exp", ["a"], ["there"]),
            helper.make_node("Where", ["choice", "a", "b"], ["chosen"]),
            helper.make_node("Exp", ["chosen"], ["worked"]),
            helper.make_node("Add", ["worked", "there"], ["y"]),
        ]
        graph = images_graph(nodes, {"choice": 0}, (1, 3, 8, 8))
        work = graph.producer("worked")
        done = put_before(graph, work, *moved(graph, "chosen"))
        self.assertEqual(kinds(graph), ["Neg", "Abs", "Exp", "Exp", "Where", "Add"])
        self.assertEqual([node.input[0] for node in done], ["a", "b"])
        where = graph.producer("worked")
        self.assertEqual(list(where.input), ["choice", "there", done[1].output[0]])
        graph.model()

    def test_work_that_comes_later_is_not_shared(self):
        later = helper.make_node("Exp", ["copy"], ["z"])
        graph = mirrored_pair(("Exp",), more=[later])
        work_before_copies(graph)
        self.assertEqual(kinds(graph), ["Neg", "Exp", "Slice", "Concat", "Exp"])
        graph.model()


@unittest.skipIf(MISSING or NO_RUNTIME, MISSING or NO_RUNTIME)
class OrientationsTest(unittest.TestCase):
    def test_an_exported_graph_does_it_once_and_answers_the_same(self):
        class Turned(torch.nn.Module):
            """Two orientations of what is bent before the first convolution, as the bench's network has them."""

            def __init__(self):
                super().__init__()
                torch.manual_seed(5)
                self.stem = torch.nn.Conv2d(3, 16, 3, 2)
                self.head = torch.nn.Linear(16, len(CODES))

            def forward(self, crops):
                densities = -torch.log(crops.permute(0, 3, 1, 2).float() / 255 + 0.03)
                colours = (2 * torch.exp(-orientations(densities, 2)) - 1).clamp(-1, 1)
                features = self.stem(torch.nn.functional.pad(colours, (0, 1, 0, 1))).clamp(0, 6).mean((2, 3))
                return torch.softmax(20 * self.head(features.reshape(2, -1, 16).mean(0)), 1)

        with tempfile.TemporaryDirectory() as folder:
            float_file, int8_file = (pathlib.Path(folder) / name for name in ("float.onnx", "int8.onnx"))
            export_module(Turned(), SIZE_PX, float_file)
            graph = Graph(onnx.load(str(float_file)))
            order = kinds(graph)
            self.assertLess(max(order.index("Exp"), order.index("Clip")), order.index("Where"))
            onnx.save(quantised(graph.model(), blobs(24)), str(int8_file))
            crops = blobs(20, seed=9)
            wanted = Turned()(torch.from_numpy(crops)).detach().numpy()
            given, rounded = probabilities(float_file, crops), probabilities(int8_file, crops)
            self.assertLess(np.abs(given - wanted).max(), 1e-5)
            self.assertLess(np.abs(rounded - wanted).max(), 0.05)
            self.assertGreater(wanted.std(0).mean(), 5 * np.abs(rounded - wanted).mean())
            # In 8 bits all turning is of bytes, and the limits are those of the rounding.
            graph = Graph(onnx.load(str(int8_file)))
            order = kinds(graph)
            self.assertLess(order.index("QuantizeLinear"), order.index("Where"))
            self.assertNotIn("Clip", order[order.index("Exp") :])
            self.assertEqual(order.count("SpaceToDepth"), 1)


if __name__ == "__main__":
    unittest.main()

"""A float graph rounded to 8 bits: convolutions and what lies between them in integers, everything else in float.

Static, in the QDQ form: QuantizeLinear and DequantizeLinear say what is rounded to which steps, and onnxruntime computes what lies
between them in integers. Activations have one range a tensor, chosen on training crops; weights a scale for every output channel.
"""
import numpy as np
from onnx import helper

from training.graph import Graph, attribute
from training.moving import moved, put_before, work_before_copies
from training.ranges import STEPS, distributions, least_loss_range, open_shape
from training.rewrite import deepen_stem, fold_batch_norm, fold_padding, fold_pooling

WEIGHT_LIMIT = 64
"""Greatest weight. Seven bits, so that two products of eight-bit activations fit the 16 bits in which processors without VNNI
add them up (2 x 255 x 64 < 32768): the same answers on every processor."""
ACTIVATIONS = np.uint8
"""Unsigned: onnxruntime's fast convolution on x86 takes nothing else, and is 2.5 times slower with signed ones."""
LIMITS = ("Relu", "Clip")
"""Rounding to a range that lies within their limits does what they do."""
POOLING = ("MaxPool", "AveragePool")
SHRINKING_TRIED = np.linspace(0.6, 1, 41)


def quantised(model, crops):
    """The int8 variant of a float model (uint8 crops n x s x s x 3 in), as an ONNX model with the same inputs and outputs.

    crops: training crops on which the ranges are chosen, uint8, n x s x s x 3, two at least. Opset 13 or later.
    """
    graph = Graph(model)
    fold_batch_norm(graph)
    fold_padding(graph)
    work_before_copies(graph)
    seen = distributions(graph.model(), crops)
    graph.shapes = {name: open_shape(each) for name, each in seen.items()}
    fold_pooling(graph)
    deepen_stem(graph)
    return _Quantiser(graph, seen).run()


def rounded_weights(weight, limit=WEIGHT_LIMIT):
    """(integers, scales): a scale for every output channel (the first axis), the one that loses least, squared."""
    flat = weight.reshape(len(weight), -1).astype(np.float64)
    greatest = np.abs(flat).max(1)
    greatest[greatest == 0] = 1
    scales, losses = greatest / limit, np.full(len(flat), np.inf)
    for share in SHRINKING_TRIED:
        tried = greatest * share / limit
        loss = ((np.clip(np.round(flat / tried[:, None]), -limit, limit) * tried[:, None] - flat) ** 2).sum(1)
        scales, losses = np.where(loss < losses, tried, scales), np.minimum(loss, losses)
    scales = scales.astype(np.float32)
    integers = np.clip(np.round(flat / scales[:, None]), -limit, limit).astype(np.int8)
    return integers.reshape(weight.shape), scales


def mean_shift(error, means):
    """What an error of a convolution's weights (outputs x inputs a group x h x w) adds to each output on average where the image it reads has these
    means by channel; to be taken off its bias (Nagel et al. 2019, arXiv 1906.04721). The edges' zeros are left out of account."""
    groups = len(means) // error.shape[1]
    read = np.repeat(np.reshape(means, (groups, -1)), len(error) // groups, axis=0)
    return (error.sum((2, 3)) * read).sum(1)


class _Quantiser:
    def __init__(self, graph, seen):
        self.graph = graph
        self.seen = seen
        self.steps = {}
        """(scale, zero point) of every tensor that is rounded."""

    def run(self):
        for node in list(self.graph.nodes):
            if node.op_type == "Conv" and all(name in self.graph.constants for name in node.input[1:]):
                self._round(node.input[0])
                self._round_weights(node)
                self._round_result(node)
            elif node.op_type == "Add" and all(name in self.steps for name in node.input):
                self._round_result(node)
            elif node.op_type in POOLING and node.input[0] in self.steps and len(node.output) == 1:
                if node.op_type == "MaxPool":
                    self.steps[node.output[0]] = self.steps[node.input[0]]
                self._round_result(node)
        for node in [node for node in self.graph.nodes if node.op_type == "QuantizeLinear"]:
            self._round_before_moving(node)
        return self.graph.model()

    def _round_result(self, node):
        readers = self.graph.consumers(node.output[0])
        limited = len(readers) == 1 and self._limits(readers[0])
        self._round((readers[0] if limited else node).output[0])

    def _limits(self, node):
        """Whether the node does no more to what it alone reads than rounding its result does: all ranges have 0 within."""
        if node.op_type not in LIMITS or not self.graph.only_feeds(node.input[0], node):
            return False
        low, high = 0.0, np.inf
        if node.op_type == "Clip":
            low, high = (self.graph.constants.get(name) if name else free for name, free in zip([*node.input[1:], "", ""], (-np.inf, np.inf)))
        return low is not None and high is not None and low <= 0 <= high

    def _round(self, tensor):
        """Puts the rounding behind the operation that gives the tensor; all who read it read the rounded one."""
        graph = self.graph
        producer = graph.producer(tensor)
        if producer is not None and producer.op_type == "DequantizeLinear":
            return
        steps = self._steps(tensor)
        if producer is None:
            raise ValueError(f"{tensor} goes into a convolution as it comes in: the first convolution must read what the graph made")
        if self._limits(producer):
            exact = producer.input[0]
            graph.nodes.remove(producer)
            producer = graph.producer(exact)
        else:
            exact = f"{tensor}/exact"
            producer.output[list(producer.output).index(tensor)] = exact
        rounding = helper.make_node("QuantizeLinear", [exact, *steps], [f"{tensor}/rounded"])
        back = helper.make_node("DequantizeLinear", [f"{tensor}/rounded", *steps], [tensor])
        graph.insert_behind(producer, [rounding, back])

    def _steps(self, tensor):
        """Names of the tensor's scale and zero point."""
        if tensor not in self.steps:
            known = tensor
            while known not in self.seen:
                known = self.graph.producer(known).input[0]
            low, high = least_loss_range(self.seen[known])
            scale = np.float32((high - low) / STEPS)
            self.steps[tensor] = scale, np.array(round(-low / float(scale)), ACTIVATIONS)
        names = f"{tensor}/scale", f"{tensor}/zero"
        self.graph.constants.update(zip(names, self.steps[tensor]))
        return names

    def _round_weights(self, conv):
        graph, name = self.graph, conv.output[0]
        input_scale = float(self.steps[conv.input[0]][0])
        exact = graph.constants[conv.input[1]]
        weight, scales = rounded_weights(exact)
        rounded = {"weight": (weight, scales)}
        if len(conv.input) > 2:
            steps = (scales.astype(np.float64) * input_scale).astype(np.float32)
            means = self._means(conv.input[0])
            shift = 0 if means is None else mean_shift(weight * scales.reshape(-1, 1, 1, 1) - exact, means)
            bias = np.round((graph.constants[conv.input[2]] - shift) / steps.astype(np.float64))
            limits = np.iinfo(np.int32)
            rounded["bias"] = np.clip(bias, limits.min, limits.max).astype(np.int32), steps
        del conv.input[1:]
        for part, (values, steps) in rounded.items():
            names = [f"{name}/{part}/{what}" for what in ("rounded", "scale", "zero")]
            graph.constants.update(zip(names, (values, steps, np.zeros(len(values), values.dtype))))
            graph.insert_before(conv, [helper.make_node("DequantizeLinear", names, [f"{name}/{part}"], axis=0)])
            conv.input.append(f"{name}/{part}")

    def _means(self, tensor):
        """By channel, as seen on the crops; None where that is not known."""
        if tensor in self.seen:
            return self.seen[tensor].get("means")
        node = self.graph.producer(tensor)
        if node.op_type == "DequantizeLinear":
            rounding = self.graph.producer(node.input[0])
            return self._means(rounding.input[0])
        if node.op_type == "SpaceToDepth":
            means = self._means(node.input[0])
            return means and np.tile(means, attribute(node, "blocksize") ** 2)
        return None

    def _round_before_moving(self, rounding):
        """The rounding of values that were only moved about goes where they came from: 8-bit values are moved, a quarter of the bytes."""
        graph = self.graph
        if not graph.only_feeds(rounding.input[0], rounding):
            return
        nodes, sources = moved(graph, rounding.input[0])
        if not nodes or any(graph.producer(source) is None for source in sources):
            return
        for earlier in put_before(graph, rounding, nodes, sources):
            limit = graph.producer(earlier.input[0])
            if self._limits(limit) and graph.only_feeds(limit.output[0], earlier):
                earlier.input[0] = limit.input[0]
                graph.nodes.remove(limit)

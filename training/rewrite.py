"""Convolutions written otherwise, for the same result: what stands round them folded in, and forms that are fast in 8 bits."""
import numpy as np
from onnx import helper

from training.graph import attribute

FEW_CHANNELS = 4
"""With fewer input channels than these the 8-bit convolution has no fast form."""


def fold_batch_norm(graph):
    """A BatchNormalization that alone reads a convolution's output becomes part of its weights and bias."""
    for norm in [node for node in graph.nodes if node.op_type == "BatchNormalization"]:
        conv = graph.producer(norm.input[0])
        parameters = [graph.constants.get(name) for name in norm.input[1:5]]
        if conv is None or not _is_constant(graph, conv) or any(each is None for each in parameters):
            continue
        if not graph.only_feeds(conv.output[0], norm):
            continue
        gain, shift, mean, variance = (each.astype(np.float64) for each in parameters)
        factor = gain / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
        weight = graph.constants[conv.input[1]]
        bias = graph.constants[conv.input[2]] if len(conv.input) > 2 else 0.0
        name = conv.output[0]
        graph.constants[f"{name}/weight"] = (weight * factor.reshape(-1, *[1] * (weight.ndim - 1))).astype(np.float32)
        graph.constants[f"{name}/bias"] = ((bias - mean) * factor + shift).astype(np.float32)
        _read(conv, [conv.input[0], f"{name}/weight", f"{name}/bias"])
        conv.output[0] = norm.output[0]
        graph.nodes.remove(norm)


def fold_padding(graph):
    """Zeros round an image that only a convolution reads become the convolution's own: the padding of TensorFlow's SAME is not the same on all
    sides. Without, the whole image is copied, out of the form that is fast for convolutions and back."""
    for pad in [node for node in graph.nodes if node.op_type == "Pad"]:
        readers = graph.consumers(pad.output[0])
        if len(readers) != 1 or not _is_constant(graph, readers[0]) or not graph.only_feeds(pad.output[0], readers[0]):
            continue
        sides, *value = (graph.constants.get(name) if name else 0 for name in pad.input[1:])
        if attribute(pad, "mode", b"constant") != b"constant" or sides is None or any(each is None or each != 0 for each in value):
            continue
        conv, (before, after) = readers[0], sides.reshape(2, 4)
        if before[:2].any() or after[:2].any() or sides.min() < 0 or attribute(conv, "auto_pad", b"NOTSET") != b"NOTSET":
            continue
        _set(conv, pads=[int(a + b) for a, b in zip(attribute(conv, "pads", [0] * 4), (*before[2:], *after[2:]))])
        _read(conv, [pad.input[0], *conv.input[1:]])
        graph.nodes.remove(pad)


def fold_pooling(graph):
    """An average over squares that only a 1 x 1 convolution reads becomes part of it: a convolution over those squares.

    Averaging has no fast 8-bit form. Only where the squares cover the image exactly.
    """
    for pool in [node for node in graph.nodes if node.op_type == "AveragePool"]:
        kernel = list(attribute(pool, "kernel_shape"))
        readers = graph.consumers(pool.output[0])
        if len(readers) != 1 or not _is_constant(graph, readers[0]) or not graph.only_feeds(pool.output[0], readers[0]):
            continue
        conv = readers[0]
        weight = graph.constants[conv.input[1]]
        if not _is_plain(pool) or not _is_plain(conv) or list(attribute(pool, "strides", [1, 1])) != kernel:
            continue
        if weight.shape[2:] != (1, 1) or list(attribute(conv, "strides", [1, 1])) != [1, 1]:
            continue
        if any(size is None or size % side for size, side in zip(_sides(graph, pool.input[0]), kernel)):
            continue
        spread = np.broadcast_to(weight / np.prod(kernel), (*weight.shape[:2], *kernel))
        graph.constants[f"{conv.output[0]}/spread"] = np.ascontiguousarray(spread, np.float32)
        _read(conv, [pool.input[0], f"{conv.output[0]}/spread", *conv.input[2:]])
        _set(conv, kernel_shape=kernel, strides=kernel)
        graph.nodes.remove(pool)


def deepen_stem(graph):
    """A convolution with a stride over an image of few channels becomes one without over the image folded into more channels.

    With stride s, y[o] = sum of w[t] x[s o + t - p]; with t - p = s j + r, 0 <= r < s, that is a convolution over j of s images,
    the r-th of which is x[s i + r].
    """
    for conv in [node for node in graph.nodes if _is_constant(graph, node)]:
        weight = graph.constants[conv.input[1]]
        step, across = attribute(conv, "strides", [1, 1])
        pads, sides = list(attribute(conv, "pads", [0] * 4)), _sides(graph, conv.input[0])
        if step == 1 or step != across or weight.shape[1] >= FEW_CHANNELS or attribute(conv, "group", 1) != 1:
            continue
        if any(side is None or side % step for side in sides) or not _is_plain(conv, pads):
            continue
        outputs, channels, *sizes = weight.shape
        before = pads[:2]
        first = [-pad // step for pad in before]
        last = [(size - 1 - pad) // step for size, pad in zip(sizes, before)]
        after = [(side + pads[i] + pads[i + 2] - sizes[i]) // step + 1 - side // step + last[i] for i, side in enumerate(sides)]
        if min(after) < 0:
            continue
        deep = np.zeros((outputs, step, step, channels, last[0] - first[0] + 1, last[1] - first[1] + 1), np.float32)
        for y, x in np.ndindex(*sizes):
            (j, row), (i, column) = divmod(y - before[0], step), divmod(x - before[1], step)
            deep[:, row, column, :, j - first[0], i - first[1]] = weight[:, :, y, x]
        name = conv.output[0]
        graph.constants[f"{name}/deep"] = deep.reshape(outputs, -1, *deep.shape[4:])
        graph.insert_before(conv, [helper.make_node("SpaceToDepth", [conv.input[0]], [f"{name}/folded"], blocksize=step)])
        _read(conv, [f"{name}/folded", f"{name}/deep", *conv.input[2:]])
        _set(conv, kernel_shape=deep.shape[4:], strides=[1, 1], pads=[-first[0], -first[1], *after])


def _is_constant(graph, node):
    """Whether it is a convolution of images with known weights."""
    return node.op_type == "Conv" and all(name in graph.constants for name in node.input[1:]) and graph.constants[node.input[1]].ndim == 4


def _is_plain(node, pads=(0, 0, 0, 0)):
    """Whether it has these pads and no dilation."""
    padded = list(attribute(node, "pads", [0] * 4)) == list(pads) and attribute(node, "auto_pad", b"NOTSET") == b"NOTSET"
    return padded and set(attribute(node, "dilations", [1])) == {1}


def _sides(graph, tensor):
    """Height and width; None where unknown."""
    sizes = graph.shapes.get(tensor, ())
    return sizes[2:] if len(sizes) == 4 else (None, None)


def _read(node, inputs):
    inputs = list(inputs)
    del node.input[:]
    node.input.extend(inputs)


def _set(node, **attributes):
    kept = [each for each in node.attribute if each.name not in attributes]
    del node.attribute[:]
    node.attribute.extend([*kept, *(helper.make_attribute(name, list(value)) for name, value in attributes.items())])

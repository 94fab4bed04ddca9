"""An ONNX graph as nodes in order and constants by name, to be rewritten."""
import numpy as np
import onnx
from onnx import helper, numpy_helper


def _cast(node, values):
    # By way of a tensor: the table of types has another name in each version of the library.
    return values.astype(numpy_helper.to_array(helper.make_tensor("", attribute(node, "to"), [0], [])).dtype)


def _filled(node, shape):
    value = attribute(node, "value")
    return np.full(shape, 0, np.float32) if value is None else np.full(shape, *numpy_helper.to_array(value))


def _reshaped(node, values, shape):
    return values.reshape([values.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def _sliced(node, values, starts, ends, axes=None, steps=None):
    where = [slice(None)] * values.ndim
    axes, steps = range(len(starts)) if axes is None else axes, np.ones(len(starts)) if steps is None else steps
    for axis, start, end, step in zip(axes, starts, ends, steps):
        # Beyond the first going backwards: ONNX's way to say "to the start".
        where[axis] = slice(int(start), None if step < 0 and end < -values.shape[axis] else int(end), int(step))
    return values[tuple(where)]


COMPUTED = {
    "Cast": _cast,
    "Concat": lambda node, *parts: np.concatenate(parts, attribute(node, "axis")),
    "ConstantOfShape": _filled,
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Transpose": lambda node, values: values.transpose(attribute(node, "perm")),
}
"""What PyTorch's exporter writes in place of how much an image is padded."""


class Graph:
    """A model's nodes in order and its constants by name (NumPy arrays), those among them that are computed from constants; `model()`
    writes them back.

    Graphs within nodes (If, Loop) are not looked into: a model that has any is a ValueError.
    """

    def __init__(self, model):
        self._model = onnx.ModelProto()
        self._model.CopyFrom(model)
        graph = self._model.graph
        self.constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self.outputs = [each.name for each in graph.output]
        self.shapes = {}
        """Of float32 tensors, by name: sizes, None where open. `model()` writes them down for the runtime, which does not see
        through every reshaping and lays values out well only where it knows how many there are."""
        self.nodes = []
        for node in graph.node:
            if any(each.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for each in node.attribute):
                raise ValueError(f"{node.op_type} {node.name} holds a graph of its own, which cannot be rewritten here")
            value = attribute(node, "value") if node.op_type == "Constant" else None
            if value is not None:
                self.constants[node.output[0]] = numpy_helper.to_array(value)
            elif node.op_type == "Identity" and node.input[0] in self.constants and node.output[0] not in self.outputs:
                # How an exporter says that two layers have the same bias.
                self.constants[node.output[0]] = self.constants[node.input[0]]
            elif node.op_type in COMPUTED and node.output[0] not in self.outputs and all(name in self.constants for name in node.input):
                values = [self.constants[name] for name in node.input]
                self.constants[node.output[0]] = COMPUTED[node.op_type](node, *values)
            else:
                self.nodes.append(node)

    def producer(self, tensor):
        """The node that makes a tensor; None for inputs and constants."""
        return next((node for node in self.nodes if tensor in node.output), None)

    def consumers(self, tensor):
        return [node for node in self.nodes if tensor in node.input]

    def ahead_of(self, node):
        """The nodes that stand before it."""
        return self.nodes[: self._place(node)]

    def only_feeds(self, tensor, reader):
        """Whether nothing but this node reads the tensor."""
        return tensor not in self.outputs and all(each is reader for each in self.consumers(tensor))

    def insert_before(self, node, new):
        place = self._place(node)
        self.nodes[place:place] = new

    def insert_behind(self, node, new):
        place = self._place(node) + 1
        self.nodes[place:place] = new

    def _place(self, node):
        return next(i for i, each in enumerate(self.nodes) if each is node)

    def model(self):
        """The graph as a checked model; constants that nothing reads are left out."""
        model = onnx.ModelProto()
        model.CopyFrom(self._model)
        graph = model.graph
        for field in ("node", "initializer", "value_info"):
            graph.ClearField(field)
        graph.node.extend(self.nodes)
        used = {name for node in self.nodes for name in node.input}
        made = {name for node in self.nodes for name in node.output} - set(self.outputs)
        for name, value in self.constants.items():
            if name in used:
                graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        for name, sizes in self.shapes.items():
            if name in made:
                graph.value_info.append(helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, sizes))
        onnx.checker.check_model(model)
        return model


def attribute(node, name, default=None):
    return next((helper.get_attribute_value(each) for each in node.attribute if each.name == name), default)

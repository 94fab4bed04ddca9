"""Which values the tensors of an ONNX graph take on real crops, and the 8-bit range that loses least of them."""
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper

from training.taxonomy import ROOT

NODE = ROOT / "node_modules/.bin/node"
STEPS = 255
"""Between the least and the greatest value eight bits hold."""
CLIPPING_TRIED = np.linspace(0.2, 1, 81)


def distributions(model, crops):
    """By float32 tensor of the graph: {shapes (for one and for two crops), low, high, counts (2048 equal steps)}.

    model: ONNX, uint8 n x s x s x 3 in; crops: uint8, n x s x s x 3, at least two. Computed by onnxruntime-node.
    """
    if len(crops) < 2:
        raise ValueError("ranges need two crops or more")
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    floats = {each.name for each in inferred if each.type.tensor_type.elem_type == TensorProto.FLOAT}
    named = {each.name for each in exposed.graph.output}
    for node in exposed.graph.node:
        for name in node.output:
            if name in floats and name not in named:
                exposed.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    with tempfile.TemporaryDirectory() as folder:
        graph_file, crops_file = pathlib.Path(folder) / "exposed.onnx", pathlib.Path(folder) / "crops.raw"
        onnx.save(exposed, str(graph_file))
        crops_file.write_bytes(np.ascontiguousarray(crops, np.uint8).tobytes())
        command = [str(NODE), "scripts/tensor-histograms.ts", str(graph_file), str(crops_file), str(len(crops)), str(crops.shape[1])]
        return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def probabilities(model_file, crops):
    """What onnxruntime-node gives crops (uint8, n x s x s x 3) as a model's first output, float32, n x classes."""
    with tempfile.TemporaryDirectory() as folder:
        crops_file, out = pathlib.Path(folder) / "crops.raw", pathlib.Path(folder) / "out.raw"
        crops_file.write_bytes(np.ascontiguousarray(crops, np.uint8).tobytes())
        command = [str(NODE), "scripts/run-onnx.ts", str(pathlib.Path(model_file).resolve()), str(crops_file), str(out)]
        subprocess.run([*command, str(len(crops)), str(crops.shape[1])], cwd=ROOT, check=True)
        return np.fromfile(out, np.float32).reshape(len(crops), -1)


def open_shape(distribution):
    """The tensor's sizes; None where they grow with the number of crops."""
    one, two = distribution["shapes"]
    return [a if a == b else None for a, b in zip(one, two)]


def least_loss_range(distribution):
    """(low, high), 0 within, between which 8-bit steps lose least: squared error of rounding and of clipping together."""
    low, high = min(distribution["low"], 0.0), max(distribution["high"], 0.0)
    if low == high:
        return low, low + 1.0
    counts = np.asarray(distribution["counts"], np.float64)
    width = (distribution["high"] - distribution["low"]) / len(counts)
    values = distribution["low"] + (np.arange(len(counts)) + 0.5) * width

    def loss(low, high):
        beyond = np.maximum(values - high, 0) + np.maximum(low - values, 0)
        return (counts * np.where(beyond > 0, beyond**2, ((high - low) / STEPS) ** 2 / 12)).sum()

    least, greatest = low, high
    for _ in range(2):
        high = min(greatest * CLIPPING_TRIED, key=lambda each: loss(low, each)) if greatest > 0 else 0.0
        low = min(least * CLIPPING_TRIED, key=lambda each: loss(each, high)) if least < 0 else 0.0
    return float(low), float(high)

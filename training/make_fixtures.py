"""Makes the tiny model packages of test/fixtures/models: `python3 -m training.make_fixtures`.

Format the manifests afterwards: `npx biome check --write test/fixtures`. Each looks only at the mean colour of its crop, so that tests know every output: red -> EOS, green -> LYT, blue -> NGS.
`colour-full` has every optional part of a manifest: its embedding is the mean colour (0-1), its unfamiliarity how far that lies
from mid grey, its 8 bit graph the same network with weights of 8 bits.
"""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.export import sha256_of, write_int8, write_test_crops
from training.taxonomy import ROOT

SIZE_PX = 8
CLASSES = ["EOS", "LYT", "NGS"]


SHARPNESS = 8
"""What the mean colour (0-1) is multiplied by to make a logit."""
INT8_STEPS = 20.4
"""Steps of the 8 bit weights up to SHARPNESS: between two of them, so that this graph answers a little otherwise.

onnxruntime rounds the colours to 8 bits too where it multiplies by such weights: hence the tolerance of 0.005.
"""


def _graph(kind, layout, outputs=3, poison=False, full=False, int8=False):
    """Mean colour (0-1) times SHARPNESS into the first three of `outputs` values; softmax where the kind is probabilities."""
    float_input = layout == "NCHW"
    shape = ["n", 3, SIZE_PX, SIZE_PX] if float_input else ["n", SIZE_PX, SIZE_PX, 3]
    weights = np.zeros((3, outputs), np.float32)
    weights[:3, :3] = np.eye(3)
    weights *= SHARPNESS if float_input else SHARPNESS / 255
    initializers = []
    nodes = [
        helper.make_node("Cast", ["crops"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[2, 3] if float_input else [1, 2], keepdims=0),
    ]
    if int8:
        scale = weights.max() / INT8_STEPS
        initializers += [
            numpy_helper.from_array(np.round(weights / scale).astype(np.int8), "weights_8"),
            numpy_helper.from_array(np.float32(scale), "weights_scale"),
            numpy_helper.from_array(np.int8(0), "weights_zero"),
        ]
        nodes.append(helper.make_node("DequantizeLinear", ["weights_8", "weights_scale", "weights_zero"], ["weights"]))
    else:
        initializers.append(numpy_helper.from_array(weights, "weights"))
    initializers.append(numpy_helper.from_array(np.full(outputs, np.nan if poison else 0, np.float32), "bias"))
    nodes.append(helper.make_node("Gemm", ["colour", "weights", "bias"], ["scores"]))
    if kind == "probabilities":
        nodes.append(helper.make_node("Softmax", ["scores"], ["output"], axis=1))
    else:
        nodes.append(helper.make_node("Identity", ["scores"], ["output"]))
    given = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", outputs])]
    if full:
        initializers += [numpy_helper.from_array(np.array(value, np.float32), name) for name, value in (("white", 255), ("grey", 0.5))]
        nodes += [
            helper.make_node("Div", ["colour", "white"], ["embedding"]),
            helper.make_node("Sub", ["embedding", "grey"], ["apart"]),
            helper.make_node("ReduceL2", ["apart"], ["unfamiliarity"], axes=[1], keepdims=0),
        ]
        given += [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3]),
            helper.make_tensor_value_info("unfamiliarity", TensorProto.FLOAT, ["n"]),
        ]
    graph = helper.make_graph(
        nodes,
        "fixture",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT if float_input else TensorProto.UINT8, shape)],
        given,
        initializers,
    )
    model = helper.make_model(graph, producer_name="medulla-fixtures", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _manifest(name, kind, layout, sha256):
    return {
        "schema": 1,
        "name": name,
        "version": "1",
        "file": "model.onnx",
        "sha256": sha256,
        "classes": CLASSES,
        "input": {
            "name": "crops",
            "sizePx": SIZE_PX,
            "pixelSizeUm": 2.5,
            "type": "float32" if layout == "NCHW" else "uint8",
            "layout": layout,
            "normalisation": {"mean": [0.0, 0.5, 0.0], "std": [1.0, 0.5, 1.0]} if layout == "NCHW" else None,
        },
        "output": {"name": "output", "kind": kind},
        "licence": "CC0-1.0",
        "sources": [],
        "evidence": {"LYT": {"images": "none", "n": 0, "precision": None, "recall": None}},
    }


def _write(name, kind="probabilities", layout="NHWC", parts=lambda folder: {}, **graph):
    folder = ROOT / "test/fixtures/models" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_graph(kind, layout, **graph))
    manifest = {**_manifest(name, kind, layout, sha256_of(folder / "model.onnx")), **parts(folder)}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    card = f"# {name}\n\nA test fixture: names a crop by its mean colour. For Research Use Only. Not for use in diagnostic procedures.\n"
    (folder / "card.md").write_text(card, encoding="utf8")


def _expected(crops, sharpness=SHARPNESS):
    """What the graph says of crops, worked out without it."""
    scores = crops.reshape(len(crops), -1, 3).mean(1) / 255 * sharpness
    powers = np.exp(scores)
    return powers / powers.sum(1, keepdims=True)


def _full_parts(folder):
    crops = np.random.default_rng(7).integers(0, 256, (6, SIZE_PX, SIZE_PX, 3), np.uint8)
    crops[:3] = np.eye(3, dtype=np.uint8)[:, None, None] * 230
    expected_8_bit = _expected(crops.astype(np.float64), SHARPNESS * round(INT8_STEPS) / INT8_STEPS)
    return {
        "output": {
            "name": "output",
            "kind": "probabilities",
            "embedding": {"name": "embedding", "size": 3},
            "unfamiliarity": {"name": "unfamiliarity"},
        },
        "sources": [{"name": "Made-up colours", "citation": "training/make_fixtures.py of Medulla", "licence": "CC0-1.0"}],
        "evidence": {
            "EOS": {"images": "real", "n": 20, "precision": 0.9474, "recall": 0.9},
            "LYT": {"images": "real", "n": 30, "precision": 0.9355, "recall": 0.9667},
            "NGS": {"images": "rendered", "n": 10, "precision": 1.0, "recall": 1.0},
        },
        "confusion": {"EOS": {"EOS": 18, "LYT": 2}, "LYT": {"EOS": 1, "LYT": 29}, "NGS": {"NGS": 10}},
        "unsure": {
            "below": 0.8,
            "errorRate": 0.02,
            "n": 50,
            "share": 0.1,
            "table": [
                {"errorRate": 0.01, "below": 0.9, "share": 0.2},
                {"errorRate": 0.02, "below": 0.8, "share": 0.1},
                {"errorRate": 0.05, "below": 0.6, "share": 0.04},
            ],
        },
        "unfamiliar": {"above": 0.8, "share": 0.02, "n": 50},
        "testVector": write_test_crops(folder, crops, _expected(crops.astype(np.float64)), 1e-4),
        "int8": write_int8(folder, _graph("probabilities", "NHWC", full=True, int8=True), expected_8_bit, 5e-3),
    }


def main():
    _write("colour")
    _write("colour-full", full=True, parts=_full_parts)
    _write("colour-logits", kind="logits", layout="NCHW")
    _write("too-wide", outputs=4)
    _write("not-a-number", poison=True)


if __name__ == "__main__":
    main()

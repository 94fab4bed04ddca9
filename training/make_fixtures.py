"""Makes the tiny model packages of test/fixtures/models: `python3 -m training.make_fixtures`.

Each looks only at the mean colour of its crop, so that tests know every output: red -> EOS, green -> LYT, blue -> NGS.
"""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.export import sha256_of
from training.taxonomy import ROOT

SIZE_PX = 8
CLASSES = ["EOS", "LYT", "NGS"]


def _graph(kind, layout, outputs=3, poison=False):
    """Mean colour (0-1) times 8 into the first three of `outputs` values; softmax where the kind is probabilities."""
    float_input = layout == "NCHW"
    shape = ["n", 3, SIZE_PX, SIZE_PX] if float_input else ["n", SIZE_PX, SIZE_PX, 3]
    weights = np.zeros((3, outputs), np.float32)
    weights[:3, :3] = np.eye(3)
    weights *= 8 if float_input else 8 / 255
    bias = np.full(outputs, np.nan if poison else 0, np.float32)
    nodes = [
        helper.make_node("Cast", ["crops"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[2, 3] if float_input else [1, 2], keepdims=0),
        helper.make_node("Gemm", ["colour", "weights", "bias"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["output"], axis=1)
        if kind == "probabilities"
        else helper.make_node("Identity", ["scores"], ["output"]),
    ]
    graph = helper.make_graph(
        nodes,
        "fixture",
        [helper.make_tensor_value_info("crops", TensorProto.FLOAT if float_input else TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", outputs])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, producer_name="medulla-fixtures", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _write(name, kind, layout, **graph):
    folder = ROOT / "test/fixtures/models" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_graph(kind, layout, **graph))
    manifest = {
        "schema": 1,
        "name": name,
        "version": "1",
        "file": "model.onnx",
        "sha256": sha256_of(folder / "model.onnx"),
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
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    card = f"# {name}\n\nA test fixture: names a crop by its mean colour. For Research Use Only. Not for use in diagnostic procedures.\n"
    (folder / "card.md").write_text(card, encoding="utf8")


def main():
    _write("colour", "probabilities", "NHWC")
    _write("colour-logits", "logits", "NCHW")
    _write("too-wide", "probabilities", "NHWC", outputs=4)
    _write("not-a-number", "probabilities", "NHWC", poison=True)


if __name__ == "__main__":
    main()

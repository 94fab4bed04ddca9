"""Makes test/fixtures/models/places: `python3 -m training.make_places_fixture`.

A model that looks at two places of its crop and nowhere else, so that a test knows what an explanation has to point at: darkness
at the one speaks for BLA, darkness at the other against it.
"""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.export import sha256_of
from training.taxonomy import ROOT

SIZE_PX = 32
CLASSES = ["BLA", "LYT", "NGS"]
# Rows and columns, first and one past the last.
SPEAKS_FOR = ((4, 12), (20, 28))
SPEAKS_AGAINST = ((20, 28), (4, 12))
FOR, AGAINST = 6.0, 3.0


def _graph():
    """BLA: FOR x darkness at the one place - AGAINST x darkness at the other (0-1, mean over pixels and channels). LYT: 1. NGS: -2."""
    names, nodes, initializers = [], [], [numpy_helper.from_array(np.array([1, 2], np.int64), "axes")]
    nodes.append(helper.make_node("Cast", ["crops"], ["values"], to=TensorProto.FLOAT))
    for name, ((top, bottom), (left, right)) in (("for", SPEAKS_FOR), ("against", SPEAKS_AGAINST)):
        initializers.append(numpy_helper.from_array(np.array([top, left], np.int64), f"{name}_start"))
        initializers.append(numpy_helper.from_array(np.array([bottom, right], np.int64), f"{name}_end"))
        nodes.append(helper.make_node("Slice", ["values", f"{name}_start", f"{name}_end", "axes"], [f"{name}_place"]))
        nodes.append(helper.make_node("ReduceMean", [f"{name}_place"], [f"{name}_mean"], axes=[1, 2, 3], keepdims=1))
        nodes.append(helper.make_node("Flatten", [f"{name}_mean"], [f"{name}_flat"], axis=1))
        names.append(f"{name}_flat")
    weights = np.array([[-FOR / 255, 0, 0], [AGAINST / 255, 0, 0]], np.float32)
    initializers.append(numpy_helper.from_array(weights, "weights"))
    initializers.append(numpy_helper.from_array(np.array([FOR - AGAINST, 1, -2], np.float32), "bias"))
    nodes.append(helper.make_node("Concat", names, ["places"], axis=1))
    nodes.append(helper.make_node("Gemm", ["places", "weights", "bias"], ["output"]))
    graph = helper.make_graph(
        nodes,
        "places",
        [helper.make_tensor_value_info("crops", TensorProto.UINT8, ["n", SIZE_PX, SIZE_PX, 3])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", len(CLASSES)])],
        initializers,
    )
    model = helper.make_model(graph, producer_name="medulla-fixtures", opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model.SerializeToString()


def main():
    folder = ROOT / "test/fixtures/models/places"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_graph())
    manifest = {
        "schema": 1,
        "name": "places",
        "version": "1",
        "file": "model.onnx",
        "sha256": sha256_of(folder / "model.onnx"),
        "classes": CLASSES,
        "input": {
            "name": "crops",
            "sizePx": SIZE_PX,
            "pixelSizeUm": 0.7,
            "type": "uint8",
            "layout": "NHWC",
            "normalisation": None,
        },
        "output": {"name": "output", "kind": "logits"},
        "licence": "CC0-1.0",
        "sources": [],
        "evidence": {},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    card = "# places\n\nA test fixture: looks at two places of its crop. For Research Use Only. Not for use in diagnostic procedures.\n"
    (folder / "card.md").write_text(card, encoding="utf8")


if __name__ == "__main__":
    main()

"""Writes a model package: the ONNX file, its manifest and its card, and what else there is of it."""
import hashlib
import json
import pathlib

import numpy as np
import onnx
import torch

from training.graph import Graph
from training.moving import work_before_copies
from training.network import Deployed
from training.rewrite import fold_padding
from training.taxonomy import CODES

INPUT_NAME = "crops"
OUTPUT_NAME = "probabilities"
OUTPUT_NAMES = (OUTPUT_NAME, "embedding", "unfamiliarity")
"""What a module may give, in this order; the first alone, or all three."""
TEST_CROPS = "test-crops.bin"
TEST_TOLERANCE = 1e-3
"""How far a probability of the test vector may lie from the one stated: other processors add up in another order."""


def sha256_of(path):
    """Of a file, lower case hex."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def export_onnx(network, temperature, size_px, path):
    """The deployed graph of a network that gives logits: see `export_module`."""
    export_module(Deployed(network.to(memory_format=torch.contiguous_format).eval(), temperature), size_px, path)


def export_module(module, size_px, path, outputs=(OUTPUT_NAME,)):
    """A module (uint8 n x s x s x 3 -> one tensor an output name, n first) as ONNX, n open; the file depends on the weights alone."""
    module = module.eval()
    with torch.no_grad():
        shapes = [tuple(values.shape) for values in answers(module, example_crops(size_px))]
    if len(shapes) != len(outputs):
        raise ValueError(f"the module gives {len(shapes)} outputs, named are {', '.join(outputs)}")
    torch.onnx.export(
        module,
        torch.from_numpy(example_crops(size_px)),
        str(path),
        opset_version=13,
        input_names=[INPUT_NAME],
        output_names=list(outputs),
        dynamic_axes={name: {0: "n"} for name in (INPUT_NAME, *outputs)},
    )
    model = onnx.load(str(path))
    for output, shape in zip(model.graph.output, shapes):
        # Tracing leaves sizes open that are known.
        sizes = output.type.tensor_type.shape
        del sizes.dim[:]
        sizes.dim.add().dim_param = "n"
        for size in shape[1:]:
            sizes.dim.add().dim_value = size
    for node in model.graph.node:
        node.doc_string = ""
    graph = Graph(model)
    fold_padding(graph)
    work_before_copies(graph)
    onnx.save(graph.model(), str(path))


def example_crops(size_px):
    return np.random.default_rng(0).integers(0, 256, (2, size_px, size_px, 3), np.uint8)


def answers(module, crops):
    """What a module gives crops (uint8, n x s x s x 3): one float32 array an output, crop by crop, so that memory stays small."""
    with torch.no_grad():
        rows = [module(torch.from_numpy(np.array(crops[i : i + 1]))) for i in range(len(crops))]
    rows = [row if isinstance(row, (tuple, list)) else (row,) for row in rows]
    return [torch.cat(column).numpy() for column in zip(*rows)]


def write_package(
    folder,
    network,
    temperature,
    settings,
    name,
    version,
    evidence,
    sources,
    card,
    *,
    module=None,
    outputs=None,
    unsure=None,
    unfamiliar=None,
    confusion=None,
    test_crops=None,
    test_tolerance=TEST_TOLERANCE,
    measured=None,
    int8=None,
):
    """folder/{model.onnx, manifest.json, card.md} and what the optional parts need; evidence by class code.

    module: what is exported in place of Deployed(network, temperature); outputs: names of what it gives, (probabilities,
    embedding, unfamiliarity) where it gives three. unsure, unfamiliar, confusion, measured: as the manifest has them
    (src/main/inference/manifest.ts). test_crops: uint8, n x s x s x 3; what the module itself says of them goes into the manifest.
    int8: (ONNX bytes, probabilities n x classes for the test crops, tolerance), or the bytes alone.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if module is None:
        module = Deployed(network.to(memory_format=torch.contiguous_format).eval(), temperature)
    module = module.eval()
    given = answers(module, example_crops(settings.size_px))
    outputs = list(outputs or OUTPUT_NAMES[: len(given)])
    export_module(module, settings.size_px, folder / "model.onnx", outputs)
    output = {"name": outputs[0], "kind": "probabilities"}
    if len(outputs) > 1:
        output["embedding"] = {"name": outputs[1], "size": int(given[1].shape[1])}
    if len(outputs) > 2:
        output["unfamiliarity"] = {"name": outputs[2]}
    manifest = {
        "schema": 1,
        "name": name,
        "version": version,
        "file": "model.onnx",
        "sha256": sha256_of(folder / "model.onnx"),
        "classes": CODES,
        "input": {
            "name": INPUT_NAME,
            "sizePx": settings.size_px,
            "pixelSizeUm": settings.pixel_um,
            "type": "uint8",
            "layout": "NHWC",
            "normalisation": None,
        },
        "output": output,
        "licence": "CC-BY-4.0",
        "sources": sources,
        "evidence": evidence,
    }
    manifest.update({key: part for key, part in (("unsure", unsure), ("unfamiliar", unfamiliar), ("confusion", confusion)) if part is not None})
    if test_crops is not None:
        manifest["testVector"] = write_test_crops(folder, test_crops, answers(module, test_crops)[0], test_tolerance)
    if measured is not None:
        manifest["measured"] = measured
    if int8 is not None:
        manifest["int8"] = write_int8(folder, *(int8 if isinstance(int8, tuple) else (int8,)))
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    (folder / "card.md").write_text(card, encoding="utf8")


def write_test_crops(folder, crops, probabilities, tolerance):
    """The crops as a file of the package; what the manifest says of them."""
    (pathlib.Path(folder) / TEST_CROPS).write_bytes(np.ascontiguousarray(crops, np.uint8).tobytes())
    return {"crops": TEST_CROPS, "n": len(crops), "probabilities": rounded(probabilities), "tolerance": tolerance}


def write_int8(folder, graph, probabilities=None, tolerance=None):
    """The 8 bit graph as a file of the package; what the manifest says of it."""
    path = pathlib.Path(folder) / "model-int8.onnx"
    path.write_bytes(graph)
    part = {"file": path.name, "sha256": sha256_of(path)}
    if probabilities is not None:
        part.update(probabilities=rounded(probabilities), tolerance=tolerance)
    return part


def rounded(probabilities):
    return [[round(float(value), 6) for value in row] for row in probabilities]

"""Writes a model package: the ONNX file, its manifest and its card."""
import hashlib
import json
import pathlib

import numpy as np
import onnx
import torch

from training.network import Deployed
from training.taxonomy import CODES

INPUT_NAME = "crops"
OUTPUT_NAME = "probabilities"


def sha256_of(path):
    """Of a file, lower case hex."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def export_onnx(network, temperature, size_px, path):
    """The deployed graph (uint8 n x s x s x 3 -> n x classes), n open; the file depends on the weights alone."""
    deployed = Deployed(network.to(memory_format=torch.contiguous_format).eval(), temperature).eval()
    example = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, size_px, size_px, 3), np.uint8))
    torch.onnx.export(
        deployed,
        example,
        str(path),
        opset_version=13,
        input_names=[INPUT_NAME],
        output_names=[OUTPUT_NAME],
        dynamic_axes={INPUT_NAME: {0: "n"}, OUTPUT_NAME: {0: "n"}},
    )
    model = onnx.load(str(path))
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = len(CODES)
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def write_package(folder, network, temperature, settings, name, version, evidence, sources, card):
    """folder/{model.onnx, manifest.json, card.md}; evidence by class code."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    export_onnx(network, temperature, settings.size_px, folder / "model.onnx")
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
        "output": {"name": OUTPUT_NAME, "kind": "probabilities"},
        "licence": "CC-BY-4.0",
        "sources": sources,
        "evidence": evidence,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")
    (folder / "card.md").write_text(card, encoding="utf8")

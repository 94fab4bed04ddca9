"""Weights that a MobileNetV2 learned from natural images, out of a detector that its authors give away for TensorFlow.js.

The folder is an unpacked package that holds the COCO-SSD detector as a TensorFlow.js graph (training/README.md says which): its feature
extractor was trained on ImageNet, then with the detector on COCO. Everything before the detector's own layers is taken. The graph's
batch normalisations are folded into its convolutions; `restore_norms` puts them back, so that they can be trained.
"""
import json
import pathlib

import numpy as np
import torch

from training.half_instance import HalfInstance
from training.mobilenet import MobileNet

ROOT = "FeatureExtractor/MobilenetV2"
KINDS = {"float32": np.dtype("<f4"), "int32": np.dtype("<i4")}


def find_graph(folder):
    """The model.json of the detector in an unpacked package, or in the folder itself."""
    found = [file for file in sorted(pathlib.Path(folder).rglob("model.json")) if _is_detector(file)]
    if len(found) != 1:
        raise ValueError(f"{folder} holds {len(found)} TensorFlow.js graphs with a {ROOT}: one is needed (training/README.md says where it is had)")
    return found[0]


def _is_detector(file):
    manifest = json.loads(file.read_text(encoding="utf8")).get("weightsManifest", [])
    return any(entry["name"].startswith(f"{ROOT}/") for group in manifest for entry in group["weights"])


def read_weights(graph):
    """name -> array of a TensorFlow.js model.json: the groups' files lie beside it, little-endian, one array after the other."""
    graph = pathlib.Path(graph)
    weights = {}
    for group in json.loads(graph.read_text(encoding="utf8"))["weightsManifest"]:
        data = b"".join((graph.parent / path).read_bytes() for path in group["paths"])
        at = 0
        for entry in group["weights"]:
            if "quantization" in entry or entry["dtype"] not in KINDS:
                raise ValueError(f"{graph}: {entry['name']} is {entry['dtype']}, quantised or not: only float32 and int32 as they are can be read")
            kind, count = KINDS[entry["dtype"]], int(np.prod(entry["shape"], dtype=np.int64))
            if at + count * kind.itemsize > len(data):
                raise ValueError(f"{graph}: its files end before {entry['name']}")
            weights[entry["name"]] = np.frombuffer(data, kind, count, at).reshape(entry["shape"])
            at += count * kind.itemsize
        if at != len(data):
            raise ValueError(f"{graph}: its files hold {len(data) - at} bytes more than it names")
    return weights


def layers_of(network):
    """(name in the graph, layer) of every layer of a mobilenet.MobileNet, from the image on."""
    yield f"{ROOT}/Conv", network.stem
    for i, block in enumerate(network.body):
        name = f"{ROOT}/expanded_conv" + (f"_{i}" if i else "")
        for part in ("expand", "depthwise", "project"):
            if getattr(block, part) is not None:
                yield f"{name}/{part}", getattr(block, part)
    yield f"{ROOT}/Conv_1", network.last


def load_folded(network, weights):
    """Gives every layer of a MobileNet its weights of the graph; what the graph folded its normalisation to becomes the norm's own
    gamma and beta, with a mean of 0 and a variance of 1. The head stays as it is."""
    with torch.no_grad():
        for name, layer in layers_of(network):
            depthwise = layer.convolution.groups > 1
            kernel = _array(weights, f"{name}/depthwise_weights" if depthwise else f"{name}/Conv2D/merged_input")
            # Height, width, in, out (depthwise: channel, 1) there; out, in, height, width here.
            _copy(layer.convolution.weight, kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1), name)
            norm = layer.norm
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
            norm.weight.fill_(1)
            if depthwise:
                _copy(norm.weight, _array(weights, f"{name}/BatchNorm/batchnorm/mul"), name)
            _copy(norm.bias, _array(weights, f"{name}/BatchNorm/batchnorm/sub"), name)
    return network


def _array(weights, name):
    if name not in weights:
        raise ValueError(f"the graph has no {name}: another detector, or another width of the network")
    return weights[name]


def _copy(target, values, name):
    if tuple(target.shape) != values.shape:
        raise ValueError(f"{name} is {values.shape} in the graph, where a MobileNetV2 of full width has {tuple(target.shape)}")
    target.copy_(torch.from_numpy(np.array(values)))


def restore_norms(network, batches):
    """Puts batch normalisations back that were folded away: takes the mean and variance of what comes to each of them over `batches`
    (density images) and changes gamma and beta so that the network answers as before."""
    norms = [layer.norm for _, layer in layers_of(network)]
    sums = {norm: [0, torch.zeros_like(norm.running_mean, dtype=torch.float64), torch.zeros_like(norm.running_mean, dtype=torch.float64)] for norm in norms}

    def count(norm, inputs):
        values = inputs[0].double()
        sums[norm][0] += values.numel() // values.shape[1]
        sums[norm][1] += values.sum((0, 2, 3))
        sums[norm][2] += (values * values).sum((0, 2, 3))

    hooks = [norm.register_forward_pre_hook(count) for norm in norms]
    network.eval()
    with torch.no_grad():
        for batch in batches:
            network.features(batch)
        for hook in hooks:
            hook.remove()
        for norm in norms:
            n, total, squares = sums[norm]
            mean = (total / n).float()
            variance = (squares / n - (total / n) ** 2).clamp(min=0).float()
            norm.bias.add_(norm.weight * mean)
            norm.weight.mul_((variance + norm.eps).sqrt())
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
    return network


def load_natural(network, folder, batches):
    """Gives a MobileNet the weights of the package unpacked in `folder`, its normalisations restored on `batches` of density images;
    where it normalises image by image it scales and shifts as they do. The head stays as it is."""
    device = network.head.weight.device
    whole = restore_norms(load_folded(MobileNet(network.head.out_features).to(device), read_weights(find_graph(folder))), batches)
    for (_, own), (_, restored) in zip(layers_of(network), layers_of(whole)):
        own.convolution.load_state_dict(restored.convolution.state_dict())
        if isinstance(own.norm, HalfInstance):
            own.norm.begin_as(restored.norm)
        else:
            own.norm.load_state_dict(restored.norm.state_dict())
    return network

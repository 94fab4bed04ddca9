"""The network: white balance and optical density, a slim residual net, and its mean over the eight orientations."""
import torch
import torch.nn as nn
import torch.nn.functional as F

SQUARE_PX = 4
"""Side of the squares whose means tell background and nucleus, pixels."""
BACKGROUND_SHARE = 0.04
"""Share of the squares, the brightest of each channel, that is taken for the background."""
NUCLEUS_SHARE = 0.06
"""Share of the squares, the densest, that is taken for the nucleus."""
NUCLEUS_DENSITY = 1.2
"""Optical density (natural logarithm) the nucleus is brought to, as far as it is stained at all."""


def white_balance(images):
    """n x 3 x s x s, 0-255 -> optical density relative to the crop's own background (its brightest squares) and
    stretched so that the crop's densest squares (the nucleus) come to NUCLEUS_DENSITY: a pale stain and a dark one,
    a warm lamp and a cold one look alike. About -0.2 to 3."""
    squares = F.avg_pool2d(images, SQUARE_PX).flatten(2)
    count = squares.shape[2]
    brightest = squares.topk(max(1, int(count * BACKGROUND_SHARE)), dim=2).values
    background = brightest.mean(2, keepdim=True).clamp(min=16)
    grey = squares.mean(1, keepdim=True)
    darkest = grey.topk(max(1, int(count * NUCLEUS_SHARE)), dim=2, largest=False).values.mean(2, keepdim=True)
    nucleus = -torch.log(darkest / background.mean(1, keepdim=True) + 0.03)
    density = -torch.log((images / background[..., None]).clamp(max=1.15) + 0.03)
    stretch = NUCLEUS_DENSITY / nucleus.clamp(min=0.25)
    return density * stretch[..., None]


class Block(nn.Module):
    """Two 3 x 3 convolutions with a shortcut (He et al. 2016); the shortcut averages before it strides (He et al. 2019)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        nn.init.zeros_(self.second_norm.weight)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            pool = [nn.AvgPool2d(2, ceil_mode=True, count_include_pad=False)] if stride == 2 else []
            self.shortcut = nn.Sequential(*pool, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.first_norm(self.first(x)), inplace=True)
        y = self.second_norm(self.second(y))
        return F.relu(y + (x if self.shortcut is None else self.shortcut(x)), inplace=True)


class Network(nn.Module):
    """Density images n x 3 x s x s -> logits n x classes."""

    def __init__(self, classes, widths=(32, 64, 128, 256), depths=(1, 1, 2, 1), dropout=0.2):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        )
        blocks, inputs = [], widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for i in range(depth):
                blocks.append(Block(inputs, width, 2 if i == 0 and stage > 0 else 1))
                inputs = width
        self.body = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, classes)

    def features(self, x):
        return self.body(self.stem(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.dropout(self.features(x)))


def orientations(images):
    """The eight orientations of a square (n x c x s x s -> 8n x c x s x s)."""
    turned = images.transpose(2, 3)
    views = []
    for view in (images, turned):
        views += [view, view.flip(2), view.flip(3), view.flip(2, 3)]
    return torch.cat(views)


def mean_logits(network, images):
    """Logits averaged over the eight orientations: the same however the camera is mounted. images: n x 3 x s x s, 0-255."""
    logits = network(orientations(white_balance(images)))
    return logits.reshape(8, len(images), -1).mean(0)


class Deployed(nn.Module):
    """What is exported: crops (uint8, n x s x s x 3, RGB) -> calibrated probabilities (n x classes)."""

    def __init__(self, network, temperature):
        super().__init__()
        self.network = network
        self.temperature = float(temperature)

    def forward(self, crops):
        images = crops.permute(0, 3, 1, 2).float()
        logits = self.network(orientations(white_balance(images)))
        logits = logits.reshape(8, -1, logits.shape[1]).mean(0)
        return torch.softmax(logits / self.temperature, 1)

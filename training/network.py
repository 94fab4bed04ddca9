"""The network: white balance and optical density, a slim residual net, and its mean over the eight orientations."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from training.half_instance import HalfInstance
from training.mobilenet import MobileNet

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
    # As plain numbers, so that the exported graph keeps its shapes: the runtime is a tenth faster for it.
    count = (int(images.shape[2]) // SQUARE_PX) * (int(images.shape[3]) // SQUARE_PX)
    squares = F.avg_pool2d(images, SQUARE_PX).reshape(-1, 3, count)
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

    def __init__(self, inputs, outputs, stride, instance=False):
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = HalfInstance(outputs) if instance else nn.BatchNorm2d(outputs)
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
    """Density images n x 3 x s x s -> logits n x classes. instance_stages: of how many stages, from the first, half the channels
    are normalised image by image."""

    def __init__(self, classes, widths=(32, 64, 128, 256), depths=(1, 1, 2, 1), dropout=0.2, instance_stages=0):
        super().__init__()
        self.depths = tuple(depths)
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 5, 2, 2, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True), nn.MaxPool2d(2)
        )
        blocks, inputs = [], widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for i in range(depth):
                blocks.append(Block(inputs, width, 2 if i == 0 and stage > 0 else 1, stage < instance_stages))
                inputs = width
        self.body = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(inputs, classes)

    def features(self, x):
        return self.body(self.stem(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.dropout(self.features(x)))


class ResNeXt(nn.Module):
    """ResNeXt-50 32x4d (Xie et al. 2017), the architecture of Matek et al. 2021, behind the same interface."""

    def __init__(self, classes):
        super().__init__()
        from torchvision.models import resnext50_32x4d

        self.body = resnext50_32x4d(num_classes=classes)
        self.head = self.body.fc
        self.body.fc = nn.Identity()

    def features(self, x):
        return self.body(x)

    def forward(self, x):
        return self.head(self.features(x))


def build(classes, settings):
    """The network `settings` ask for."""
    if settings.network == "resnext50":
        return ResNeXt(classes)
    if settings.network == "mobilenet":
        return MobileNet(classes, settings.dropout, settings.instance_stages)
    return Network(classes, settings.widths, settings.depths, settings.dropout, settings.instance_stages)


def orientation(images, number):
    """One of the eight orientations of square images, by number 0 (as they are) to 7: mirrored left to right where odd (`number & 1`), top
    to bottom at `number & 2`, and about the diagonal, before that, at `number & 4`."""
    if number & 4:
        images = images.transpose(2, 3)
    sides = [side for bit, side in ((2, 2), (1, 3)) if number & bit]
    return images.flip(sides) if sides else images


ORIENTATIONS = {1: (0,), 2: (0, 3), 4: (0, 3, 6, 5), 8: (0, 2, 1, 3, 4, 6, 5, 7)}
"""Which ones a mean is taken over: itself, and turned by half, and by a quarter either way, and all of them mirrored."""


def laid_along(images):
    """Square density images, each turned by a quarter if what is stained reaches further down than across: of an image and the same turned
    by a quarter one stays as it is, so that two opposite orientations do for all four. n x c x s x s -> n x c x s x s."""
    side = int(images.shape[2])
    squared = (torch.arange(side, device=images.device, dtype=images.dtype) - (side - 1) / 2) ** 2
    reach = (images.mean(1) * (squared[None, :] - squared[:, None])).sum((1, 2))
    return torch.where((reach < 0)[:, None, None, None], images.transpose(2, 3).flip(2), images)


def orientations(images, views=8):
    """The orientations of density images that a mean over 1, 2, 4 or 8 of them takes: n x c x s x s -> views * n x c x s x s."""
    if views not in ORIENTATIONS:
        raise ValueError(f"a mean is taken over 1, 2, 4 or 8 orientations, not {views}")
    if views == 2:
        images = laid_along(images)
    return torch.cat([orientation(images, number) for number in ORIENTATIONS[views]])


def mean_features(network, images, views=8):
    """Features averaged over the orientations: the same however the camera is mounted. images: n x 3 x s x s, 0-255 -> n x d."""
    features = network.features(orientations(white_balance(images), views))
    return features.reshape(views, len(images), -1).mean(0)


class Deployed(nn.Module):
    """What is exported: crops (uint8, n x s x s x 3, RGB) -> calibrated probabilities (n x classes), features (n x d), and how
    far each crop lies from the training images (n; see familiarity.py). The last two only where `familiarity` is given."""

    def __init__(self, network, temperature, familiarity=None, views=8):
        super().__init__()
        self.network = network
        self.temperature = float(temperature)
        self.familiarity = familiarity
        self.views = views

    def forward(self, crops):
        images = crops.permute(0, 3, 1, 2).float()
        features = self.network.features(orientations(white_balance(images), self.views))
        features = features.reshape(self.views, -1, features.shape[1]).mean(0)
        probabilities = torch.softmax(self.network.head(features) / self.temperature, 1)
        if self.familiarity is None:
            return probabilities
        return probabilities, features, self.familiarity(features)

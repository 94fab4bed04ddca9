"""MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381) as TensorFlow lays it out, so that weights trained there answer the same here."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from training.half_instance import HalfInstance

STEM_WIDTH = 32
HEAD_WIDTH = 1280
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, width, blocks and stride of each stage (their table 2)."""
EPSILON = 1e-3


class Layer(nn.Module):
    """Convolution and batch normalisation, then ReLU6 where `bent`. Padded as TensorFlow's SAME: at stride 2 an even side gets its one
    row of zeros behind, not before.

    ReLU6 it has to be: of the first layers' activations 1 to 5 in 100 reach 6, and without the limit the features that come of them
    agree with the learned ones by a correlation of .59. Written as a clamp, since the processor has no bfloat16 gradient for hardtanh.
    """

    def __init__(self, inputs, outputs, side, stride=1, groups=1, bent=True, instance=False):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, side, stride, side // 2 if stride == 1 else 0, groups=groups, bias=False)
        self.norm = HalfInstance(outputs, EPSILON) if instance else nn.BatchNorm2d(outputs, EPSILON)
        self.bent = bent

    def forward(self, x):
        if self.convolution.stride[0] == 2:
            height, width = int(x.shape[2]), int(x.shape[3])
            x = F.pad(x, (width % 2, 1, height % 2, 1))
        x = self.norm(self.convolution(x))
        return x.clamp(0, 6) if self.bent else x


class Block(nn.Module):
    """Wide between two narrow ends: expand (but in the first), depthwise, project without a bend; the shortcut where shapes agree."""

    def __init__(self, inputs, outputs, expansion, stride, instance=False):
        super().__init__()
        wide = inputs * expansion
        self.expand = Layer(inputs, wide, 1, instance=instance) if expansion > 1 else None
        self.depthwise = Layer(wide, wide, 3, stride, wide)
        self.project = Layer(wide, outputs, 1, bent=False)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.project(self.depthwise(x if self.expand is None else self.expand(x)))
        return x + y if self.shortcut else y


def colours_of(densities):
    """Optical densities (network.white_balance) made colours again, -1 black to 1 white, as the weights were learned from: what the
    white balance evened out stays even."""
    return (2 * torch.exp(-densities) - 1).clamp(-1, 1)


class MobileNet(nn.Module):
    """Density images n x 3 x s x s (see network.white_balance) -> logits n x classes, behind the interface of `Network`.

    instance_stages: of how many stages, from the first, the widened channels are normalised image by image, half of them; the first
    layer's too."""

    def __init__(self, classes, dropout=0.2, instance_stages=0):
        super().__init__()
        self.stem = Layer(3, STEM_WIDTH, 3, 2, instance=instance_stages > 0)
        blocks, inputs = [], STEM_WIDTH
        for stage, (expansion, width, depth, stride) in enumerate(STAGES):
            for i in range(depth):
                blocks.append(Block(inputs, width, expansion, stride if i == 0 else 1, stage < instance_stages))
                inputs = width
        self.body = nn.Sequential(*blocks)
        self.last = Layer(inputs, HEAD_WIDTH, 1)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(HEAD_WIDTH, classes)

    def maps(self, colours):
        """Colours -1 to 1, n x 3 x s x s -> n x 1280 x s/32 x s/32."""
        return self.last(self.body(self.stem(colours)))

    def features(self, x):
        return self.maps(colours_of(x)).mean((2, 3))

    def forward(self, x):
        return self.head(self.dropout(self.features(x)))

"""Half the channels normalised image by image: what makes a laboratory's images all alike then says less."""
import torch
import torch.nn as nn


class HalfInstance(nn.Module):
    """Half the channels normalised by their own image, half by what training saw (IBN-a; Pan et al. 2018): another laboratory's
    sharpness and contrast then move the first half's values less."""

    def __init__(self, width, eps=1e-5):
        super().__init__()
        self.half = width // 2
        self.instance = nn.InstanceNorm2d(self.half, eps, affine=True)
        self.batch = nn.BatchNorm2d(width - self.half, eps)

    def forward(self, x):
        return torch.cat([self.instance(x[:, : self.half]), self.batch(x[:, self.half :])], 1)

    def begin_as(self, norm):
        """Scales and shifts as the batch normalisation `norm` does; the first half does so from now on image by image."""
        with torch.no_grad():
            for own, part in ((self.instance, slice(None, self.half)), (self.batch, slice(self.half, None))):
                own.weight.copy_(norm.weight[part])
                own.bias.copy_(norm.bias[part])
            self.batch.running_mean.copy_(norm.running_mean[self.half :])
            self.batch.running_var.copy_(norm.running_var[self.half :])

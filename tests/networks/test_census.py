"""The census against the paper's and torchvision's numbers, and against built modules."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from resnet_core.errors import ShapeMismatch, UsageError
from resnet_core.networks.census import census
from resnet_core.networks.config import NetworkConfig
from resnet_core.networks.modules import build

# depth, shortcut, projections, parameters, multiply-adds in v1 and in v1.5, at 224 x 224.
ROWS = [
    (18, "A", 0, 11_515_688, 1_794_805_760, 1_794_805_760),
    (18, "B", 3, 11_689_512, 1_814_073_344, 1_814_073_344),
    (18, "C", 8, 12_043_816, 1_878_298_624, 1_878_298_624),
    (18, "none", 0, 11_515_688, 1_794_805_760, 1_794_805_760),
    (34, "A", 0, 21_623_848, 3_644_493_824, 3_644_493_824),
    (34, "B", 3, 21_797_672, 3_663_761_408, 3_663_761_408),
    (34, "C", 16, 22_716_840, 3_830_747_136, 3_830_747_136),
    (34, "none", 0, 21_623_848, 3_644_493_824, 3_644_493_824),
    (50, "A", 0, 22_780_456, 3_498_311_680, 3_729_522_688),
    (50, "B", 4, 25_557_032, 3_857_973_248, 4_089_184_256),
    (50, "C", 16, 40_128_552, 6_324_224_000, 6_555_435_008),
    (50, "none", 0, 22_780_456, 3_498_311_680, 3_729_522_688),
    (101, "A", 0, 41_772_584, 7_210_532_864, 7_441_743_872),
    (101, "B", 4, 44_549_160, 7_570_194_432, 7_801_405_440),
    (101, "C", 33, 76_981_288, 13_530_300_416, 13_761_511_424),
    (101, "none", 0, 41_772_584, 7_210_532_864, 7_441_743_872),
    (152, "A", 0, 57_416_232, 10_922_754_048, 11_153_965_056),
    (152, "B", 4, 60_192_808, 11_282_415_616, 11_513_626_624),
    (152, "C", 50, 107_335_720, 20_736_376_832, 20_967_587_840),
    (152, "none", 0, 57_416_232, 10_922_754_048, 11_153_965_056),
]


@pytest.mark.parametrize(("depth", "shortcut", "projections", "parameters", "v1", "v1_5"), ROWS)
def test_totals_equal_the_published_numbers(depth, shortcut, projections, parameters, v1, v1_5):
    for stride, multiply_adds in (("v1", v1), ("v1.5", v1_5)):
        config = NetworkConfig(depth, shortcut, stride)

        total = census(config).total

        assert total.parameters == parameters
        assert total.multiply_adds == multiply_adds
        assert sum(block.projection is not None for block in config.blocks) == projections


@pytest.mark.parametrize(("depth", "shortcut", "stride"), [
    (18, "A", "v1.5"), (18, "none", "v1.5"), (34, "C", "v1"), (50, "B", "v1"), (50, "C", "v1.5"),
])  # fmt: skip
def test_census_equals_the_counts_of_the_built_module(depth, shortcut, stride):
    config = NetworkConfig(depth, shortcut, stride, classes=7)
    module = build(config).eval()
    counted = {"parameters": sum(p.numel() for p in module.parameters()), "multiply_adds": 0}
    sizes = []

    def count(layer, inputs, output):
        if isinstance(layer, nn.Conv2d):
            per_position = layer.weight.numel()
            counted["multiply_adds"] += per_position * output.shape[2] * output.shape[3]
            sizes.append(tuple(output.shape[1:]))
        elif isinstance(layer, nn.Linear):
            counted["multiply_adds"] += layer.weight.numel()

    for layer in module.modules():
        layer.register_forward_hook(count)
    with torch.no_grad():
        module(torch.zeros(1, 3, 64, 96))

    found = census(config, 64, 96)

    assert found.total.parameters == counted["parameters"]
    assert found.total.multiply_adds == counted["multiply_adds"]
    convolutions = [layer.output for layer in found.layers if layer.kind == "convolution"]
    assert sorted(convolutions) == sorted(sizes)
    assert sum(block.parameters for block in found.blocks) == sum(
        stage.parameters for stage in found.stages[1:5]
    )


def test_stages_have_the_output_sizes_of_the_paper():
    stages = {stage.name: stage.output for stage in census(NetworkConfig(50)).stages}

    assert stages == {
        "conv1": (64, 56, 56),
        "conv2_x": (256, 56, 56),
        "conv3_x": (512, 28, 28),
        "conv4_x": (1024, 14, 14),
        "conv5_x": (2048, 7, 7),
        "fc": (1000, 1, 1),
    }


@pytest.mark.parametrize("size", [(200, 224), (224, 100), (0, 32), (-32, 32)])
def test_sizes_that_are_no_multiple_of_32_get_a_sentence(size):
    with pytest.raises(ShapeMismatch, match="multiples of 32"):
        census(NetworkConfig(), *size)


def test_unknown_depths_and_shortcuts_get_a_sentence():
    with pytest.raises(UsageError, match="no ResNet-19 here"):
        NetworkConfig(19)
    with pytest.raises(UsageError, match="no shortcut 'D'"):
        NetworkConfig(18, "D")
    with pytest.raises(UsageError, match="at least one class"):
        NetworkConfig(classes=0)


def test_census_imports_no_framework():
    code = (
        "import sys, resnet_core.networks.census\n"
        "heavy = {'torch', 'openvino', 'cv2', 'PySide6', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

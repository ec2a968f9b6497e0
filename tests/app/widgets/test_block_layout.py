from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF

from app.widgets.block_layout import find_block, lay_out_block, stem_steps, steps_of
from resnet_core.networks.config import NetworkConfig, StridePlacement


def texts(config, name, tight=False):
    return [step.text for step in steps_of(find_block(config, name), tight)]


def test_a_basic_block_is_written_as_in_the_paper():
    assert texts(NetworkConfig(18), "conv4_1") == [
        "3 × 3 conv, 256, /2",  # noqa: RUF001
        "BN  ReLU",
        "3 × 3 conv, 256",  # noqa: RUF001
        "BN",
    ]


def test_the_stride_of_a_bottleneck_stands_where_it_is_placed():
    paper = NetworkConfig(50, stride=StridePlacement.V1)
    torchvision = NetworkConfig(50, stride=StridePlacement.V1_5)
    assert [text.endswith("/2") for text in texts(paper, "conv3_1")[::2]] == [True, False, False]
    assert [text.endswith("/2") for text in texts(torchvision, "conv3_1")[::2]] == [
        False,
        True,
        False,
    ]


def test_conv1_is_shown_with_its_pooling():
    assert [step.text for step in stem_steps()][1:] == ["BN  ReLU", "3 × 3 max pool, /2"]  # noqa: RUF001


@pytest.mark.parametrize("depth", [18, 50])
@pytest.mark.parametrize(("height", "tight"), [(406, False), (204, True)])
def test_nothing_overlaps_on_the_way_down(depth, height, tight):
    steps = steps_of(find_block(NetworkConfig(depth), "conv3_1"), tight)
    layout = lay_out_block(QRectF(16, 56, 368, height), steps, 1.0, merges=True, tight=tight)
    assert layout.fork < layout.boxes[0].top()
    assert all(above.bottom() < below.top() for above, below in pairwise(layout.boxes))
    assert layout.boxes[-1].bottom() < layout.plus.y() - layout.plus_radius
    assert layout.plus.y() + layout.plus_radius < layout.relu.top()
    assert layout.relu.bottom() < layout.bottom
    assert layout.boxes[0].right() < layout.side
    assert min(box.height() for box in layout.boxes) > 17


def test_a_name_of_another_network_is_a_key_error():
    with pytest.raises(KeyError):
        find_block(NetworkConfig(18), "conv4_3")

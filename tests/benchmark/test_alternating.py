"""Ways are timed in turn; engines' maps are held together in the same run."""

import json

import main
from resnet_core.benchmark.alternating import measure


def test_every_way_has_its_turn_in_every_round():
    calls = []

    timings = measure({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 3, 1)

    assert calls == ["a", "b"] * 4
    assert timings["a"].rounds == timings["b"].rounds == 3


def test_bench_prints_ratios_and_the_agreement_of_engines(capsys):
    words = "bench --depths 18 --size 64x64 --rounds 2 --json --engines openvino:cpu torch:cpu"

    code = main.main(words.split())

    document = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [row["way"] for row in document["rows"]] == [
        "openvino:cpu forward", "openvino:cpu explained", "torch:cpu forward",
        "torch:cpu explained",
    ]  # fmt: skip
    assert document["rows"][0]["ratio"] == 1
    assert document["agreements"][0]["same_answers"] == 1

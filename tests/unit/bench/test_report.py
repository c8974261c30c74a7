from io import StringIO

from rich.console import Console

from soroka.bench.report import bars, show


def shown(result):
    console = Console(file=StringIO(), width=150)
    show(console, result)
    return console.file.getvalue()


def test_the_table_has_every_row_with_its_verdict(result):
    lines = shown(result).splitlines()
    [ratio] = [line for line in lines if "end to end / bare" in line]
    assert [cell.strip() for cell in ratio.strip("│").split("│")] == [
        "delivery", "end to end / bare", "ratio", "≥ 0.800", "0.810", "0.700", "0.900", "met",
    ]  # fmt: skip
    [request] = [line for line in lines if "the request answers" in line]
    assert "missed" in request


def test_it_says_where_and_with_what_it_was_measured(result):
    text = shown(result)
    for words in ("a processor", "Python 3.11.7", "fsync on", "not quiet", "planning 9 s", "engine.py:210 _send"):
        assert words in text


def test_it_says_that_a_quick_look_is_none(result):
    assert "quick look" not in shown(result)
    result.scale = 0.01
    assert "Scale 0.01: a quick look, not a result." in shown(result)


def test_it_says_what_failed(result):
    result.failures["growth"] = "BenchError: [it] was dark"
    assert "growth ended early: BenchError: [it] was dark" in shown(result)


def test_without_a_terminal_it_tells_the_parts_only():
    console = Console(file=StringIO(), width=80)
    with bars(console) as shown, shown.part("engine", 4):
        shown.step("planning")
    assert console.file.getvalue() == "measuring engine\n"

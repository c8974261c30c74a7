import orjson
import pytest

from soroka.bench import documents
from soroka.bench.documents import BEGIN, END, as_markdown, check_place, write_json, write_markdown
from soroka.bench.errors import BenchError


def test_json_holds_every_run_and_what_it_came_to(tmp_path, result):
    write_json(tmp_path / "bench.json", result)
    written = orjson.loads((tmp_path / "bench.json").read_bytes())
    assert written["rows"][0] == {
        "part": "delivery",
        "name": "end to end / bare",
        "unit": "ratio",
        "target": "≥ 0.800",
        "median": 0.81,
        "minimum": 0.7,
        "maximum": 0.9,
        "values": [0.9, 0.7, 0.81],
        "verdict": "met",
    }
    assert [row["verdict"] for row in written["rows"]] == ["met", "missed", None]
    assert written["full_size"] is True
    assert written["machine"] == {"CPU": "a processor", "cores": "2"}
    assert written["profiles"] == {"http": [{"percent": 43.21, "function": "delivery/engine.py:210 _send"}]}


def test_markdown_is_a_table_with_all_that_belongs_to_it(result):
    text = as_markdown(result)
    assert "| delivery | end to end / bare | ratio | ≥ 0.800 | 0.810 | 0.700 | 0.900 | met |" in text
    assert "| planning | the request answers | s | ≤ 3.00 | 3.50 | 2.50 | 4.50 | missed |" in text
    for words in (
        "CPU a processor",
        "Python 3.11.7",
        "fsync on",
        "not quiet",
        "`soroka bench --runs 3`",
        "delivery 61 s",
    ):
        assert words in text
    assert "| 43.2 | `delivery/engine.py:210 _send` |" in text
    assert "quick look" not in text


def test_a_smaller_scale_is_marked_everywhere(tmp_path, result):
    result.scale = 0.1
    assert "**Scale 0.1: a quick look, not a result.**" in as_markdown(result)
    assert b'"full_size": false' in documents.as_json(result)


def test_a_measurement_that_failed_is_said(result):
    result.failures["growth"] = "BenchError: it was dark"
    assert "`growth` ended early: BenchError: it was dark" in as_markdown(result)


def test_only_what_is_between_the_markers_is_replaced(tmp_path, result):
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n\n{BEGIN}\nan old result\n{END}\n\n## After\n")
    write_markdown(page, result)
    once = page.read_text()
    assert once == f"# Before\n\n{as_markdown(result)}\n## After\n"
    write_markdown(page, result)
    assert page.read_text() == once


def test_a_new_file_is_made_and_can_be_written_again(tmp_path, result):
    page = tmp_path / "new.md"
    check_place(page, markers=True)
    write_markdown(page, result)
    check_place(page, markers=True)
    assert page.read_text() == as_markdown(result)


@pytest.mark.parametrize("content", ["# Nothing of ours\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"])
def test_a_page_without_both_markers_is_left_alone(tmp_path, result, content):
    page = tmp_path / "page.md"
    page.write_text(content)
    for act in (lambda: check_place(page, markers=True), lambda: write_markdown(page, result)):
        with pytest.raises(BenchError, match="to write between"):
            act()
    assert page.read_text() == content


def test_a_place_that_cannot_be_written_is_refused_beforehand(tmp_path):
    for path in (tmp_path / "nowhere" / "bench.json", tmp_path):
        with pytest.raises(BenchError, match="cannot be written"):
            check_place(path, markers=False)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, result, monkeypatch):
    path = tmp_path / "bench.json"
    path.write_text("the last result")

    def full_disk(_descriptor):
        raise OSError("no space left")

    monkeypatch.setattr(documents.os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        write_json(path, result)
    assert path.read_text() == "the last result"
    assert list(tmp_path.iterdir()) == [path]


def test_the_mode_of_a_file_stays(tmp_path, result):
    path = tmp_path / "bench.json"
    path.write_text("")
    path.chmod(0o600)
    write_json(path, result)
    assert path.stat().st_mode & 0o777 == 0o600

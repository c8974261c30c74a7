from pathlib import Path

from soroka.metrics.catalogue import LEDGER, WEB
from soroka.metrics.reference import page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"


def test_the_page_is_what_the_code_says():
    assert PAGE.read_text() == page()


def test_no_label_can_grow_with_clients_mailings_or_messages():
    labels = {label for metric in (*LEDGER, *WEB) for label in metric.labels}
    assert labels == {
        "gateway", "method", "outcome", "queue", "result", "route", "service", "state", "status", "why",
    }  # fmt: skip

from soroka.metrics.catalogue import LEDGER, WEB


def test_no_label_can_grow_with_clients_mailings_or_messages():
    labels = {label for metric in (*LEDGER, *WEB) for label in metric.labels}
    assert labels == {
        "gateway", "method", "outcome", "queue", "result", "route", "service", "state", "status", "task", "why",
    }  # fmt: skip

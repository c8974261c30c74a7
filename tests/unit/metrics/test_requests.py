"""Figures of several web processes, as one of them tells them."""

import os
import subprocess
import sys

COUNT = "from soroka.metrics.requests import answered; answered('mailings/<int:pk>', 'GET', 200, 0.2)"
SCRAPE = (
    "from prometheus_client import generate_latest; from soroka.metrics.requests import registry; "
    "print(generate_latest(registry()).decode())"
)


def python(code, folder):
    env = {"PATH": os.environ["PATH"], "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_each_process_tells_the_figures_of_all_of_them(tmp_path):
    for _ in range(3):
        python(COUNT, tmp_path)
    scraped = python(SCRAPE, tmp_path)
    assert 'soroka_http_requests_total{method="GET",route="mailings/<int:pk>",status="200"} 3.0' in scraped
    assert 'soroka_http_request_seconds_bucket{le="0.1",method="GET",route="mailings/<int:pk>"} 0.0' in scraped
    assert 'soroka_http_request_seconds_count{method="GET",route="mailings/<int:pk>"} 3.0' in scraped


def test_a_method_that_nobody_knows_makes_no_series_of_its_own(tmp_path):
    python("from soroka.metrics.requests import answered; answered('', 'X1', 405, 0.0)", tmp_path)
    assert 'method="other",route="other"' in python(SCRAPE, tmp_path)

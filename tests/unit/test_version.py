"""The version is written in several places, and is one."""

import re
import tomllib
from pathlib import Path

import yaml

from soroka.config.api import DESCRIBED

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
CHART = ROOT / "deploy" / "helm" / "soroka"


def test_the_schema_and_the_chart_have_that_of_the_package():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    image = yaml.safe_load((CHART / "values.yaml").read_text())["image"]
    assert {DESCRIBED["VERSION"], chart["version"], chart["appVersion"], image["tag"]} == {VERSION}


def test_so_have_the_images_that_are_told():
    files = ("deploy/kubernetes/soroka.yaml", "docs/operations/kubernetes.md")
    told = {tag for file in files for tag in re.findall(r"\bsoroka:(\d[\w.-]*)", (ROOT / file).read_text())}
    assert told == {VERSION}

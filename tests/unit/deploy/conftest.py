import os

import pytest


@pytest.fixture
def programs(tmp_path):
    """``programs(sleep="exit 0")``: a PATH on which programs of these names are these lines of shell."""

    def stand_in(**lines):
        for name, line in lines.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
            (tmp_path / name).chmod(0o755)
        return f"{tmp_path}:{os.defpath}"

    return stand_in

"""An answer as large as the limit allows is taken in full, and does not take the machine with it."""

import importlib.util
import sys
from types import ModuleType

import pytest

from tests.worlds.security_world import ROOT


def _benchmark() -> ModuleType:
    path = ROOT / "benchmarks" / "large_response.py"
    spec = importlib.util.spec_from_file_location("large_response", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
def test_an_answer_of_64_mib_is_stored_within_330_mb_of_memory() -> None:
    # few and long items: that is the same number of bytes, and a tenth of the work for the database
    told = _benchmark().measure(10_000, 6_710)
    mib = 2**20 / 1e6
    assert 63.9 * mib < told["answer_mb"] < 64 * mib
    assert told["body_mb"] > 65 * mib  # escaped for SOAP, it is longer, which must not matter
    assert told["stored"] == told["items"] == 10_000
    assert 0 < int(told["progress"]) <= 100
    assert told["peak_mb"] < 330

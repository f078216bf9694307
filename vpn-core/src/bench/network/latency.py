"""Round trips, taken with ping."""

import re
import threading
import time

from lab import CannotRun

INTERVAL_S = "0.001"  # below a millisecond ping no longer keeps an interval, it floods


class FirstAnswer:
    """Pings from before the daemons start until the first answer, which is when the VPN is up."""

    def __init__(self, host, address):
        self.answered = threading.Event()
        self.at = None
        self.process = host.pipe("ping", "-n", "-i", "0.005", address)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            if " bytes from " in line and not self.answered.is_set():
                self.at = time.monotonic()
                self.answered.set()

    def wait(self, seconds, check):
        """When the first answer came, on the monotonic clock; None if none did. `check` is called meanwhile and may give up."""
        deadline = time.monotonic() + seconds
        while not self.answered.wait(0.1):
            check()
            if time.monotonic() > deadline:
                return None
        return self.at

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


def ping(host, address, seconds):
    """Percentiles of the round trips of that many seconds, in microseconds."""
    process = host.pipe("ping", "-n", "-i", INTERVAL_S, "-w", str(seconds), address)
    printed = process.communicate(timeout=seconds + 20)[0]
    times_us = sorted(float(ms) * 1000 for ms in re.findall(r"time=([\d.]+) ms", printed))
    if not times_us:
        raise CannotRun("no ping was answered")
    sent = int(re.search(r"(\d+) packets transmitted", printed)[1])
    return {"sent": sent, "answered": len(times_us), "p50_us": percentile(times_us, 50), "p99_us": percentile(times_us, 99),
            "p99_9_us": percentile(times_us, 99.9)}


def percentile(ordered, percent):
    """The smallest value that `percent` of all values do not exceed (nearest rank)."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]

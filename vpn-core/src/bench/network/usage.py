"""What processes cost: CPU time, memory, and how busy the machine is without us."""

import os
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(namespaces):
    """User and system time of every process in the namespaces, all threads, those that ended included."""
    return sum(process_cpu_seconds(pid) for namespace in namespaces for pid in namespace.pids())


def process_cpu_seconds(pid):
    return stat_seconds(pid, 11)  # utime, stime: proc(5) fields 14 and 15


def ended_children_cpu_seconds(pid):
    return stat_seconds(pid, 13)  # cutime, cstime


def stat_seconds(pid, first):
    """Two fields of a process's statistics together; 0 when it has ended by now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[first]) + int(fields[first + 1])) / TICKS_PER_SECOND


def peak_rss_mb(namespace):
    """Largest resident memory so far (VmHWM), summed over the processes of one gateway, in units of 10^6 bytes."""
    total_kb = 0
    for pid in namespace.pids():
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total_kb += next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
    return total_kb * 1024 / 1e6


def machine_ticks():
    """(busy, stolen by the hypervisor, all) of all cores since boot."""
    user, nice, system, idle, iowait, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    busy = user + nice + system + irq + softirq + steal
    return busy, steal, busy + idle + iowait


def machine_cpu_seconds():
    """CPU time of everything: daemons, load generator, kernel threads, and whoever else runs here."""
    return machine_ticks()[0] / TICKS_PER_SECOND


def stolen_cpu_seconds():
    """Time the hypervisor gave to somebody else while we wanted it."""
    return machine_ticks()[1] / TICKS_PER_SECOND


def foreign_load(seconds):
    """Share of the machine that others use while we do nothing, 0 to 1."""
    before = machine_ticks()
    time.sleep(seconds)
    after = machine_ticks()
    return (after[0] - before[0]) / max(after[2] - before[2], 1)

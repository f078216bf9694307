"""The machine and programs a result was made with."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe():
    cpu = Path("/proc/cpuinfo").read_text()
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.MULTILINE))
    flags = set(re.search(r"^(?:flags|Features)\s*:\s*(.*)$", cpu, re.MULTILINE)[1].split())
    return {
        "cpu": found(r"^model name\s*:\s*(.*)$", cpu) or platform.machine(),
        "cores": os.cpu_count(),
        "cpu_crypto": [flag for flag in ("aes", "pclmulqdq", "avx2", "avx512f", "vaes", "vpclmulqdq", "pmull") if flag in flags],
        "virtual": "hypervisor" in flags,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "kernel": platform.release(),
        "system": release.get("PRETTY_NAME", ""),
        "iperf3": found(r"iperf ([\d.]+)", run("iperf3", "--version")),
        "ping": run("ping", "-V").split("\n")[0].removeprefix("ping from "),
        "commit": run("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"),
    }


def found(pattern, text):
    match = re.search(pattern, text, re.MULTILINE)
    return match[1].strip() if match else ""


def run(*command):
    try:
        return subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
    except FileNotFoundError:
        return ""


def in_one_line(machine):
    return (f"{machine['cpu']}, {machine['cores']} cores{', virtual machine' if machine['virtual'] else ''}, "
            f"{machine['memory_gb']:.0f} GB, Linux {machine['kernel']}, {machine['system']}, iperf3 {machine['iperf3']}")

"""Installs what the benchmark compares Culvert with, from Debian."""

import os
import subprocess
from pathlib import Path

PACKAGES = ("iproute2", "iputils-ping", "ethtool", "iperf3", "openssl", "wireguard-tools", "openvpn", "nebula", "tinc", "fastd",
            "strongswan-charon", "strongswan-swanctl", "libcharon-extra-plugins", "libstrongswan-standard-plugins",
            "libstrongswan-extra-plugins", "openssh-client", "openssh-server", "stunnel4", "libipsec-mb1")
# Debian 12 itself has wireguard-go of 2022, before segmentation offloads made it three times as fast: an unfair opponent.
BACKPORTS = Path("/etc/apt/sources.list.d/culvert-bench-backports.sources")
BACKPORTS_SOURCE = """\
Types: deb
URIs: {archive}
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
SOURCES = Path("/etc/apt")
# Packages must not start daemons of their own on this machine; the benchmark starts what it needs.
POLICY = Path("/usr/sbin/policy-rc.d")


def install():
    if not BACKPORTS.exists() and 'VERSION_CODENAME=bookworm' in Path("/etc/os-release").read_text():
        archive = debian_archive()
        if archive:
            BACKPORTS.write_text(BACKPORTS_SOURCE.format(archive=archive))
            print(f"added {BACKPORTS}")
    own_policy = not POLICY.exists()
    if own_policy:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        apt("update")
        missing = [package for package in PACKAGES if not known(package)]
        if missing:
            print(f"not to be had here: {', '.join(missing)}")
        apt("install", "-y", "--no-install-recommends", *(package for package in PACKAGES if package not in missing))
        if known("wireguard-go"):
            backports = ("-t", "bookworm-backports") if BACKPORTS.exists() else ()
            apt("install", "-y", "--no-install-recommends", *backports, "wireguard-go")
    finally:
        if own_policy:
            POLICY.unlink()


def debian_archive():
    """Where this machine takes the release itself from: the same place has its backports."""
    for file in sorted(SOURCES.glob("sources.list.d/*.sources")):
        for stanza in file.read_text().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in stanza.splitlines() if ": " in line and line[0] != "#")
            if "bookworm" in fields.get("Suites", "").split():
                return fields.get("URIs", "").split()[0]
    for file in [SOURCES / "sources.list", *sorted(SOURCES.glob("sources.list.d/*.list"))]:
        lines = file.read_text().splitlines() if file.exists() else []
        for words in (line.split() for line in lines):
            plain = [word for word in words if "=" not in word and not word.startswith("[")]
            if len(plain) > 2 and plain[0] == "deb" and plain[2] == "bookworm":
                return plain[1]
    print("no source of Debian 12 found: wireguard-go will be the old one")
    return None


def known(package):
    shown = subprocess.run(["apt-cache", "policy", package], text=True, stdout=subprocess.PIPE).stdout
    return "Candidate:" in shown and "Candidate: (none)" not in shown


def apt(*arguments):
    subprocess.run(["apt-get", "-q", *arguments], check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})

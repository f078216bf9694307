"""Installs what the benchmark compares Culvert with, from Debian."""

import os
import subprocess
from pathlib import Path

PACKAGES = ("iproute2", "iputils-ping", "iperf3", "openssl", "wireguard-tools", "openvpn", "nebula", "tinc", "fastd",
            "strongswan-charon", "strongswan-swanctl", "libcharon-extra-plugins", "libstrongswan-standard-plugins",
            "libstrongswan-extra-plugins", "openssh-client", "openssh-server", "stunnel4", "libipsec-mb1")
# Debian 12 itself has wireguard-go of 2022, before segmentation offloads made it three times as fast: an unfair opponent.
BACKPORTS = Path("/etc/apt/sources.list.d/culvert-bench-backports.sources")
BACKPORTS_SOURCE = """\
Types: deb
URIs: http://deb.debian.org/debian
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
# Packages must not start daemons of their own on this machine; the benchmark starts what it needs.
POLICY = Path("/usr/sbin/policy-rc.d")


def install():
    if not BACKPORTS.exists() and 'VERSION_CODENAME=bookworm' in Path("/etc/os-release").read_text():
        BACKPORTS.write_text(BACKPORTS_SOURCE)
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


def known(package):
    shown = subprocess.run(["apt-cache", "policy", package], text=True, stdout=subprocess.PIPE).stdout
    return "Candidate:" in shown and "Candidate: (none)" not in shown


def apt(*arguments):
    subprocess.run(["apt-get", "-q", *arguments], check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})

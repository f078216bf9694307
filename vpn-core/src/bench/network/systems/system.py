"""What a system under test has to say about itself."""

import subprocess

from lab import CannotRun, environment, find_program


class System:
    name = ""
    programs = ()        # must be installed
    package = ""         # Debian package that brings them
    settings = ""        # what was chosen where there is a choice, one line, for the report
    carries_packets = True         # false: a TCP relay, measured with TCP only
    target = ("10.2.0.2", 5201)    # where host A finds host B's iperf3

    def __init__(self, lab):
        self.lab = lab
        self.folder = lab.folder
        self.gateway_a, self.gateway_b = lab.gateways

    @classmethod
    def missing(cls):
        """Why this system cannot run here, or None."""
        for program in cls.programs:
            if not find_program(program):
                return f"{program} is not installed" + (f" (Debian package {cls.package})" if cls.package else "")
        return None

    @classmethod
    def version(cls):
        return debian_version(cls.package)

    def prepare(self):
        """Makes keys and configuration. Not part of the measured start."""

    def up(self):
        """Starts both daemons. May return before they are connected."""

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return str(path)


def debian_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.strip()


def output(*command, stdin=None):
    """Runs a command outside the lab (key tools) and returns its standard output."""
    done = subprocess.run(command, env=environment(), text=True, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise CannotRun(f"{command[0]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout

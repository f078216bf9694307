"""What can be wrong without a network: python3 -m unittest discover -s vpn-core/src/bench/network -p "test_*.py"."""

import importlib.machinery
import importlib.util
import unittest
import zlib
from pathlib import Path
from unittest import mock
from xml.etree import ElementTree

import costs_report
import lab
import transfers


def script(name):
    """A program of this folder whose name does not end as a module's."""
    loader = importlib.machinery.SourceFileLoader(name, str(Path(__file__).with_name(name)))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


FIGURES = {"seconds": 0.5, "lowest_s": 0.4, "highest_s": 0.9, "cpu_s": 0.125, "wire_bytes": 1_100_000, "cold_s": 0.75}


def link(kbit_s=64, **systems):
    return {"title": "ISDN, 64 kbit/s (a part)", "kbit_s": kbit_s, "file_bytes": 1_000_000, "repetitions": 3, "when": "2026-11-27T12:00:00",
            "product_commit": "abcdef0", "windows": {}, "text": {}, "random": {"plain routing": FIGURES | {"seconds": 0.25}} | systems,
            "machine": {"cpu": "X<Y", "cores": 2, "virtual": False, "memory_gb": 8, "kernel": "6", "system": "Debian", "iperf3": "3"}}


class Tables(unittest.TestCase):
    def test_row_compares_with_plain_routing_and_with_the_file(self):
        table = costs_report.tables([link(scp=FIGURES)])
        self.assertIn("| scp | 0.500 | 0.400 to 0.900 | 2.00 | 16 | 0.750 | 0.125 | 1,100,000 | 10.0 % |", table)

    def test_text_is_compared_with_text(self):
        with_text = link() | {"text": {"plain routing": FIGURES, "ssh": FIGURES | {"seconds": 0.25}}}
        self.assertIn("| ssh | 0.250 | 0.400 to 0.900 | 0.50 |", costs_report.tables([with_text]))

    def test_window_is_the_nearest_in_time_and_none_after_the_end(self):
        table = costs_report.window_table({"plain routing": [[0.02, 10], [0.19, 20], [0.24, 40], [0.41, 80]]})
        self.assertIn("| plain routing | 10 | 20 | 80 |  |  |", table)


class Missing(unittest.TestCase):
    def test_ends_it_and_is_named_with_its_package(self):
        find = lambda name: None if name in ("ethtool", "stunnel") else "/bin/" + name
        with mock.patch.object(lab, "find_program", find), mock.patch("systems.system.find_program", find), \
                mock.patch.object(transfers.Culvert, "missing", lambda: None), mock.patch("os.geteuid", lambda: 0), \
                self.assertRaises(SystemExit) as end:
            script("costs").refuse_if_missing()
        self.assertIn("ethtool is not installed", str(end.exception))
        self.assertIn("stunnel is not installed (Debian package stunnel4)", str(end.exception))
        self.assertIn("bench --install", str(end.exception))
        self.assertNotIn("ssh", str(end.exception))


class Picture(unittest.TestCase):
    def test_is_well_formed_and_has_a_bar_for_each_figure_twice(self):
        svg = ElementTree.fromstring(costs_report.svg([link(scp=FIGURES), link(kbit_s=0)]))
        bars = [rect for rect in svg.iter("{http://www.w3.org/2000/svg}rect") if rect.get("fill") != "white"]
        self.assertEqual(2 * 3, len(bars))


class Text(unittest.TestCase):
    def test_is_as_long_as_asked(self):
        self.assertEqual([1, 73_754, 7_375_432], [len(transfers.text(length)) for length in (1, 73_754, 7_375_432)])

    def test_does_not_repeat_itself_within_what_zlib_remembers(self):
        text = transfers.text(7_375_432)
        for at in (0, 1_000_000, 3_456_789):
            self.assertGreater(len(zlib.compress(text[at:at + 100_000])), 25_000)


if __name__ == "__main__":
    unittest.main()

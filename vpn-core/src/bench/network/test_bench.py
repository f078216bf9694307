"""What can be wrong without a network: python3 -m unittest discover -s vpn-core/src/bench/network -p "test_*.py"."""

import unittest
from unittest import mock

import latency
import report
import traffic


class Percentile(unittest.TestCase):
    def test_is_a_value_that_was_measured(self):
        values = [10, 20, 30, 40, 70]
        self.assertEqual([10, 30, 70, 70], [latency.percentile(values, p) for p in (0, 50, 99, 99.9)])

    def test_of_a_thousand_leaves_one_above(self):
        self.assertEqual(999, latency.percentile(list(range(1, 1001)), 99.9))


class LosslessRate(unittest.TestCase):
    def search(self, capacity_pps, flood, hiccups=()):
        """A system that loses nothing up to a rate; runs whose number is in `hiccups` lose something all the same."""
        asked = []

        def run(_lab, _target, _bytes, _seconds, rate):
            asked.append(rate)
            lost = rate > capacity_pps or len(asked) in hiccups
            return {"received_pps": min(rate, capacity_pps), "sent_pps": rate, "loss": 0.02 if lost else 0.0}

        with mock.patch.object(traffic, "udp", run):
            return traffic.lossless_udp(None, None, 64, 1, 7, flood)

    def test_is_found_below_what_passes_a_flood(self):
        self.assertAlmostEqual(70e3, self.search(70e3, {"received_pps": 150e3, "sent_pps": 400e3}), delta=3e3)

    def test_is_found_above_what_passes_a_flood(self):
        self.assertAlmostEqual(120e3, self.search(120e3, {"received_pps": 40e3, "sent_pps": 400e3}), delta=5e3)

    def test_is_not_decided_by_one_hiccup(self):
        self.assertAlmostEqual(120e3, self.search(120e3, {"received_pps": 40e3, "sent_pps": 400e3}, hiccups=(1,)), delta=5e3)

    def test_is_zero_when_everything_loses(self):
        self.assertEqual(0, self.search(1, {"received_pps": 40e3, "sent_pps": 400e3}))


class Goals(unittest.TestCase):
    def result(self, **systems):
        return {"systems": {name.replace("_", " "): {"summary": report.medians([{"figures": figures}])}
                            for name, figures in systems.items()}}

    def test_the_closest_of_several_opponents_counts(self):
        rows = report.goals(self.result(culvert_jce={"tcp1_gbit_s": 6.0}, nebula={"tcp1_gbit_s": 1.5}, tinc={"tcp1_gbit_s": 0.5}))
        row = next(row for row in rows if "each packet VPN" in row["goal"])
        self.assertEqual({"ratio": 4.0, "bound": 3.0, "met": True, "against": "nebula"}, row["culvert jce"])

    def test_a_cost_must_not_exceed_its_bound(self):
        systems = {"culvert_jce": {"cpu_s_per_gb": 3.0}, "wireguard-go": {"cpu_s_per_gb": 4.0}}
        row = next(row for row in report.goals(self.result(**systems)) if row["goal"].startswith("CPU"))
        self.assertFalse(row["culvert jce"]["met"])

    def test_what_was_not_measured_is_left_out(self):
        self.assertNotIn("culvert jce", report.goals(self.result(culvert_jce={}))[0])


if __name__ == "__main__":
    unittest.main()

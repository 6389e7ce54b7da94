"""Reads /metrics as Prometheus does, but forgives nothing."""

import re
import urllib.request

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
NUMBER = re.compile(r"[+-]Inf|NaN|-?[0-9]+(?:\.[0-9]+)?(?:e[+-][0-9]+)?")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Metrics:
    """One answer of /metrics."""

    def __init__(self, text):
        self.types = {}
        self.samples = {}  # (name, labels as a frozenset of pairs) -> value
        assert text.endswith("\n")
        family = helped = None
        for line in text.removesuffix("\n").split("\n"):
            if match := re.fullmatch(rf"# HELP ({NAME}) (.+)", line):
                assert helped is None, line
                helped = match.group(1)
                assert family is None or family < helped, line
            elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram)", line):
                assert match.group(1) == helped, line
                family, helped = helped, None
                self.types[family] = match.group(2)
            else:
                assert helped is None, line
                self.add(family, line)
        for name, kind in self.types.items():
            if kind == "histogram":
                self.check_histogram(name)

    def add(self, family, line):
        match = SAMPLE.fullmatch(line)
        assert match and NUMBER.fullmatch(match.group(3)), line
        name, labels = match.group(1), read_labels(match.group(2) or "", line)
        histogram = self.types[family] == "histogram"
        suffixes = ("_bucket", "_sum", "_count") if histogram else ("",)
        assert name in [family + suffix for suffix in suffixes], line
        assert (self.types[family] == "counter") == name.endswith("_total"), line
        assert (name, labels) not in self.samples, line
        self.samples[name, labels] = float(match.group(3))

    def check_histogram(self, family):
        buckets = {}
        for (name, labels), value in self.samples.items():
            if name == f"{family}_bucket":
                (bound,) = [value for label, value in labels if label == "le"]
                rest = frozenset(pair for pair in labels if pair[0] != "le")
                buckets.setdefault(rest, []).append((float(bound), value))
        for labels, pairs in buckets.items():
            assert pairs == sorted(pairs), (family, labels)
            assert [count for _, count in pairs] == sorted(count for _, count in pairs)
            assert pairs[-1] == (float("inf"), self.samples[f"{family}_count", labels])
            assert (f"{family}_sum", labels) in self.samples

    def value(self, name, **labels):
        """0 where there is no such line: what was never used has none."""
        return self.samples.get((name, frozenset(labels.items())), 0)

    def sum(self, name, **labels):
        """All lines of the name that have these labels among theirs."""
        wanted = set(labels.items())
        return sum(value for (other, has), value in self.samples.items()
                   if other == name and wanted <= has)

    def counters(self):
        """What may never become smaller: counters, and all of a histogram."""
        growing = {name for name, kind in self.types.items() if kind != "gauge"}
        return {key: value for key, value in self.samples.items()
                if re.sub("_(bucket|sum|count)$", "", key[0]) in growing or key[0] in growing}


def read_labels(text, line):
    pairs = LABEL.findall(text)
    assert ",".join(f'{name}="{value}"' for name, value in pairs) == text, line
    assert len({name for name, _ in pairs}) == len(pairs), line
    return frozenset((name, unescape(value)) for name, value in pairs)


def unescape(value):
    return re.sub(r'\\["\\n]', lambda match: ESCAPES[match.group(0)], value)


def scrape(larder):
    with urllib.request.urlopen(f"{larder.admin}/metrics", timeout=30) as answer:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        return Metrics(answer.read().decode())

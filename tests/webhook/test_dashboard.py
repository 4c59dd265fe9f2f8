"""Dashboard and alerts ask for metrics and labels that the server has, in PromQL that Prometheus reads."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import requires
import yaml

from podproof.webhook.metrics import Metrics
from podproof.webhook.review_counts import REVIEWS, SECONDS

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "serve"
DASHBOARD = json.loads((EXAMPLES / "grafana-dashboard.json").read_text())
ALERTS = yaml.safe_load((EXAMPLES / "alerts.yaml").read_text())

PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = {
    f"{panel['title']} {target['refId']}": target["expr"] for panel in PANELS for target in panel["targets"]
} | {rule["alert"]: rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]}

_METRIC = re.compile(r"\bpodproof_\w+")
_FROM_PROMETHEUS = {"job", "instance", "le"}
_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def series() -> dict[str, set[str]]:
    """Each series that the server exports, with its labels and those that Prometheus adds."""
    made = [value for value in vars(Metrics()).values() if hasattr(value, "_labelnames")]
    described = [(metric._name, metric._type, metric._labelnames) for metric in made]
    described += [(REVIEWS[0], "counter", REVIEWS[2]), (SECONDS[0], "histogram", SECONDS[2])]
    return {
        name + suffix: {*labels, *_FROM_PROMETHEUS}
        for name, type_, labels in described
        for suffix in _SUFFIXES[type_]
    }


def test_the_series_are_those_of_an_exposition() -> None:
    written = Metrics().write().decode()
    types = dict(line.split()[2:4] for line in written.splitlines() if line.startswith("# TYPE"))
    assert {name for name in types if types[name] != "histogram"} <= set(series())
    assert len(types) == len(
        {name.removesuffix("_bucket") for name in series() if not name.endswith(("_sum", "_count"))}
    )


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_what_is_asked_for_is_exported(name: str) -> None:
    expression = EXPRESSIONS[name]
    asked = set(_METRIC.findall(expression))
    assert asked, expression
    exported = series()
    assert asked <= set(exported)
    labels = {label for metric in asked for label in exported[metric]}
    for listed in re.findall(r"\bby \(([^)]*)\)", expression):
        assert set(re.split(r",\s*", listed)) <= labels
    assert set(re.findall(r"(\w+)(?:=~?|!=)\"", expression)) <= labels


def test_nothing_that_is_exported_is_left_out() -> None:
    text = json.dumps(DASHBOARD)
    for metric in {name for name in series() if not name.endswith(("_sum", "_count", "_bucket"))}:
        assert metric in text


@requires.needs(requires.program("promtool", "prometheus"))
def test_prometheus_reads_every_expression(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "5m")}
        for number, expression in enumerate(EXPRESSIONS.values())
    ]
    recorded = tmp_path / "panels.yaml"
    recorded.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    for path, number in (
        (recorded, len(rules)),
        (EXAMPLES / "alerts.yaml", len(ALERTS["groups"][0]["rules"])),
    ):
        said = _promtool("check", "rules", str(path))
        assert f"SUCCESS: {number} rules found" in said


@requires.needs(requires.program("promtool", "prometheus"))
def test_alerts_fire_when_they_should(tmp_path: Path) -> None:
    """Each alert fires in a bad hour, and none in a good one."""
    about = {"job": "podproof", "instance": "a"}

    def labelled(name: str, /, **more: str) -> str:
        pairs = ",".join(f'{key}="{value}"' for key, value in {**about, **more}.items())
        return f"{name}{{{pairs}}}"

    good = {
        labelled("podproof_cluster_synced"): "1x90",
        labelled("podproof_certificate_expiry_timestamp_seconds"): "5184000x90",
        labelled("podproof_admission_reviews_total", decision="error"): "0x90",
        labelled("podproof_http_refusals_total", status="503"): "0x90",
        labelled("podproof_certificate_reload_failures_total"): "0x90",
        labelled("podproof_exemption_expiry_timestamp_seconds", name="x"): "5184000x90",
        labelled("podproof_malformed_exemptions"): "0x90",
        labelled("podproof_admission_review_seconds_bucket", le="1.0"): "0+100x90",
        labelled("podproof_admission_review_seconds_bucket", le="10.0"): "0+100x90",
        labelled("podproof_admission_review_seconds_bucket", le="+Inf"): "0+100x90",
    }
    bad = good | {
        labelled("podproof_cluster_synced"): "0x90",
        labelled("podproof_certificate_expiry_timestamp_seconds"): "86400x90",
        labelled("podproof_admission_reviews_total", decision="error"): "0+5x90",
        labelled("podproof_http_refusals_total", status="503"): "0+5x90",
        labelled("podproof_certificate_reload_failures_total"): "0+1x90",
        labelled("podproof_exemption_expiry_timestamp_seconds", name="x"): "86400x90",
        labelled("podproof_malformed_exemptions"): "1x90",
        labelled("podproof_admission_review_seconds_bucket", le="1.0"): "0+50x90",
    }
    assert _fired(tmp_path, good) == set()
    names = {rule["alert"] for rule in ALERTS["groups"][0]["rules"]}
    assert _fired(tmp_path, bad) == names - {"PodproofAbsent"}
    assert "PodproofAbsent" in _fired(tmp_path, {})


def _fired(folder: Path, samples: dict[str, str]) -> set[str]:
    """Give the alerts that fire after 80 minutes, one sample a minute: promtool expects none of them."""
    names = [rule["alert"] for rule in ALERTS["groups"][0]["rules"]]
    case = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in samples.items()],
        "alert_rule_test": [{"eval_time": "80m", "alertname": name, "exp_alerts": []} for name in names],
    }
    path = folder / "case.yaml"
    path.write_text(yaml.safe_dump({"rule_files": [str(EXAMPLES / "alerts.yaml")], "tests": [case]}))
    said = _promtool("test", "rules", str(path), fails=None)
    return {name for name in names if re.search(rf"alertname: {name},", said)}


def _promtool(*arguments: str, fails: bool | None = False) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert fails is None or (done.returncode != 0) == fails, said
    return said

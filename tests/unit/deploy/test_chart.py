"""The Helm chart, rendered and judged without a cluster."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import helm_python
import kubernetes_validate
import pytest
import yaml
from django.http.request import validate_host

from soroka.embedded.ports import free_port
from soroka.metrics.reference import page

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations" / "kubernetes.md").read_text()
CHART = ROOT / "deploy" / "helm" / "soroka"
MANIFESTS = ROOT / "deploy" / "kubernetes" / "soroka.yaml"
#: The oldest one that the chart allows and its schemas are there for, and the newest.
VERSIONS = ("1.25", "1.37")
WARNING = 2
PROGRAMS = {"web", "worker", "beat", "migration"}
SECRETS = {"SECRET_KEY", "GATEWAY_KEYS", "DATABASE_URL", "REDIS_URL", "GATEWAY_TOKEN", "METRICS_TOKEN"}
MORE = {
    "web": {"replicas": 3},
    "secret": {"name": "mine", "keys": [*sorted(SECRETS), "SUPPRESSION_KEY"], "adminPasswordKey": ""},
    "worker": {"autoscaling": {"enabled": False}, "replicas": 5},
    "ingress": {"className": "nginx", "annotations": {"nginx.ingress.kubernetes.io/proxy-body-size": "256m"}},
    "networkPolicy": {"webFrom": [{"namespaceSelector": {"matchLabels": {"name": "ingress"}}}]},
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "mail", "operator": "Exists"}],
}


def made(**values):
    spec = importlib.util.spec_from_file_location("render", ROOT / "deploy" / "render.py")
    render = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(render)
    return render.manifests(**values)


def objects(**values):
    return [one for one in yaml.safe_load_all(made(**values)) if one]


def of_kind(kind, **values):
    """name without the release -> object"""
    return {one["metadata"]["name"].removeprefix("soroka-"): one for one in objects(**values) if one["kind"] == kind}


def pods(**values):
    """program -> the specification of its pods"""
    templates = [one["spec"]["template"] for one in objects(**values) if one["kind"] in {"Deployment", "Job"}]
    return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"] for one in templates}


def told(program, **values):
    """name -> value of what the program has among its variables, but for what the cluster says"""
    return {one["name"]: one["value"] for one in pods(**values)[program]["containers"][0]["env"] if "value" in one}


def labels_of(one):
    """As a selector names them."""
    return {f"{name}={value}" for name, value in one["metadata"]["labels"].items()}


def block(name):
    """What the page says in YAML under this name."""
    parts = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)]
    [found] = [part[name] for part in parts if name in part]
    return found


def test_helm_finds_no_fault_in_it():
    found = helm_python.lint(str(CHART), strict=True)
    assert not found["errors"]
    assert not [one for one in found["messages"] if one["severity"] >= WARNING]


@pytest.mark.parametrize("values", [{}, MORE], ids=["defaults", "more"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_what_kubernetes_takes(values, version):
    there = objects(**values)
    for one in there:
        kubernetes_validate.validate(one, version, strict=True)
    kinds = {one["kind"] for one in there}
    assert kinds >= {"Deployment", "Job", "Service", "Ingress", "PodDisruptionBudget", "NetworkPolicy"}
    assert "Secret" not in kinds


def test_an_object_that_it_does_not_take_is_seen():
    [web] = [one for one in objects() if one["metadata"]["name"] == "soroka-web" and one["kind"] == "Deployment"]
    web["spec"]["replica"] = 2
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(web, VERSIONS[-1], strict=True)


def test_the_plain_manifests_are_what_the_chart_makes():
    assert MANIFESTS.read_text() == made(), "make manifests"


@pytest.mark.parametrize("values", [{}, MORE], ids=["defaults", "more"])
def test_no_program_may_do_more_than_it_needs(values):
    specs = pods(**values)
    assert specs.keys() == PROGRAMS
    for spec in specs.values():
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] == 10001
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            allowed = container["securityContext"]
            assert allowed["readOnlyRootFilesystem"] is True
            assert allowed["allowPrivilegeEscalation"] is False
            assert allowed["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"].keys() == {"requests", "limits"}


@pytest.mark.parametrize("values", [{}, MORE], ids=["defaults", "more"])
def test_secrets_come_as_files_of_a_secret_that_is_there_already(values):
    for spec in pods(**values).values():
        [volume] = [one["secret"] for one in spec["volumes"] if "secret" in one]
        there = {f"/run/secrets/soroka/{item['path']}" for item in volume["items"]}
        for container in [*spec.get("initContainers", []), *spec["containers"]]:
            told = {one["name"]: one["value"] for one in container["env"] if "value" in one}
            assert not told.keys() & (SECRETS | {"SOROKA_ADMIN_PASSWORD", "SUPPRESSION_KEY"})
            files = {value for name, value in told.items() if name.endswith("_FILE")}
            assert {f"/run/secrets/soroka/{name}" for name in SECRETS - {"GATEWAY_TOKEN"}} <= files <= there


def test_the_token_of_the_gateway_is_told_to_those_alone_who_call_it():
    assert {name for name, spec in pods().items() if "GATEWAY_TOKEN" in json.dumps(spec)} == {"web", "worker"}


def test_administrators_need_a_second_factor():
    assert '{name: REQUIRE_TOTP, value: "admin"}' in made()


def test_a_secret_among_the_settings_is_refused():
    with pytest.raises(helm_python.HelmError):
        made(settings={"SECRET_KEY": "open"})


def test_there_is_one_beat_and_never_two():
    beat = of_kind("Deployment")["beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
    with pytest.raises(helm_python.HelmError):
        made(beat={"replicas": 2})


def test_the_migration_comes_first_and_everything_waits_for_it():
    [job] = [one for one in objects() if one["kind"] == "Job"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["prepare"]
    for name in PROGRAMS - {"migration"}:
        [first] = pods()[name]["initContainers"]
        assert "migrate --check" in first["command"][-1]


def test_the_page_removes_the_job_that_an_upgrade_without_helm_cannot_change():
    [selector] = re.findall(r"delete job -l (\S+)", PAGE)
    labelled = [one for one in objects() if set(selector.split(",")) <= labels_of(one) and one["kind"] == "Job"]
    assert [one["metadata"]["name"] for one in labelled] == ["soroka-migration-0-1-0"]
    assert f"apply -f {MANIFESTS.relative_to(ROOT)}" in PAGE[PAGE.index("delete job") :]


def test_what_waits_for_the_migration_says_why_and_goes_on_when_it_is_there(programs, tmp_path):
    """Its log has the error of each try."""
    [first] = pods()["web"]["initContainers"]
    path = programs(
        soroka=f'[ -e {tmp_path}/migrated ] && exit; echo a plan; echo "no such host: db" >&2; exit 1',
        sleep=f"touch {tmp_path}/migrated",
    )
    waited = subprocess.run(
        first["command"], env={"PATH": path}, capture_output=True, text=True, timeout=30, check=True
    )
    assert (waited.stdout, waited.stderr) == ("", "no such host: db\n")


def test_every_program_is_asked_whether_it_is_alive():
    for name in PROGRAMS - {"migration"}:
        assert "livenessProbe" in pods()[name]["containers"][0]
    asked = json.dumps(pods()["web"])
    assert "/livez" in asked
    assert "/readyz" not in asked


def probed(kind, broker, tmp_path):
    """Whether a worker that is not there passes this probe. broker: its URL"""
    [worker] = pods()["worker"]["containers"]
    (tmp_path / "url").write_text(f"{broker}\n")
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "REDIS_URL_FILE": str(tmp_path / "url"),
        "HOSTNAME": "missing",
    }
    seconds = worker[kind]["timeoutSeconds"]
    return not subprocess.run(
        worker[kind]["exec"]["command"], env=env, capture_output=True, timeout=4 * seconds
    ).returncode


def test_a_worker_that_is_deaf_is_started_again_and_not_where_the_broker_is_away(tmp_path):
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    assert probed("livenessProbe", nobody, tmp_path)
    assert not probed("startupProbe", nobody, tmp_path)
    assert not probed("livenessProbe", os.environ["REDIS_URL"], tmp_path)


def test_workers_are_as_many_as_the_queue_asks_for_and_the_pumps_allow():
    [hpa] = of_kind("HorizontalPodAutoscaler").values()
    metric = hpa["spec"]["metrics"][0]["external"]["metric"]["name"]
    assert f"`{metric}`" in page()
    assert "replicas" not in of_kind("Deployment")["worker"]["spec"]
    pumps = told("worker")["SOROKA_PUMPS"]
    assert hpa["spec"]["maxReplicas"] <= int(pumps)
    assert not of_kind("HorizontalPodAutoscaler", **MORE)
    assert of_kind("Deployment", **MORE)["worker"]["spec"]["replicas"] == 5


def test_a_worker_is_given_longer_than_it_needs_to_end():
    assert pods()["worker"]["terminationGracePeriodSeconds"] >= 15


@pytest.mark.parametrize("pod_ip", ["10.1.2.3", "fd00::1"])
def test_web_answers_to_the_names_it_has_in_the_cluster(pod_ip):
    hosts = told("web")["ALLOWED_HOSTS"].replace("$(POD_IP)", pod_ip).split(",")
    first = pods()["web"]["containers"][0]["env"][0]
    assert first == {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    by_ip = f"[{pod_ip}]" if ":" in pod_ip else pod_ip
    for host in (by_ip, "localhost", "soroka-web", "soroka-web.soroka", "soroka-web.soroka.svc", "soroka.example.org"):
        assert validate_host(host, hosts), host
    assert not validate_host("10.1.2.4", hosts)


def test_prometheus_finds_each_web_server_by_the_page():
    [job] = block("scrape_configs")
    [found] = job["kubernetes_sd_configs"]
    [selector] = found["selectors"]
    [web] = [
        one["spec"]["template"]
        for one in objects()
        if one["metadata"]["name"] == "soroka-web" and "replicas" in one["spec"]
    ]
    assert set(selector["label"].split(",")) <= labels_of(web)
    [kept] = [rule["regex"] for rule in job["relabel_configs"] if rule.get("action") == "keep"]
    assert [port["name"] for port in web["spec"]["containers"][0]["ports"]] == [kept]
    named = {rule["target_label"] for rule in job["relabel_configs"] if "target_label" in rule}
    [rule] = block("externalRules")
    assert rule["resources"]["overrides"].keys() <= named


def test_only_web_may_be_called():
    everything, web = (of_kind("NetworkPolicy")[name]["spec"] for name in ("soroka", "web"))
    assert everything["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in everything
    assert web["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "web"


def test_one_of_two_is_always_there():
    assert of_kind("PodDisruptionBudget").keys() == {"web", "worker"}
    for budget in of_kind("PodDisruptionBudget").values():
        assert budget["spec"]["minAvailable"] == 1

"""compose.ha.yml and deploy/kubernetes: valid for who will read them, and made so that the other one takes over.

Kubernetes' own schemas judge the manifests, by the package kubernetes-validate: kubeconform is in no package manager of ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.test_compose import loaded

ROOT = Path(__file__).parents[2]
MANIFESTS = sorted((ROOT / "deploy/kubernetes").glob("*.yml"))
# The oldest and the newest that its makers still mend.
VERSIONS = ("1.34", "1.37")


def resources() -> list[dict[str, Any]]:
    return [each for path in MANIFESTS for each in yaml.safe_load_all(path.read_text("utf-8"))]


def one(kind: str) -> dict[str, Any]:
    return next(each for each in resources() if each["kind"] == kind)


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_own_schemas_take_every_manifest(version):
    for each in resources():
        kubernetes_validate.validate(each, version, strict=True)

    kinds = {each["kind"] for each in resources()}
    assert kinds == {"Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy", "Secret"}


def test_a_manifest_with_a_mistake_is_not_taken():
    wrong = one("Deployment")
    wrong["spec"]["replica"] = wrong["spec"].pop("replicas")

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_an_update_and_a_drain_leave_one_that_takes_webhooks():
    spec = one("Deployment")["spec"]

    assert spec["replicas"] >= 2
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert one("PodDisruptionBudget")["spec"]["minAvailable"] == 1
    # Longer than it takes to end by itself (bot/app/stopping.py).
    assert spec["template"]["spec"]["terminationGracePeriodSeconds"] > 8


def test_all_of_them_are_about_the_same_pods():
    labels = one("Deployment")["spec"]["template"]["metadata"]["labels"]

    assert one("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert one("Service")["spec"]["selector"] == labels
    assert one("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert one("NetworkPolicy")["spec"]["podSelector"]["matchLabels"] == labels


def test_a_pod_has_few_rights_and_asks_the_right_questions():
    pod = one("Deployment")["spec"]["template"]["spec"]
    container = pod["containers"][0]

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    # A leader whose database is away must not be killed for it; it is only not ready.
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_compose_starts_two_that_differ_only_in_their_port():
    services = loaded("compose.ha.yml")["services"]
    first, second = ({**services[name], "ports": None} for name in ("bot-1", "bot-2"))

    assert first == second
    assert services["bot-1"]["ports"] != services["bot-2"]["ports"]
    assert "database_url" in str(first["secrets"])
    assert set(services) == {"postgres", "bot-1", "bot-2"}


@pytest.mark.parametrize("name", ["postgres", "bot-1", "bot-2"])
def test_every_part_is_restarted_and_has_few_rights(name):
    each = loaded("compose.ha.yml")["services"][name]

    assert each["restart"] == "unless-stopped"
    assert each["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in each["security_opt"]
    assert each["mem_limit"].endswith("m")
    assert each["logging"]["driver"] == "json-file"

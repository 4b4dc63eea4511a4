"""What the chart renders is what Kubernetes takes, and is as careful as the chart says."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from shared.contracts.topics import PARTITIONS, TOPICS, consumer_group

CHART = Path(__file__).parents[2] / "deploy" / "helm"
KUBERNETES = ("1.27", "1.33")
SAID = (
    "kafka.bootstrapServers=broker.example:9093",
    "auth.issuer=https://issuer.example",
    "auth.jwksUrl=https://issuer.example/keys",
    "smtp.host=mail.example",
)
EVERYTHING = (
    "externalSecrets.enabled=true",
    "externalSecrets.store.name=vault",
    "kafka.caSecret=brokers",
    "networkPolicy.from[0].namespaceSelector.matchLabels.portal=yes",
)
INSTALLATIONS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "as it comes": ((), ()),
    "one node": (("values-one-node.yaml",), ()),
    "a large cluster": (("values-large.yaml",), ()),
    "with everything": (("values-large.yaml",), EVERYTHING),
    "scaled by CPU": ((), ("services.customer-svc.scaling.enabled=true",)),
}


def helm(files: Sequence[str] = (), settings: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    command = [os.environ["HELM"], "template", "here", str(CHART), "--kube-version", "1.33"]
    for file in files:
        command += ["--values", str(CHART / file)]
    for setting in settings:
        command += ["--set", setting]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=list(INSTALLATIONS.values()), ids=list(INSTALLATIONS))
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    files, settings = request.param
    done = helm(files, (*SAID, *settings))
    assert done.returncode == 0, done.stderr
    return [each for each in yaml.safe_load_all(done.stdout) if each]


def of(objects: list[dict[str, Any]], *kinds: str) -> list[dict[str, Any]]:
    return [each for each in objects if each["kind"] in kinds]


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_one_that_kubernetes_takes(objects: list[dict[str, Any]], version: str) -> None:
    own = [each for each in objects if not each["apiVersion"].startswith(("keda.sh/", "external-secrets.io/"))]

    assert of(own, "Deployment")
    for each in own:
        kubernetes_validate.validate(each, version, strict=True)


def test_no_container_is_root_or_can_write_its_own_files(objects: list[dict[str, Any]]) -> None:
    for each in of(objects, "Deployment", "Job"):
        pod = each["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            secured = container["securityContext"]
            assert secured["readOnlyRootFilesystem"] is True
            assert secured["allowPrivilegeEscalation"] is False
            assert secured["capabilities"] == {"drop": ["ALL"]}


def test_every_service_has_probes_a_budget_and_a_policy_of_its_own(objects: list[dict[str, Any]]) -> None:
    services = {each["metadata"]["name"] for each in of(objects, "Deployment")}

    assert services == {"customer-svc", "psa-sync-svc", "invoice-svc"}
    for kind in ("Service", "PodDisruptionBudget", "NetworkPolicy"):
        assert {each["metadata"]["name"] for each in of(objects, kind)} - {"here-topics"} == services
    for each in of(objects, "Deployment"):
        [container] = each["spec"]["template"]["spec"]["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert each["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] >= 25 + 5


def test_every_pod_may_ask_for_names_and_call_kafka_and_the_job_nobody_else(objects: list[dict[str, Any]]) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of(objects, "NetworkPolicy")}
    ports = {
        name: {port["port"] for rule in policy["egress"] for port in rule["ports"]} for name, policy in policies.items()
    }

    pods = [each["spec"]["template"]["metadata"]["labels"] for each in of(objects, "Deployment", "Job")]
    for labels in pods:
        met = [each for each in policies.values() if each["podSelector"]["matchLabels"].items() <= labels.items()]
        assert len(met) == 1
    assert ports["here-topics"] == {53, 9093}
    assert policies["here-topics"]["ingress"] == []
    assert all({53, 9093, 27017, 443} <= ports[name] for name in ports if name != "here-topics")
    assert 587 in ports["invoice-svc"]


def test_no_budget_keeps_a_node_from_being_drained(objects: list[dict[str, Any]]) -> None:
    """A `minAvailable` of one with one instance would."""
    for each in of(objects, "PodDisruptionBudget"):
        assert each["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in each["spec"]


def test_no_service_is_scaled_past_the_partitions_of_its_topics(objects: list[dict[str, Any]]) -> None:
    most = [each["spec"]["maxReplicas"] for each in of(objects, "HorizontalPodAutoscaler")]
    most += [each["spec"]["maxReplicaCount"] for each in of(objects, "ScaledObject")]
    least = [each["spec"].get("replicas", 1) for each in of(objects, "Deployment")]

    assert max(most + least) <= PARTITIONS


def test_what_has_its_number_from_a_scaler_is_not_told_one_by_the_chart(objects: list[dict[str, Any]]) -> None:
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in of(objects, "HorizontalPodAutoscaler", "ScaledObject")}

    for each in of(objects, "Deployment"):
        assert ("replicas" in each["spec"]) is (each["metadata"]["name"] not in scaled)


def test_keda_believes_the_same_authority_as_the_services() -> None:
    rendered = yaml.safe_load_all(helm(("values-large.yaml",), (*SAID, *EVERYTHING)).stdout)

    for each in of([each for each in rendered if each], "TriggerAuthentication"):
        told = {reference["parameter"]: reference for reference in each["spec"]["secretTargetRef"]}
        assert (told["ca"]["name"], told["ca"]["key"]) == ("brokers", "ca.crt")


def test_no_secret_stands_in_what_is_rendered(objects: list[dict[str, Any]]) -> None:
    assert not of(objects, "Secret")
    for each in of(objects, "Deployment", "Job"):
        [container] = each["spec"]["template"]["spec"]["containers"]
        named = {variable["name"]: variable["value"] for variable in container["env"]}
        assert named["REBILLING_SECURITY__ENCRYPTED_ONLY"] == "true"
        assert named["REBILLING_SECRETS_DIR"] == "/run/secrets/rebilling"
        assert not [name for name in named if "PASSWORD" in name or name.endswith(("KEY", "URI"))]


def test_instances_are_counted_by_the_lag_of_the_groups_that_there_are() -> None:
    rendered = yaml.safe_load_all(helm(("values-large.yaml",), SAID).stdout)
    groups = {consumer_group(topic, service) for topic in TOPICS for service in topic.consumers}

    scaled = of([each for each in rendered if each], "ScaledObject")

    assert {each["metadata"]["name"] for each in scaled} == {"customer-svc", "invoice-svc"}
    for each in scaled:
        kafka = [trigger["metadata"] for trigger in each["spec"]["triggers"] if trigger["type"] == "kafka"]
        assert {trigger["consumerGroup"] for trigger in kafka} <= groups
        assert {trigger["topic"] for trigger in kafka} <= {topic.name for topic in TOPICS}


@pytest.mark.parametrize("missing", SAID)
def test_what_has_to_be_said_is_asked_for_by_its_name(missing: str) -> None:
    done = helm((), [setting for setting in SAID if setting != missing])

    assert done.returncode != 0
    assert missing.partition("=")[0] in done.stderr

"""Strimzi: the operator writes the containers; `template` says what pods and containers get beside that.

A pod security provider of the operator fills in what the template leaves open.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, PodSource, same_names

_OF_POD = (
    "affinity dnsConfig dnsPolicy enableServiceLinks hostAliases hostUsers imagePullSecrets "
    "priorityClassName schedulerName securityContext terminationGracePeriodSeconds tolerations "
    "topologySpreadConstraints volumes"
)
"""Fields of PodTemplate. Source: api model/common/template/PodTemplate.java."""


def _pod(*path: str, containers: dict[str, str], init: str = "", pod: str = "pod") -> PodSource:
    """Give the pods of one component: `containers` maps fields of its template to containers' names."""
    parts = [Containers(("template", field), name=name) for field, name in containers.items()]
    if init:
        parts.append(Containers(("template", init), name="init", to="initContainers"))
    return PodSource(
        path,
        form="parts",
        containers=tuple(parts),
        fields=same_names(_OF_POD, ("template", pod)),
        metadata=("template", pod, "metadata"),
        written=tuple(containers.values()),
    )


def _kind(*kinds: str, pods: tuple[PodSource, ...]) -> CustomKind:
    return CustomKind("kafka.strimzi.io", kinds, pods)


PROJECT = CustomProject(
    name="Strimzi",
    source="https://strimzi.io/docs/operators/latest/configuring",
    kinds=(
        _kind(
            "Kafka",
            pods=(
                _pod("spec", "kafka", containers={"kafkaContainer": "kafka"}, init="initContainer"),
                _pod("spec", "zookeeper", containers={"zookeeperContainer": "zookeeper"}),
                _pod(
                    "spec",
                    "entityOperator",
                    containers={
                        "topicOperatorContainer": "topic-operator",
                        "userOperatorContainer": "user-operator",
                    },
                ),
                _pod("spec", "cruiseControl", containers={"cruiseControlContainer": "cruise-control"}),
                _pod("spec", "kafkaExporter", containers={"container": "kafka-exporter"}),
            ),
        ),
        _kind(
            "KafkaNodePool",
            pods=(_pod("spec", containers={"kafkaContainer": "kafka"}, init="initContainer"),),
        ),
        _kind(
            "KafkaConnect",
            "KafkaMirrorMaker2",
            pods=(
                _pod("spec", containers={"connectContainer": "connect"}, init="initContainer"),
                _pod("spec", containers={"buildContainer": "build"}, pod="buildPod"),
            ),
        ),
        _kind(
            "KafkaBridge",
            pods=(_pod("spec", containers={"bridgeContainer": "kafka-bridge"}, init="initContainer"),),
        ),
    ),
)

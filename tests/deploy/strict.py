"""Strict validation of Kubernetes manifests without a cluster, by the models of Debian's python3-kubernetes: unknown
fields, wrong types, missing required fields, numbers out of range, words out of an enumeration, duplicate keys.

What it does not know: rules between fields, admission, and free-form values (quantities beside resources,
int-or-string)."""

import importlib
import json
import re
import sys
import types
from pathlib import Path

import jsonschema
import yaml

_SCHEMAS = Path(__file__).parent / "schemas"
_SCALARS = {"str": str, "int": int, "bool": bool, "float": (int, float)}
# The models have lost the API's enumerations; these are of the fields that manifests of ours use.
_ENUMERATIONS = {
    "V1Container.imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "V1ContainerPort.protocol": ("TCP", "UDP", "SCTP"),
    "V1DeploymentStrategy.type": ("RollingUpdate", "Recreate"),
    "V1NetworkPolicyPort.protocol": ("TCP", "UDP", "SCTP"),
    "V1NetworkPolicySpec.policyTypes": ("Ingress", "Egress"),
    "V1PodSpec.restartPolicy": ("Always", "OnFailure", "Never"),
    "V1SeccompProfile.type": ("RuntimeDefault", "Localhost", "Unconfined"),
    "V1ServicePort.protocol": ("TCP", "UDP", "SCTP"),
    "V1ServiceSpec.externalTrafficPolicy": ("Cluster", "Local"),
    "V1ServiceSpec.type": ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
    "V1TopologySpreadConstraint.whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
}
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?")


def load_models(folder):
    """The module of all models. The packages above it are entered bare, as their own code imports the whole API
    client with everything that it depends on."""
    for name in ("kubernetes", "kubernetes.client"):
        package = types.ModuleType(name)
        package.__path__ = [str(folder / name.replace(".", "/"))]
        sys.modules[name] = package
    return importlib.import_module("kubernetes.client.models")


class _UniqueKeys(yaml.SafeLoader):
    """YAML's mappings without the usual "the last one wins"."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", node.start_mark)
        return super().construct_mapping(node, deep)


def parse(text):
    """The documents in a YAML text."""
    return [document for document in yaml.load_all(text, _UniqueKeys) if document is not None]


def errors_of(document, models):
    """What is wrong with one manifest: a list of "path: error", empty when it is valid. Of custom resources, which have no
    models, schemas/ has what ours use."""
    kind = document.get("kind", "")
    schema = _SCHEMAS / f"{kind}.json"
    if schema.exists():
        found = jsonschema.Draft202012Validator(json.loads(schema.read_text())).iter_errors(document)
        return [f"{error.json_path}: {error.message}" for error in found]
    version = str(document.get("apiVersion", "")).rpartition("/")[2]
    model = getattr(models, version.capitalize() + kind, None)
    if model is None:
        return [f"no model of {document.get('apiVersion')} {kind}"]
    return list(_object_errors(document, model, kind, models))


def _errors(value, type_name, path, models):
    if items := re.fullmatch(r"list\[(.*)\]", type_name):
        if not isinstance(value, list):
            yield f"{path}: expected a list"
            return
        for index, item in enumerate(value):
            yield from _errors(item, items[1], f"{path}[{index}]", models)
    elif entries := re.fullmatch(r"dict\(str, (.*)\)", type_name):
        if not isinstance(value, dict):
            yield f"{path}: expected a map"
            return
        for key, item in value.items():
            if path.endswith((".limits", ".requests")):
                if not _QUANTITY.fullmatch(str(item)):
                    yield f"{path}.{key}: {item!r} is not a quantity"
            else:
                yield from _errors(item, entries[1], f"{path}.{key}", models)
    elif type_name in _SCALARS:
        is_boolean = isinstance(value, bool)
        if not isinstance(value, _SCALARS[type_name]) or is_boolean != (type_name == "bool"):
            yield f"{path}: expected {type_name}, not {value!r}"
    elif type_name not in ("object", "datetime"):
        yield from _object_errors(value, getattr(models, type_name), path, models)


def _object_errors(value, model, path, models):
    if not isinstance(value, dict):
        yield f"{path}: expected a map ({model.__name__})"
        return
    attributes = {field: attribute for attribute, field in model.attribute_map.items()}
    given = {}
    for field, item in value.items():
        if field not in attributes:
            yield f"{path}: unknown field {field!r}"
        elif item is None:
            yield f"{path}.{field}: empty"
        else:
            given[attributes[field]] = item
            yield from _errors(item, model.openapi_types[attributes[field]], f"{path}.{field}", models)
            words = _ENUMERATIONS.get(f"{model.__name__}.{field}")
            if words and not all(word in words for word in (item if isinstance(item, list) else [item])):
                yield f"{path}.{field}: {item!r} is none of {', '.join(words)}"
    try:
        model(**given)  # its setters know what is required, and ranges
    except ValueError as error:
        yield f"{path}: {error}"

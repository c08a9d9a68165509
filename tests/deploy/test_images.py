"""What deploy/docker/to-oci makes of an image that an engine has saved: runs where no engine does."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile

import pytest

_EPOCH = 1_700_000_000


def tar(files):
    """An archive of {name: content}."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return into.getvalue()


_LAYER = tar({"usr/bin/parleyd": b"\x7fELF", "usr/share/doc/parley/parleyd.spdx.json": b"{}"})


def saved(*, created="2026-01-02T03:04:05.678Z", host="0123456789ab", architecture="arm64", tag="parleyd:1"):
    """As `docker save` of an engine before 25 writes it."""
    config = {
        "architecture": architecture, "os": "linux", "created": created, "docker_version": "20.10", "container": host,
        "config": {"User": "65532:65532", "Entrypoint": ["/usr/bin/parleyd"], "Hostname": host, "Image": f"sha256:{host}"},
        "moby.buildkit.buildinfo.v1": host,
        "history": [{"created": created, "created_by": "COPY / /", "comment": "buildkit.dockerfile.v0"},
                    {"created": created, "created_by": "USER 65532:65532", "empty_layer": True}],
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(_LAYER).hexdigest()}"]},
    }
    manifest = [{"Config": f"{host}.json", "RepoTags": [tag], "Layers": [f"{host}/layer.tar"]}]
    return tar({f"{host}/layer.tar": _LAYER, f"{host}.json": json.dumps(config).encode(),
                "manifest.json": json.dumps(manifest).encode()})


@pytest.fixture
def to_oci(root, tmp_path):
    def run(image, *more, architecture="arm64"):
        command = [root / "deploy/docker/to-oci", tmp_path / "out.tar", "--architecture", architecture, "--epoch", str(_EPOCH)]
        return subprocess.run([*command, *more], input=image, capture_output=True, timeout=60)

    run.out = tmp_path / "out.tar"
    return run


@pytest.fixture
def layout(to_oci):
    """The files of the layout of an image."""
    done = to_oci(saved())
    assert done.returncode == 0, done.stderr
    with tarfile.open(to_oci.out) as archive:
        return {entry.name: archive.extractfile(entry).read() for entry in archive}


def blob(layout, descriptor):
    content = layout[f"blobs/{descriptor['digest'].replace(':', '/')}"]
    assert len(content) == descriptor["size"]
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == descriptor["digest"]
    return content


def test_it_is_a_layout_whose_digests_are_right(layout):
    assert json.loads(layout["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    (entry,) = json.loads(layout["index.json"])["manifests"]
    assert entry["platform"] == {"architecture": "arm64", "os": "linux"}
    manifest = json.loads(blob(layout, entry))
    config = json.loads(blob(layout, manifest["config"]))
    (layer,) = manifest["layers"]
    assert gzip.decompress(blob(layout, layer)) == _LAYER
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(_LAYER).hexdigest()}"]
    assert config["config"] == {"User": "65532:65532", "Entrypoint": ["/usr/bin/parleyd"]}
    assert [step.get("empty_layer", False) for step in config["history"]] == [False, True]


def test_docker_s_own_manifest_names_the_same(layout):
    (image,) = json.loads(layout["manifest.json"])
    assert image["RepoTags"] == ["parleyd:1"]
    assert {image["Config"], *image["Layers"]} < layout.keys()


def test_nothing_of_when_and_where_it_was_made_is_left(to_oci):
    def made(**of):
        assert to_oci(saved(**of)).returncode == 0
        return to_oci.out.read_bytes()

    assert made() == made(created="2027-12-31T00:00:00Z", host="ba9876543210")
    assert made() != made(tag="parleyd:2")


def test_every_time_in_it_is_the_one_given(to_oci, layout):
    with tarfile.open(to_oci.out) as archive:
        assert {entry.mtime for entry in archive} == {_EPOCH}
    manifest = json.loads(blob(layout, json.loads(layout["index.json"])["manifests"][0]))
    config = json.loads(blob(layout, manifest["config"]))
    assert {config["created"], *(step["created"] for step in config["history"])} == {"2023-11-14T22:13:20Z"}


def test_a_file_of_it_is_copied(to_oci, tmp_path):
    done = to_oci(saved(), "--take", "usr/share/doc/parley/parleyd.spdx.json", tmp_path / "sbom")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sbom").read_bytes() == b"{}"
    missing = to_oci(saved(), "--take", "no/such", tmp_path / "other")
    assert missing.returncode == 1 and b"no/such" in missing.stderr


def test_an_image_for_another_architecture_is_refused(to_oci):
    done = to_oci(saved(architecture="amd64"))
    assert done.returncode == 1
    assert b"is for amd64, not arm64" in done.stderr
    assert not to_oci.out.exists()

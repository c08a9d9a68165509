"""./dev release and what is below deploy/release: one version everywhere, no release of what is not committed, the same
files wherever they are made, signatures that gpg checks, a repository that apt reads."""

import gzip
import os
import re
import shutil
import subprocess
import tarfile

import pytest

from parley_tests import processes

_EPOCH = "1700000000"
# What has versions of other things, or of its own time.
_HISTORY = [":!CHANGELOG.md", ":!bench/results", ":!tests"]


def run(*command, env=None, timeout=120, **options):
    environment = processes.clean_environment(SOURCE_DATE_EPOCH=_EPOCH, **(env or {}))
    return processes.run([str(word) for word in command], env=environment, timeout=timeout, **options)


def succeed(*command, **options):
    done = run(*command, **options)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


class Clone:
    """A clone of this tree with what is not committed too, so that the tests are of what lies here."""

    def __init__(self, source, folder):
        self.folder = folder
        succeed("git", "clone", "--quiet", "--shared", source, folder)
        diff = ["git", "-C", source, "diff", "--binary", "HEAD"]
        changed = subprocess.run(diff, check=True, capture_output=True).stdout
        if changed:
            subprocess.run(["git", "-C", folder, "apply", "--index"], input=changed, check=True)
        others = succeed("git", "-C", source, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
        for path in filter(None, others):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / path, folder / path)
        self.git("add", "--all")
        self.commit("as it is")

    def git(self, *arguments):
        identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "tag.gpgSign=false")
        when = {"GIT_COMMITTER_DATE": f"{_EPOCH} +0000", "GIT_AUTHOR_DATE": f"{_EPOCH} +0000"}
        return succeed("git", "-C", self.folder, *identity, *arguments, env=when)

    def commit(self, subject):
        self.git("commit", "--quiet", "--allow-empty", "--all", "-m", subject)

    def write(self, path, text):
        (self.folder / path).write_text(text)

    def release(self, *arguments, **options):
        return run(self.folder / "dev", "release", *arguments, **options)

    def refuses(self, *arguments):
        done = self.release(*arguments)
        assert done.returncode != 0
        assert not (self.folder / "build/release").exists()
        return done.stderr

    def open_section(self, version):
        text = (self.folder / "CHANGELOG.md").read_text()
        self.write("CHANGELOG.md", text.replace("## [Unreleased]\n", f"## [Unreleased]\n\n## [{version}] - 2023\n"))
        self.commit("a section")


@pytest.fixture
def clone(root, tmp_path):
    return Clone(root, tmp_path / "clone")


# One version.


def test_what_names_a_version_names_this_one(root, version):
    named = []
    for pattern in (r"\bparleyd?:([0-9.]+\.[0-9]+)\b", r"newTag: (\S+)", r"app\.kubernetes\.io/version: (\S+)",
                    r"ARG VERSION=(\S+)", r"\?ref=v([0-9.]+)"):  # fmt: skip
        found = succeed("git", "-C", root, "grep", "-hoP", pattern, "--", ".", *_HISTORY).split("\n")
        named += [re.search(pattern, line)[1] for line in filter(None, found)]
    assert len(named) >= 5 and set(named) == {version}


def test_another_version_leaves_nothing_of_the_old_one(clone, version):
    literal = f"(?<![0-9.]){re.escape(version)}(?![0-9])"
    succeed(clone.folder / "deploy/release/set-version", "9.8.7")
    assert succeed(clone.folder / "deploy/release/version") == "9.8.7\n"
    left = run("git", "-C", clone.folder, "grep", "-nP", literal, "--", ".", *_HISTORY).stdout
    assert left == ""
    changed = [line.split("\t") for line in clone.git("diff", "--numstat").split("\n") if line]
    assert changed and all(more == less for more, less, _ in changed), "lines are changed, no more"
    for wrong in ("9.8", "v9.8.7", "09.8.7", ""):
        assert run(clone.folder / "deploy/release/set-version", wrong).returncode != 0


# What is refused.


def test_a_tree_that_is_not_clean(clone, version):
    clone.open_section(version)
    clone.git("tag", f"v{version}")
    clone.write("new-file", "")
    assert "the tree is not clean: ?? new-file" in clone.refuses()
    assert "not clean" in clone.refuses("--snapshot")


def test_tags_and_versions(clone, version):
    assert f"HEAD has no tag: git tag -s v{version}" in clone.refuses()
    clone.git("tag", "v0.0.1")
    assert f"HEAD has the tag v0.0.1, but CMakeLists.txt says {version}" in clone.refuses()
    clone.git("tag", "--delete", "v0.0.1")
    clone.git("tag", f"v{version}")
    assert f"CHANGELOG.md has no section [{version}]" in clone.refuses()


def test_mistakes_in_what_is_asked(clone):
    for arguments, said in (
        (["--only", "archive"], "no part 'archive'"),
        (["--fast"], "no option '--fast'"),
        (["one", "two"], "one OUT"),
        (["--snapshot", "--sign", "nobody@example.org"], "gpg has no secret key 'nobody@example.org'"),
        (["--snapshot", clone.folder / "docs"], "docs is not empty"),
    ):
        assert said in clone.refuses(*arguments)
    assert "usage: ./dev release" in clone.release("--help").stdout


# What is made.


def test_the_source_is_the_same_anywhere(clone, root, tmp_path, version):
    """And is what is committed. The portable client is compared on request: test_the_same_release_from_two_clones."""
    other = tmp_path / "other" / "place"
    succeed("git", "clone", "--quiet", clone.folder, other)
    sums = []
    for where, umask in ((clone.folder, 0o022), (other, 0o077)):
        out = tmp_path / f"out-{umask}"
        done = run(where / "dev", "release", "--snapshot", "--only", "archives", out, umask=umask)
        assert done.returncode == 0, done.stderr
        assert "NOT SIGNED" in done.stderr
        sums.append((out / "SHA256SUMS").read_text())
    assert sums[0] == sums[1] and len(sums[0].split("\n")) == 2
    archive = next(out.glob("*.tar.gz"))
    assert archive.name.startswith(f"parley-{version}-snapshot.")
    with tarfile.open(archive) as tar:
        top = archive.name.removesuffix(".tar.gz")
        assert f"{top}/CMakeLists.txt" in tar.getnames()
        assert {entry.mtime for entry in tar} == {int(_EPOCH)}
    succeed("sha256sum", "--check", "SHA256SUMS", cwd=out)


@pytest.fixture(scope="module")
def on_request():
    """What takes longer than a whole run has time for."""
    if os.environ.get("PARLEY_OWN_ENGINE") == "no":
        pytest.skip("takes too long for a whole run; ./dev test deploy")


@pytest.fixture(scope="module")
def key(on_request, tmp_path_factory):
    """(environment, name) of a key that lasts as long as the tests."""
    if not shutil.which("gpg"):
        pytest.skip("no gpg: ./dev setup")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    env, name = {"GNUPGHOME": str(home)}, "release@example.org"
    succeed("gpg", "--batch", "--passphrase", "", "--quick-generate-key", name, "ed25519", "sign", env=env)
    yield env, name
    run("gpgconf", "--kill", "all", env=env)


def readme_commands(root):
    section = (root / "README.md").read_text().partition("## A download, checked\n")[2]
    return re.sub(r"\s{2,}#.*", "", section.split("```\n")[1]).splitlines()


def test_a_signature_that_others_can_check(root, clone, key, tmp_path, version):
    env, name = key
    clone.open_section(version)
    clone.git("tag", f"v{version}")
    out = tmp_path / "out"
    done = clone.release("--only", "archives", "--sign", name, out, env=env)
    assert done.returncode == 0 and "NOT SIGNED" not in done.stderr, done.stderr
    assert (out / f"parley-{version}.tar.gz").exists()
    (tmp_path / "another").mkdir(mode=0o700)
    theirs = {"GNUPGHOME": str(tmp_path / "another")}
    check = ("gpg", "--batch", "--verify", "SHA256SUMS.asc", "SHA256SUMS")
    try:
        assert run(*check, env=theirs, cwd=out).returncode != 0, "they do not know the key"
        for line in readme_commands(root)[:3]:
            succeed("bash", "-c", line, env=theirs, cwd=out)
        with open(out / "SHA256SUMS", "a") as sums:
            sums.write("\n")
        assert run(*check, env=theirs, cwd=out).returncode != 0
    finally:
        run("gpgconf", "--kill", "all", env=theirs)


# The apt repository.


def make_package(folder, name, architecture, version):
    tree = folder / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n"
        "Maintainer: Somebody <somebody@example.org>\nDescription: for a test\n"
    )
    folder.mkdir(exist_ok=True)
    package = folder / f"{name}_{version}_{architecture}.deb"
    succeed("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, package)
    shutil.rmtree(tree)


class Apt:
    """A user's apt, with no source but this one, in folders of its own."""

    def __init__(self, folder, source):
        self.folder = folder
        for path in ("lists/partial", "archives/partial"):
            (folder / path).mkdir(parents=True)
        (folder / "status").touch()
        (folder / "sources.list").write_text(source + "\n")
        folders = {"Etc::SourceList": "sources.list", "State": ".", "State::Lists": "lists", "State::Status": "status",
                   "Cache": ".", "Cache::Archives": "archives"}  # fmt: skip
        self.options = [f"-oDir::{name}={folder / path}" for name, path in folders.items()]
        self.options += ["-oDir::Etc::SourceParts=/dev/null", "-oAPT::Sandbox::User=root", "-oAcquire::Languages=none",
                         "-oAPT::Update::Error-Mode=any", "-oAPT::Update::Post-Invoke-Success::=",
                         "-oAPT::Architectures::=amd64", "-oAPT::Architectures::=arm64"]  # fmt: skip

    def __call__(self, *arguments):
        return run("apt-get", *self.options, *arguments, cwd=self.folder)


@pytest.fixture
def packages(on_request, tmp_path):
    for tool in ("apt-get", "dpkg-scanpackages"):
        if not shutil.which(tool):
            pytest.skip(f"no {tool}: ./dev setup")
    out = tmp_path / "out"
    for codename in ("bookworm", "trixie"):
        for architecture in ("amd64", "arm64"):
            make_package(out / codename, "parley", architecture, f"9.8.7-1~{codename}")
    return out


def test_apt_reads_the_repository(root, packages, key, tmp_path):
    env, name = key
    succeed(root / "deploy/release/apt-repository", packages, name, env=env)
    repository = packages / "apt"
    release = (repository / "dists/trixie/Release").read_text()
    assert "Date: Tue, 14 Nov 2023 22:13:20 UTC" in release and "Architectures: amd64 arm64" in release
    apt = Apt(tmp_path / "theirs", f"deb [signed-by={repository}/parley.asc] file:{repository} trixie main")
    updated = apt("update")
    assert updated.returncode == 0, updated.stderr
    for architecture in ("amd64", "arm64"):
        got = apt("download", f"parley:{architecture}")
        assert got.returncode == 0, got.stderr
        deb = next(apt.folder.glob(f"parley_*{architecture}.deb"))
        assert deb.read_bytes() == (packages / "trixie" / f"parley_9.8.7-1~trixie_{architecture}.deb").read_bytes()


def test_apt_refuses_what_was_changed(root, packages, key, tmp_path):
    env, name = key
    succeed(root / "deploy/release/apt-repository", packages, name, env=env)
    repository = packages / "apt"
    source = f"deb [signed-by={repository}/parley.asc] file:{repository} bookworm main"
    index = repository / "dists/bookworm/main/binary-amd64/Packages"
    text = index.read_text()
    for path, data in ((index, text.encode()), (index.with_suffix(".gz"), gzip.compress(text.encode()))):
        path.write_bytes(data + b"\n")
    assert Apt(tmp_path / "one", source)("update").returncode != 0
    unsigned = f"deb [signed-by={repository}/parley.asc] file:{repository} trixie main"
    for signature in ("InRelease", "Release.gpg"):
        (repository / "dists/trixie" / signature).unlink()
    assert "not signed" in Apt(tmp_path / "two", unsigned)("update").stderr


def test_a_repository_without_a_key_is_the_same_each_time(root, packages):
    def made():
        succeed(root / "deploy/release/apt-repository", packages)
        files = sorted(path for path in (packages / "apt").rglob("*") if path.is_file())
        return {str(path.relative_to(packages)): path.read_bytes() for path in files}

    first = made()
    assert made() == first
    assert not [name for name in first if name.endswith((".gpg", ".asc", "InRelease"))]


def test_no_packages_no_repository(root, tmp_path):
    assert "no " in run(root / "deploy/release/apt-repository", tmp_path).stderr


# The client, built twice.


@pytest.mark.xdist_group("portable")
def test_the_same_release_from_two_clones(on_request, root, clone, tmp_path, version):
    other = tmp_path / "other" / "place"
    succeed("git", "clone", "--quiet", clone.folder, other)
    sums = []
    for number, where in enumerate((clone.folder, other)):
        if (root / "build/static").exists():
            shutil.copytree(root / "build/static", where / "build/static", symlinks=True)
        out = tmp_path / f"out-{number}"
        done = run(where / "dev", "release", "--snapshot", "--only", "archives,portable", out, timeout=3600)
        if "cannot be had" in done.stderr:
            pytest.skip(done.stderr.strip().split("\n")[-1])
        assert done.returncode == 0, done.stderr[-3000:]
        sums.append((out / "SHA256SUMS").read_text())
    print(sums[0])
    assert sums[0] == sums[1]
    archive = next(out.glob("parley-*-linux-*.tar.gz"))
    with tarfile.open(archive) as tar:
        names = {name.split("/", 1)[1] for name in tar.getnames() if "/" in name}
        assert {"parley", "LICENSE", "INSTALL", "parley.1", "completions/parley.bash", "licences/libssl-dev"} <= names
        assert {(entry.uid, entry.gid, entry.mtime) for entry in tar} == {(0, 0, int(_EPOCH))}
        tar.extractall(tmp_path / "unpacked")
    program = next((tmp_path / "unpacked").glob("*/parley"))
    assert succeed(program, "--version").startswith(f"parley {version}")

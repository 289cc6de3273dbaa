"""The air-gap bundle: a folder with all that another machine needs to install and run the program without a
network.

    wheels/         the program's libraries, built for this system and this Python
    program/        the program itself
    models/         the default models, verified
    install.py      checks every file, makes an environment, installs from wheels/ alone; needs nothing but
                    Python
    sbom.cdx.json   what is in it, with versions, hashes and licences (CycloneDX 1.6)
    SHA256SUMS      of every file above

Made once where there is a network (`python -m rag bundle DIR`), carried over on a disk.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from email.parser import HeaderParser
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

from rag.config import ROOT
from rag.errors import ConfigError
from rag.messages import Message
from rag.model.weights import ModelStore, sha256_of

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

PROGRAM: tuple[str, ...] = (
    "app.py",
    "rag",
    "prompts",
    "documents",
    "tests/eval",
    "models/catalog.toml",
    "models/followups",
    "models/reader",
    "models/cells",
    "models/operation",
    "models/purpose",
)
PROGRAM += (
    "pyproject.toml",
    "requirements.txt",
    "README.md",
    "README.ko.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
)
TESTS = "# tests and checks"  # what follows in requirements.txt is not needed to run
INSTALL = Path(__file__).parent / "install.py"


def make(target: Path, store: ModelStore, say: Callable[[Message], None] = lambda step: None) -> Path:
    """Make a bundle.

    Args:
        target: a folder that is not there yet or is empty. store: where the models are; those that are
            missing are fetched. say: told each step.
    Returns: the folder.

    Raises:
        ConfigError: the folder is not empty, or the wheels cannot be had. ModelError: a model cannot be
        fetched.
    """
    if target.exists() and any(target.iterdir()):
        raise ConfigError("bundle-folder-not-empty", folder=target)
    for part in ("wheels", "program", "models"):
        (target / part).mkdir(parents=True, exist_ok=True)
    say(Message("bundle-program"))
    copy_program(target / "program")
    needed = (ROOT / "requirements.txt").read_text(encoding="utf-8").split(TESTS)[0]
    (target / "program" / "requirements.txt").write_text(needed, encoding="utf-8")
    shutil.copy2(INSTALL, target / "install.py")
    say(Message("bundle-models"))
    for name in store.defaults():
        store.fetch(name)
        model = store.get(name)
        place = store.folder / Path(model.file).parts[0]
        (shutil.copytree if place.is_dir() else shutil.copy2)(place, target / "models" / place.name)
    say(Message("bundle-wheels"))
    _wheels(target)
    say(Message("bundle-manifest"))
    (target / "sbom.cdx.json").write_text(_manifest(target, store), encoding="utf-8")
    sums = [f"{sha256_of(file)}  {file.relative_to(target).as_posix()}\n" for file in _files(target)]
    (target / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    return target


def copy_program(folder: Path) -> None:
    """Copy the program's files into a folder."""
    for name in PROGRAM:
        source, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copy)


def _wheels(target: Path) -> None:
    """Collect the wheels of the versions that are installed here, building those that have none."""
    here = target / "constraints.txt"
    here.write_text(
        "".join(f"{d.metadata['Name']}=={d.version}\n" for d in distributions() if "+" not in d.version),
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--wheel-dir",
        str(target / "wheels"),
        "-c",
        str(here),
        "-r",
    ]
    done = subprocess.run(
        [*command, str(target / "program" / "requirements.txt")], capture_output=True, text=True
    )
    here.unlink()
    if done.returncode:
        raise ConfigError("wheels-not-collected", reason=done.stderr.strip().splitlines()[-1][:200])


def _manifest(target: Path, store: ModelStore) -> str:
    """Return the bill of materials as CycloneDX JSON."""
    from cyclonedx.factory.license import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output.json import JsonV1Dot6

    licences = LicenseFactory()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    bom = Bom(components=sorted(_libraries(target), key=lambda part: part.name))
    bom.metadata.component = Component(
        name="munseo",
        version=version,
        type=ComponentType.APPLICATION,
        licenses=[licences.make_from_string("Apache-2.0")],
    )
    for name in store.defaults():
        model = store.get(name)
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=model.weights_sha256 or model.sha256)]
        said = [licences.make_from_string(model.licence)]
        bom.components.add(
            Component(
                name=model.title,
                version=name,
                type=ComponentType.MACHINE_LEARNING_MODEL,
                hashes=hashes,
                licenses=said,
            )
        )
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def _libraries(target: Path) -> Iterator[Component]:
    from cyclonedx.factory.license import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    for wheel in (target / "wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            about = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = HeaderParser().parsestr(archive.read(about).decode("utf-8", "replace"))
        name, version = str(metadata["Name"]), str(metadata["Version"])
        said = " ".join(str(metadata["License-Expression"] or metadata["License"] or "").split())
        classified = [
            c.rsplit(" :: ", 1)[-1] for c in metadata.get_all("Classifier", []) if c.startswith("License ::")
        ]
        licence = said if 0 < len(said) <= 60 else ", ".join(classified)
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            purl=PackageURL("pypi", name=name.lower(), version=version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256_of(wheel))],
            licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        )


def _files(target: Path) -> list[Path]:
    return sorted(file for file in target.rglob("*") if file.is_file() and file.name != "SHA256SUMS")

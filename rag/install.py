"""Install the program from this folder, without a network: python3 install.py TARGET

Checks every file against SHA256SUMS, makes an environment in TARGET/venv and installs from wheels/ alone.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def main() -> int:
    here = Path(__file__).resolve().parent
    if len(sys.argv) != 2:
        print("python3 install.py TARGET")
        return 2
    target = Path(sys.argv[1]).resolve()
    if (target / "program").exists():
        print(f"{target} holds an installation already. Choose another folder.")
        return 1
    for line in (here / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        wanted, name = line.split("  ", 1)
        digest = hashlib.sha256()
        try:
            with (here / name).open("rb") as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except OSError as error:
            print(f"{name} is missing ({error.strerror}). Copy the whole bundle again.")
            return 1
        if digest.hexdigest() != wanted:
            print(f"{name} is damaged. Copy the whole bundle again.")
            return 1
    print("1/3 every file is whole")
    shutil.copytree(here / "program", target / "program")
    shutil.copytree(here / "models", target / "program" / "models", dirs_exist_ok=True)
    venv.create(target / "venv", with_pip=True)
    python = target / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    print("2/3 installing the libraries")
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--find-links",
        str(here / "wheels"),
    ]
    command += ["-r", str(here / "program" / "requirements.txt")]
    if subprocess.run(command).returncode:
        print(
            "The libraries could not be installed. The wheels need the system and the Python that they were "
            "made on;"
        )
        print(f"this is {sys.version.split()[0]} on {sys.platform}.")
        return 1
    print(f"3/3 done. Run: cd {target / 'program'} && {python} app.py")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the examinations here share: a server from PyPI in an environment of its own, and members of answers."""
import subprocess
import venv
from pathlib import Path
from common import HOST, Process, free_port, wait_http


class PythonServer(Process):
    """A program beside this file, started with its port and `more`; answers below `ready` once it is up."""

    def __init__(self, folder, app, packages, ready, more=()):
        folder = Path(folder).resolve()
        python = folder / "venv/bin/python"
        if not python.exists():
            venv.create(folder / "venv", with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True)
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__([str(python), str(Path(__file__).with_name(app)), str(self.port), *map(str, more)], cwd=folder, log=str(folder / "server.log"))
        wait_http(self.base, ready, 60)


def of(x, name, other="none"):
    """A member of an answer's document, or `other`."""
    return x.json.get(name, other) if isinstance(x.json, dict) else other

"""What the acceptance scripts share: starting servers, asking them, judging the answers.

Only the Python standard library. Everything listens on loopback, lives in a temporary folder, and
is ended by process id when the script ends.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# A start that takes longer has failed: the double's goal is 60 ms, a busy machine is slower.
START_TIMEOUT_S = 20
# The double promises to be gone 8 s after SIGTERM; containers are killed after 10.
STOP_TIMEOUT_S = 12
REQUEST_TIMEOUT_S = 60


def arguments(description):
    """The options every script has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--profile", default="release", help="cargo profile of the binaries")
    parser.add_argument("--no-build", action="store_true", help="use the binaries that are there")
    parser.add_argument("--seed", type=int, default=7, help="seed of everything drawn")
    return parser


def binaries(options, *, tools=(), features=()):
    """Builds the double and the named programs of `tools/`; returns their paths by name."""
    if not options.no_build:
        command = ["cargo", "build", "--quiet", "--profile", options.profile]
        command += [f"--bin={name}" for name in ("stunt-double", *tools)]
        command += [f"--features={name}" for name in features]
        subprocess.run(command, cwd=ROOT, check=True)
    folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    folder /= "debug" if options.profile == "dev" else options.profile
    paths = {name: folder / name for name in ("stunt-double", *tools)}
    for path in paths.values():
        if not path.exists():
            sys.exit(f"`{path}` is missing: run without --no-build")
    return paths


@contextlib.contextmanager
def workplace():
    """A temporary folder, and a list of servers that are ended with it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stunt-double-"))
    with contextlib.ExitStack() as servers:
        servers.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder, servers


class Server:
    """A child process that prints `listening on URL` first."""

    def __init__(self, command, log, *, cpus=None, env=None, url=None):
        self.log = pathlib.Path(log)
        self.started = time.monotonic()
        pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
        with open(self.log, "ab") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdout=subprocess.PIPE if url is None else errors,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
                preexec_fn=pin,
            )
        self.pid = self.process.pid
        self.url = url or self._announced_url()

    def _announced_url(self):
        os.set_blocking(self.process.stdout.fileno(), False)
        text = b""
        while time.monotonic() - self.started < START_TIMEOUT_S:
            text += self.process.stdout.read() or b""
            if match := re.search(rb"listening on (http://\S+)\n", text):
                return match[1].decode()
            if self.process.poll() is not None:
                break
            time.sleep(0.001)
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"the server did not start, {self.log} ends with:\n{self.log_tail()}")

    def log_tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, how=signal.SIGTERM):
        """Ends the process; returns its exit code and how long it took, in seconds."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode, time.monotonic() - begun

    def close(self):
        self.stop()

    def cpu_s(self):
        """CPU seconds used so far by the process and its children (`user+sys`)."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return sum(map(cpu_s, [self.pid, *children]))

    def memory_mib(self, field="VmRSS"):
        """Resident memory now, or its peak with `VmHWM`."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M)[1]) / 1024


def cpu_s(pid):
    """CPU seconds used so far by all threads of one process."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = stat[stat.rindex(")") + 2 :].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def start(servers, *arguments, **options):
    """A `Server` that ends with the workplace."""
    server = Server(*arguments, **options)
    servers.callback(server.close)
    return server


def start_double(servers, binary, target, folder, *flags, database="learned.db", **options):
    command = [binary, "serve", "--target", target, "--listen", "127.0.0.1:0"]
    command += ["--database-url", f"sqlite://{folder / database}", *flags]
    options.setdefault("env", {}).setdefault("RUST_LOG", "warn")
    return start(servers, command, folder / "double.log", **options)


class Client:
    """One kept-alive connection. `ask` returns status, headers as a list, and the raw body."""

    def __init__(self, url):
        self.address = urllib.parse.urlsplit(url).netloc
        self.connection = None

    def ask(self, method, path, body=None, headers=(), chunked=False):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=REQUEST_TIMEOUT_S)
        try:
            self.connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                self.connection.putheader(name, value)
            if chunked:
                self.connection.putheader("Transfer-Encoding", "chunked")
            elif body is not None:
                self.connection.putheader("Content-Length", str(len(body)))
            self.connection.endheaders(body, encode_chunked=chunked)
            response = self.connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if response.will_close:
            self.close()
        return response.status, response.getheaders(), content

    def json(self, method, path, document=None, expect=200):
        """Asks for JSON and insists on the status."""
        body = None if document is None else json.dumps(document).encode()
        headers = [("Content-Type", "application/json")] if body else []
        status, _, content = self.ask(method, path, body, headers)
        if status != expect and not (expect == 200 and status in (201, 202, 204)):
            raise RuntimeError(f"{method} {path}: expected {expect}, got {status}: {content[:500]}")
        return json.loads(content) if content.strip() else None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Admin(Client):
    """The admin of a double, under the default prefix."""

    def flush(self):
        self.json("POST", "/admin/flush")

    def endpoints(self):
        """Every endpoint summary, over all pages."""
        items, page = [], 1
        while True:
            part = self.json("GET", f"/admin/endpoints?page={page}&per_page=50")
            items += part["items"]
            if not part["items"] or len(items) >= part["total"]:
                return items
            page += 1

    def explain(self, method, path):
        query = urllib.parse.urlencode({"method": method, "path": path})
        return self.json("GET", f"/admin/explain?{query}")

    def metrics(self):
        """Sums by metric name, over all labels."""
        status, _, content = self.ask("GET", "/admin/metrics")
        if status != 200:
            raise RuntimeError(f"GET /admin/metrics: {status}")
        sums = {}
        for line in content.decode().splitlines():
            if match := re.match(r"([a-zA-Z_:][\w:]*)(?:\{.*\})? ([-+\w.]+)", line):
                sums[match[1]] = sums.get(match[1], 0.0) + float(match[2])
        return sums


class Checks:
    """What was expected and what came; the exit code follows from it."""

    def __init__(self):
        self.failed = 0

    def that(self, holds, what):
        print(f"{'ok  ' if holds else 'MISS'}  {what}", flush=True)
        self.failed += not holds
        return holds

    def exit(self):
        print(f"\n{self.failed} missed" if self.failed else "\nall held")
        sys.exit(1 if self.failed else 0)


def header(headers, name):
    """The first value of a header, or None."""
    return next((value for key, value in headers if key.lower() == name.lower()), None)


def table(rows, head):
    """Prints columns: text to the left, numbers to the right."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    for row in [list(head), ["-" * width for width in widths], *rows]:
        first, *rest = (
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths))
        )
        print("  ".join([first, *rest]).rstrip())


def wrk(url, *, seconds, connections, threads=1, script=None, cpus=None):
    """Runs `wrk`; returns requests, requests per second, latencies in ms, and errors."""
    if not shutil.which("wrk"):
        install("wrk")
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["--timeout", "30s", *(["-s", str(script)] if script else []), url]
    pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
    run = subprocess.run(command, capture_output=True, text=True, preexec_fn=pin)
    text = run.stdout
    if run.returncode or "Requests/sec" not in text:
        raise RuntimeError(f"wrk failed: {text}{run.stderr}")
    refused = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    unexpected = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    latency = dict(re.findall(r"^\s+(50|75|90|99)%\s+(\S+)$", text, re.M))
    return {
        "requests": int(re.search(r"(\d+) requests in", text)[1]),
        "per_s": float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        "errors": refused + (int(unexpected[1]) if unexpected else 0),
        "max_ms": milliseconds(re.search(r"Latency\s+\S+\s+\S+\s+(\S+)", text)[1]),
        **{f"p{share}_ms": milliseconds(value) for share, value in latency.items()},
    }


def milliseconds(text):
    """`1.20ms`, `850.00us`, `2.01s`, `1.05m` as milliseconds."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1_000, "m": 60_000}[unit]


def install(package):
    command = [] if os.geteuid() == 0 else ["sudo"]
    command += ["apt-get", "install", "-q", "-y", "--no-install-recommends", package]
    subprocess.run(command, check=True)


def free_port():
    """A port of loopback that was free a moment ago."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(url):
    """Whether a server answers at all."""
    try:
        Client(url).ask("GET", "/")
        return True
    except (OSError, http.client.HTTPException):
        return False


def until(condition, timeout_s, pause_s=0.01):
    """Waits for a condition of another process; False when it never came."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause_s)
    return False

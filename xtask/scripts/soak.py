#!/usr/bin/env python3
"""Mixed load for a quarter of an hour: does the double stay well?

Connections ask for thousands of templates, some of them mocked, some of them broken on purpose
(a request that is no HTTP, a head with two hosts, a client that hangs up half-way). Every minute a
line says what the double holds, how long its answers take and what a request costs. Exits with 1
when conservation is broken (observations of all endpoints and counted drops are what was accepted),
when endpoints vanish (more than 5 % within a minute), or when the double fails.
"""

import collections
import http.server
import json
import random
import socket
import threading
import time
import urllib.parse

import harness
from footprint import templates
from harness import Admin, Checks, Client, header

SOURCES = ("upstream", "mock", "double")
MOCK = [("X-Mock-Enabled", "true"), ("X-Mock-Latency", "off")]
# Share of the requests that are mocked, once every template was asked for.
MOCKED = 0.3


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers each kind of path with an object of its own members, so that no two are alike."""

    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024

    def do_GET(self):
        *kind, number = self.path.strip("/").split("/")
        kind = "_".join(kind)
        body = {"id": int(number), "kind": kind}
        body |= {f"{kind}_{n}": [n, f"{kind} {number}", n * 0.5] for n in range(3)}
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Load(threading.Thread):
    """One connection: asks, mocks and breaks things at its rate until it is stopped."""

    def __init__(self, url, options, number):
        super().__init__(daemon=True)
        self.url, self.options, self.stopped = url, options, threading.Event()
        self.random = random.Random(options.seed * 1_000 + number)
        self.paths = templates(options.templates)
        # Every template is asked for once before anything is drawn: a share of them here.
        self.first = self.paths[number :: options.connections]
        self.pause_s = options.connections / options.rate
        self.latencies_ms = collections.defaultdict(list)
        self.unmatched = collections.Counter()
        self.requests = self.failures = 0

    def run(self):
        client, due = Client(self.url), time.monotonic()
        while not self.stopped.is_set():
            due = max(due + self.pause_s, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))
            draw = self.random.random()
            if draw < self.options.broken:
                self.broken()
                continue
            path = self.first.pop() if self.first else self.random.choice(self.paths)
            path = f"{path}/{self.random.randrange(10**6)}"
            mocked = not self.first and draw < self.options.broken + MOCKED
            self.ask(client, path, MOCK if mocked else [])
        client.close()

    def ask(self, client, path, headers):
        begun = time.monotonic()
        try:
            status, answer, _ = client.ask("GET", path, headers=headers)
        except (OSError, http.client.HTTPException):
            self.failures += 1
            return
        spent = (time.monotonic() - begun) * 1_000
        self.latencies_ms[header(answer, "x-mock-source") or "none"].append(spent)
        self.requests += 1
        if status != 200:
            self.unmatched[status] += 1

    def broken(self):
        address = urllib.parse.urlsplit(self.url)
        kinds = (b"NOT HTTP\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /half HT")
        try:
            with socket.create_connection((address.hostname, address.port), timeout=5) as wire:
                wire.sendall(self.random.choice(kinds))
                wire.shutdown(socket.SHUT_WR)
                while wire.recv(4096):
                    pass
        except OSError:
            pass


def p99(values):
    values = sorted(values)
    return f"{values[min(len(values) - 1, int(len(values) * 0.99))]:.1f}" if values else ""


def arguments():
    parser = harness.arguments(__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--templates", type=int, default=3000)
    parser.add_argument("--rate", type=float, default=600, help="requests a second in all")
    parser.add_argument("--broken", type=float, default=0.05, help="share of broken requests")
    return parser.parse_args()


class Minutes:
    """What the double does and holds, a line a minute."""

    HEAD = ("minute", "requests", "endpoints", "RSS MiB", "CPU us/request",
            "p99 ms upstream", "mock", "double", "dropped", "log lines")  # fmt: skip

    def __init__(self, double, admin, loads, checks):
        self.double, self.admin, self.loads, self.checks = double, admin, loads, checks
        self.rows, self.endpoints, self.requests, self.cpu_s = [], 0, 0, double.cpu_s()

    def note(self):
        endpoints = self.admin.json("GET", "/admin/endpoints?per_page=1")["total"]
        least = self.endpoints * 0.95
        what = f"endpoints: {self.endpoints} a minute ago, {endpoints} now"
        self.checks.that(endpoints >= least, what)
        cpu_s, requests = self.double.cpu_s(), sum(load.requests for load in self.loads)
        cost_us = (cpu_s - self.cpu_s) * 1e6 / max(1, requests - self.requests)
        latencies = collections.defaultdict(list)
        for load in self.loads:
            spent, load.latencies_ms = load.latencies_ms, collections.defaultdict(list)
            for source, values in spent.items():
                latencies[source] += values
        metrics = self.admin.metrics()
        lines = len(self.double.log.read_text(errors="replace").splitlines())
        self.rows.append([
            len(self.rows) + 1, requests - self.requests, endpoints,
            f"{self.double.memory_mib():.0f}", f"{cost_us:.0f}",
            *(p99(latencies[source]) for source in SOURCES),
            f"{metrics['stunt_double_observations_dropped_total']:.0f}", lines,
        ])  # fmt: skip
        self.endpoints, self.requests, self.cpu_s = endpoints, requests, cpu_s


def main():
    options, checks = arguments(), Checks()
    binary = harness.binaries(options)["stunt-double"]
    with harness.workplace() as (folder, servers):
        backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        servers.callback(backend.shutdown)
        target = f"http://127.0.0.1:{backend.server_port}"
        flags = ["--endpoints-max", str(options.templates + 100), "--seed", str(options.seed)]
        double = harness.start_double(servers, binary, target, folder, *flags)
        print(f"RSS before: {double.memory_mib():.0f} MiB")
        admin = Admin(double.url)
        loads = [Load(double.url, options, number) for number in range(options.connections)]
        minutes = Minutes(double, admin, loads, checks)
        for load in loads:
            load.start()
        end = time.monotonic() + options.minutes * 60
        while time.monotonic() < end:
            time.sleep(max(0.0, min(60.0, end - time.monotonic())))
            minutes.note()
        for load in loads:
            load.stopped.set()
        for load in loads:
            load.join(timeout=60)
        harness.table(minutes.rows, minutes.HEAD)
        report(admin, loads, double, checks)
    checks.exit()


def report(admin, loads, double, checks):
    begun = time.monotonic()
    admin.flush()
    print(f"flush: {(time.monotonic() - begun) * 1_000:.0f} ms")
    print(f"RSS after: {double.memory_mib():.0f} MiB")
    metrics = admin.metrics()
    kept = ("observations", "models", "tape", "site_learned", "unsampled", "merged", "evicted")
    counted = {name: f"{value:.0f}" for name, value in metrics.items()
               if any(word in name for word in kept)}  # fmt: skip
    harness.table(sorted(counted.items()), ["metric", "value"])
    accepted = metrics["stunt_double_observations_accepted_total"]
    dropped = metrics["stunt_double_observations_dropped_total"]
    unplaced = metrics["stunt_double_observations_unplaced_total"]
    held = sum(endpoint["observations"] for endpoint in admin.endpoints())
    what = f"{accepted:.0f} accepted - {dropped:.0f} dropped - {unplaced:.0f} unplaced = {held} held"
    checks.that(accepted - dropped - unplaced == held, what)
    failed = sum(load.failures for load in loads)
    checks.that(failed == 0, f"{failed} requests failed on the wire")
    unmatched = sum((load.unmatched for load in loads), collections.Counter())
    print(f"answers other than 200: {dict(unmatched)}")


if __name__ == "__main__":
    main()

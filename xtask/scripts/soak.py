#!/usr/bin/env python3
"""Mixed load for a quarter of an hour: does the double stay well?

Connections ask for thousands of templates, some of them mocked, some of them broken on purpose
(a request that is no HTTP, a method that nobody knows, a client that hangs up). Every minute a line
says what the double holds. Exits with 1 when conservation is broken (observations of all endpoints
and counted drops are what was accepted), when endpoints vanish (more than 5 % within a minute), or
when the double fails.
"""

import collections
import http.server
import random
import socket
import threading
import time
import urllib.parse

import harness
from harness import Admin, Checks, Client, header

SOURCES = ("upstream", "mock", "chaos", "double")


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers `/rN/ID` with an object whose members depend on N."""

    protocol_version = "HTTP/1.1"
    wbufsize = 64 * 1024

    def do_GET(self):
        kind = sum(map(ord, self.path.split("/")[1]))
        members = ",".join(f'"m{kind}_{n}": {n}' for n in range(kind % 7 + 1))
        body = f'{{"kind": {kind}, {members}}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Load(threading.Thread):
    """One connection: asks, mocks and breaks things until it is stopped."""

    def __init__(self, url, options, seed):
        super().__init__(daemon=True)
        self.url, self.options, self.stopped = url, options, threading.Event()
        self.random = random.Random(seed)
        self.latencies_ms = collections.defaultdict(list)
        self.statuses = collections.Counter()
        self.failures = 0

    def run(self):
        client = Client(self.url)
        while not self.stopped.is_set():
            draw = self.random.random()
            if draw < self.options.broken:
                self.broken()
                continue
            path = f"/r{self.random.randrange(self.options.templates)}/{self.random.randrange(10**6)}"
            mocked = draw < 0.3
            begun = time.monotonic()
            try:
                headers = [("X-Mock-Enabled", "true"), ("X-Mock-Latency", "off")] if mocked else []
                status, answer, _ = client.ask("GET", path, headers=headers)
            except OSError:
                self.failures += 1
                continue
            spent = (time.monotonic() - begun) * 1000
            self.latencies_ms[header(answer, "x-mock-source") or "none"].append(spent)
            self.statuses[status] += 1
        client.close()

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


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def observations(endpoints):
    return sum(endpoint["observations"] for endpoint in endpoints)


def arguments():
    parser = harness.arguments(__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--templates", type=int, default=3000)
    parser.add_argument("--broken", type=float, default=0.05, help="share of broken requests")
    return parser.parse_args()


def watch(options, double, admin, loads, checks):
    """One line a minute until the time is over."""
    rows, before, total_before = [], 0, 0
    cpu_before, end = double.cpu_s(), time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        time.sleep(max(0.0, min(60.0, end - time.monotonic())))
        count = admin.json("GET", "/admin/endpoints?per_page=1")["total"]
        cpu, total = double.cpu_s(), sum(sum(load.statuses.values()) for load in loads)
        per_request = (cpu - cpu_before) * 1e6 / max(1, total - total_before)
        rows.append([f"{len(rows) + 1}", count, total, f"{double.memory_mib():.0f}",
                     f"{per_request:.0f}"])  # fmt: skip
        checks.that(count >= before * 0.95, f"endpoints: {before} a minute ago, {count} now")
        before, cpu_before, total_before = count, cpu, total
    return rows


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
        admin = Admin(double.url)
        loads = [Load(double.url, options, options.seed + n) for n in range(options.connections)]
        for load in loads:
            load.start()
        rows = watch(options, double, admin, loads, checks)
        for load in loads:
            load.stopped.set()
        for load in loads:
            load.join(timeout=60)
        harness.table(rows, ["minute", "endpoints", "requests", "RSS MiB", "CPU us/request"])
        report(admin, loads, double, checks)
    checks.exit()


def report(admin, loads, double, checks):
    for source in SOURCES:
        spent = [ms for load in loads for ms in load.latencies_ms[source]]
        if spent:
            print(f"{source}: {len(spent)} answers, p99 {percentile(spent, 0.99):.1f} ms")
    begun = time.monotonic()
    admin.flush()
    print(f"flush: {(time.monotonic() - begun) * 1000:.0f} ms")
    print(f"log lines: {len(double.log.read_text(errors='replace').splitlines())}")
    metrics = admin.metrics()
    counted = {name: value for name, value in metrics.items() if "observations" in name}
    harness.table(sorted(counted.items()), ["metric", "value"])
    accepted = metrics.get("stunt_double_observations_accepted_total")
    lost = ("dropped", "unplaced")
    dropped = sum(metrics.get(f"stunt_double_observations_{name}_total", 0.0) for name in lost)
    held = observations(admin.endpoints())
    if accepted is not None:
        checks.that(abs(accepted - dropped - held) < 1, f"{accepted} - {dropped} = {held} held")
    failed = sum(load.failures for load in loads)
    checks.that(failed == 0, f"{failed} requests failed on the wire")


if __name__ == "__main__":
    main()

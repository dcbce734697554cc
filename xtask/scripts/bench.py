#!/usr/bin/env python3
"""Load-tests the double against reference servers of the same repository and prints ratios.

The server under test runs alone on one core, `wrk` (and the backend behind a proxy) on the others.
Rounds are interleaved and medians compared: absolute figures drift, ratios of one run hold.
Requests per CPU-second (`user+sys` of the whole process, learning threads included) are the better
measure, since `wrk` saturates first on the fastest servers.

Exits with 1 when a floor is missed: a mock of 1 KB at 0.6 of bare actix-web, proxying with learning
on at 0.75 of actix-web + awc, both per CPU-second.
"""

import argparse
import os
import shutil
import statistics
import sys
import time

import harness
from harness import Admin, Checks, Client

# Enough connections to keep one core busy, few enough that latency stays that of the work.
CONNECTIONS = 64
# Requests through the double before its mocks are measured: its learning has settled by then.
LESSONS = 600
# Different resources that generated bodies are asked for.
RESOURCES = 256
FLOORS = {"mock, 1 KB static": 0.6, "proxy, learning on": 0.75}

RESOURCES_LUA = f"""
local n = 0
local heads = {{}}
function init()
  for id = 1, {RESOURCES} do heads[id] = wrk.format("GET", "/generated/" .. id) end
end
function request()
  n = n % {RESOURCES} + 1
  return heads[n]
end
"""

NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream backend {{ server {backend}; keepalive 128; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


class Contender:
    """A server, the path asked of it, and what the rounds gave."""

    def __init__(self, name, server, path, script=None, reference=None):
        self.name, self.server, self.path, self.script = name, server, path, script
        self.reference = reference
        self.per_s, self.per_cpu_s, self.p99_ms, self.errors = [], [], [], 0

    def run(self, seconds, cpus):
        before = self.server.cpu_s()
        url = self.server.url + self.path
        result = harness.wrk(
            url, seconds=seconds, connections=CONNECTIONS, script=self.script, cpus=cpus
        )
        used = self.server.cpu_s() - before
        self.per_s.append(result["per_s"])
        self.per_cpu_s.append(result["requests"] / max(used, 0.01))
        self.p99_ms.append(result["p99_ms"])
        self.errors += result["errors"]

    def row(self):
        ratio = cpu_ratio = ""
        if self.reference:
            ratio = f"{self.ratio('per_s'):.2f}"
            cpu_ratio = f"{self.ratio('per_cpu_s'):.2f}"
        against = self.reference.name if self.reference else ""
        per_s, per_cpu_s = statistics.median(self.per_s), statistics.median(self.per_cpu_s)
        return [
            self.name, f"{per_s:,.0f}", f"{per_cpu_s:,.0f}", f"{1e6 / per_cpu_s:.1f}",
            f"{statistics.median(self.p99_ms):.2f}", self.errors, against, ratio, cpu_ratio,
        ]  # fmt: skip

    def ratio(self, measure):
        """The median over the rounds of this round's ratio to the reference's."""
        pairs = zip(getattr(self, measure), getattr(self.reference, measure))
        return statistics.median(own / other for own, other in pairs)


HEAD = [
    "contender", "req/s", "per CPU-s", "CPU us", "p99 ms", "errors", "against", "req/s", "CPU-s",
]  # fmt: skip


class Bench:
    def __init__(self, options, folder, servers):
        self.options, self.folder, self.servers = options, folder, servers
        cores = sorted(os.sched_getaffinity(0))
        self.server_cpus = {cores[0]}
        self.load_cpus = set(cores[1:]) or {cores[0]}
        self.paths = harness.binaries(options, tools=["reference_server"])
        self.script = folder / "resources.lua"
        self.script.write_text(RESOURCES_LUA)

    def reference(self, role, *flags, cpus=None):
        command = [self.paths["reference_server"], role, *flags]
        log = self.folder / f"{role}.log"
        return harness.start(self.servers, command, log, cpus=cpus or self.server_cpus)

    def double(self, name, target, *flags):
        binary = self.paths["stunt-double"]
        database = f"{name}.db"
        return harness.start_double(
            self.servers, binary, target, self.folder, *flags,
            database=database, cpus=self.server_cpus,
        )  # fmt: skip

    def nginx(self, backend):
        if not shutil.which("nginx"):
            return None
        port, config = harness.free_port(), self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, backend=backend, port=port))
        command = ["nginx", "-p", self.folder, "-c", config]
        url = f"http://127.0.0.1:{port}"
        log = self.folder / "nginx.log"
        server = harness.start(self.servers, command, log, cpus=self.server_cpus, url=url)
        harness.until(lambda: harness.answers(url), harness.START_TIMEOUT_S)
        return server

    def contenders(self):
        bare = self.reference("serve")
        backend = self.reference("serve", cpus=self.load_cpus)
        awc = self.reference("proxy", "--target", backend.url)
        # One double plays, three proxy: each is in the state its row names, all the time.
        actor = self.double("actor", backend.url, "--latency-scale", "0")
        teach(actor)
        learning = self.double("learning", backend.url)
        plain = self.double("plain", backend.url, "--learn", "off")
        nginx = self.nginx(backend.url.split("//")[1])
        static = Contender("bare actix, 1 KB static", bare, "/static")
        text = Contender("bare actix, 1 KB text", bare, "/text")
        written = Contender("actix + write!", bare, "/generated/1", self.script)
        plain_awc = Contender("actix + awc", awc, "/static")
        made_awc = Contender("actix + awc, generated", awc, "/generated/1", self.script)
        found = [
            static, Contender("mock, 1 KB static", actor, "/static", reference=static),
            text, Contender("mock, 1 KB text", actor, "/text", reference=text),
            written,
            Contender("mock, generated", actor, "/generated/1", self.script, reference=written),
            plain_awc, Contender("proxy, learning off", plain, "/static", reference=plain_awc),
            Contender("proxy, learning on", learning, "/static", reference=plain_awc),
            made_awc,
            Contender("proxy, learning on, generated", learning, "/generated/1", self.script,
                      reference=made_awc),
        ]  # fmt: skip
        if nginx:
            found.insert(-2, Contender("nginx proxy_pass", nginx, "/static", reference=plain_awc))
        return found, learning


def teach(double):
    """Shows the double its backend, then has it play the part."""
    client, admin = Client(double.url), Admin(double.url)
    for n in range(LESSONS):
        for path in ("/static", "/text", f"/generated/{n % RESOURCES + 1}"):
            status, _, _ = client.ask("GET", path)
            if status != 200:
                sys.exit(f"{path} through the double: {status}")
    admin.flush()
    admin.json("PATCH", "/admin/settings", {"mode": "mock"})
    for path in ("/static", "/text", "/generated/1"):
        status, headers, body = client.ask("GET", path)
        source = harness.header(headers, "X-Mock-Source")
        if (status, source) != (200, "mock") or not 900 < len(body) < 2_200:
            sys.exit(f"the mock of {path} is {status} from {source} with {len(body)} bytes")


def cold_start_ms(bench, target, rounds):
    """From the start of the process to its first answer, with an empty database."""
    taken = []
    for n in range(rounds):
        double = bench.double(f"cold-{n}", target)
        Client(double.url).ask("GET", "/admin/health/live")
        taken.append((time.monotonic() - double.started) * 1_000)
        double.stop()
    return statistics.median(taken)


def main():
    parser = harness.arguments(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--quick", action="store_true", help="three rounds of one second")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=int, default=3, help="length of one measurement")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 3, 1
    checks = Checks()
    with harness.workplace() as (folder, servers):
        bench = Bench(options, folder, servers)
        contenders, learning = bench.contenders()
        idle_mib = learning.memory_mib()
        for number in range(options.rounds):
            for contender in contenders:
                contender.run(options.seconds, bench.load_cpus)
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr, flush=True)
        harness.table([contender.row() for contender in contenders], HEAD)
        loaded_mib = learning.memory_mib()
        start_ms = cold_start_ms(bench, contenders[0].server.url, 3 if options.quick else 9)
        print(f"\nRSS of the learning proxy: {idle_mib:.1f} MiB idle, {loaded_mib:.1f} MiB after")
        print(f"cold start to the first answer: {start_ms:.1f} ms\n")
        for contender in contenders:
            checks.that(contender.errors == 0, f"{contender.name}: no errors")
            if floor := FLOORS.get(contender.name):
                ratio = contender.ratio("per_cpu_s")
                against = contender.reference.name
                checks.that(
                    ratio >= floor,
                    f"{contender.name}: {ratio:.2f} of {against} per CPU-second, floor {floor}",
                )
    checks.exit()


if __name__ == "__main__":
    main()

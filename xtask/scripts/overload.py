#!/usr/bin/env python3
"""Overloads learning and checks that nobody waits for it.

1. Requests and answers of 64 KiB with the learner stalled (`STUNT_DOUBLE_STALL_LEARNER_MS`, a test
   aid): no request fails, latency stays what it is with learning off, memory stays within the byte
   budget of the learning queue, dropped observations are counted in the metrics.
2. Requests on random distinct paths: endpoints stay under their limit, memory stays bounded, known
   endpoints keep learning.

Exits with 1 when something missed.
"""

import argparse

import harness
from harness import Admin, Checks, Client

CONNECTIONS = 64
BODY_BYTES = 64 * 1024
# How long the stalled learner holds each observation: at this rate it takes 20 a second.
STALL_MS = 50
# Load comes in slices, since `wrk` ends by time and not by count; after so many it is too slow.
SLICE_S = 2
SLICES_MAX = 60
QUEUE_MAX_BYTES = 16 * 1024 * 1024
ENDPOINTS_MAX = 500
# Memory beyond the queue: per connection a request and an answer in flight and their copies, and
# what the allocator keeps.
CONNECTION_BUDGET_MIB = 8 * BODY_BYTES / 1024 / 1024
ALLOCATOR_BUDGET_MIB = 32
# What random paths may cost: the path tree and the endpoints at their limits.
PATHS_BUDGET_MIB = 128
# Latency that counts as waiting: far more than noise, far less than one stall.
WAITING_MS = STALL_MS
KNOWN = "/known/shelf"

BODIES_LUA = """
local line = '"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd",'
local body = '{{"lines":[' .. string.rep(line, {lines}) .. '"end"]}}'
local head = {{["Content-Type"] = "application/json"}}
local message
function init() message = wrk.format("POST", "/echo", head, body) end
function request() return message end
"""

# Every path is new (`SLICE` is the number of the slice): depth, words, numbers and hexadecimal
# vary. One in fifty asks a known endpoint.
PATHS_LUA = """
math.randomseed({seed} + SLICE)
local words = {{"api", "v1", "users", "files", "jobs", "items", "a", "b", "static", "tenants"}}
local n = 0
local function segment()
  local kind = math.random(4)
  if kind == 1 then return words[math.random(#words)] end
  if kind == 2 then return string.format("%x", math.random(2 ^ 31 - 1)) end
  if kind == 3 then return tostring(math.random(1000000)) end
  local letters = {{}}
  for i = 1, math.random(4, 12) do letters[i] = string.char(96 + math.random(26)) end
  return table.concat(letters)
end
function request()
  n = n + 1
  if n % 50 == 0 then return wrk.format("GET", "{known}/" .. n) end
  local path = {{}}
  for depth = 1, math.random(6) do path[depth] = segment() end
  return wrk.format("GET", "/" .. table.concat(path, "/") .. "/" .. string.format("%x", SLICE * 10000000 + n))
end
"""


class Overload:
    def __init__(self, options, folder, servers):
        self.options, self.folder, self.servers = options, folder, servers
        paths = harness.binaries(options, tools=["reference_server"], features=["test-util"])
        self.binary = paths["stunt-double"]
        log = folder / "backend.log"
        self.backend = harness.start(servers, [paths["reference_server"], "serve"], log)
        self.checks = Checks()

    def double(self, name, *flags, env=None, queue_max_bytes=QUEUE_MAX_BYTES):
        return harness.start_double(
            self.servers, self.binary, self.backend.url, self.folder, *flags,
            "--learn-queue-max-bytes", str(queue_max_bytes),
            "--endpoints-max", str(ENDPOINTS_MAX),
            database=f"{name}.db", env=env or {},
        )  # fmt: skip

    def load(self, double, script, count):
        """Slices of load until `count` requests are answered; the worst slice is what is told."""
        path, slices = self.folder / "load.lua", []
        while (answered := sum(part["requests"] for part in slices)) < count:
            if len(slices) == SLICES_MAX:
                break
            path.write_text(script.replace("SLICE", str(len(slices))))
            slices.append(
                harness.wrk(double.url, seconds=SLICE_S, connections=CONNECTIONS, script=path)
            )
        worst = {name: max(part[name] for part in slices) for name in slices[0]}
        result = {
            **worst,
            "requests": answered,
            "errors": sum(part["errors"] for part in slices),
            "per_s": answered / (SLICE_S * len(slices)),
        }
        print(f"      {answered} requests, {result['per_s']:,.0f}/s, "
              f"p99 {result['p99_ms']:.1f} ms, longest {result['max_ms']:.1f} ms, "
              f"peak {double.memory_mib('VmHWM'):.1f} MiB")  # fmt: skip
        return result

    def stalled(self):
        """Large bodies while the learner sleeps."""
        count = self.options.bodies
        script = BODIES_LUA.format(lines=BODY_BYTES // 65)
        print(f"{count} exchanges of {BODY_BYTES // 1024} KiB, learning off, then stalled")
        off = self.double("off", "--learn", "off")
        usual = self.load(off, script, count)
        off_mib = off.memory_mib("VmHWM")
        off.stop()
        # A quarter of the usual budget, so that the count of requests reaches it.
        double = self.double(
            "stalled",
            env={"STUNT_DOUBLE_STALL_LEARNER_MS": str(STALL_MS)},
            queue_max_bytes=4 << 20,
        )
        result = self.load(double, script, count)
        checks = self.checks
        checks.that(result["requests"] >= count, f"{result['requests']} of {count} answered")
        checks.that(result["errors"] == 0, f"{result['errors']} requests failed")
        for share in ("p50_ms", "p99_ms"):
            limit = usual[share] + WAITING_MS
            what = f"{share[:3]} {result[share]:.1f} ms, {usual[share]:.1f} with learning off"
            checks.that(result[share] <= limit, what)
        peak = double.memory_mib("VmHWM")
        budget = QUEUE_MAX_BYTES / 2**20 + CONNECTIONS * CONNECTION_BUDGET_MIB
        budget += ALLOCATOR_BUDGET_MIB
        checks.that(peak <= budget, f"peak {peak:.1f} MiB, budget {budget:.0f}, off {off_mib:.1f}")
        metrics = Admin(double.url).metrics()
        dropped = {name: value for name, value in metrics.items() if "dropped" in name}
        checks.that(sum(dropped.values()) > 0, f"drops are counted: {dropped}")
        double.stop()

    def random_paths(self):
        """Paths that never come twice."""
        count = self.options.paths
        print(f"{count} requests on random distinct paths")
        double = self.double("paths")
        client, admin = Client(double.url), Admin(double.url)
        for n in range(200):
            client.ask("GET", f"{KNOWN}/{n}")
        admin.flush()
        before = self.known(admin)
        script = PATHS_LUA.format(seed=self.options.seed, known=KNOWN)
        result = self.load(double, script, count)
        # The storm may take longer than an idle connection is kept.
        client, admin = Client(double.url), Admin(double.url)
        admin.flush()
        after, checks = self.known(admin), self.checks
        checks.that(result["requests"] >= count, f"{result['requests']} of {count} answered")
        checks.that(result["errors"] == 0, f"{result['errors']} requests failed")
        endpoints = admin.json("GET", "/admin/endpoints?per_page=1")["total"]
        checks.that(endpoints <= ENDPOINTS_MAX, f"{endpoints} endpoints, limit {ENDPOINTS_MAX}")
        peak = double.memory_mib("VmHWM")
        budget = QUEUE_MAX_BYTES / 2**20 + CONNECTIONS * CONNECTION_BUDGET_MIB
        budget += PATHS_BUDGET_MIB
        checks.that(peak <= budget, f"peak {peak:.1f} MiB, budget {budget:.0f}")
        dropped = {n: v for n, v in admin.metrics().items() if "dropped" in n}
        learned, asked = after - before, result["requests"] // 50
        # Drops are allowed here too, they are counted; learning at all is what must not stop.
        checks.that(
            learned >= 0.9 * asked - sum(dropped.values()) and learned > 0,
            f"the known endpoint learned {learned} of about {asked} more, dropped {dropped}",
        )
        for n in range(100):
            client.ask("GET", f"{KNOWN}/{n}")
        admin.flush()
        more = self.known(admin) - after
        checks.that(more == 100, f"and after the storm {more} of 100")
        double.stop()

    def known(self, admin):
        """Observations of the known endpoint; none when its template did not survive."""
        told = admin.explain("GET", f"{KNOWN}/7")
        if told["endpoint_id"] is None or not told["template"].startswith(f"{KNOWN}/"):
            print(f"      {KNOWN}/7 belongs to {told['template']}")
            return 0
        return admin.json("GET", f"/admin/endpoints/{told['endpoint_id']}")["observations"]


def main():
    parser = harness.arguments(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--bodies", type=int, default=20_000, help="exchanges of 64 KiB")
    parser.add_argument("--paths", type=int, default=100_000, help="random distinct paths")
    options = parser.parse_args()
    with harness.workplace() as (folder, servers):
        overload = Overload(options, folder, servers)
        overload.stalled()
        overload.random_paths()
    overload.checks.exit()


if __name__ == "__main__":
    main()

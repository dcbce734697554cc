#!/usr/bin/env python3
"""Measures what learning costs a request, and who waits for it when the double is busy.

1. A quiet stream, 100 requests a second: CPU of the whole process per request with learning on and
   off, learning threads, database and all included. The difference is to stay under 100 us, once
   the endpoints are known: what is new is learned with care, and only once.
2. As many requests as `wrk` can send: how long a flush and a change by a person take meanwhile
   (p99 under 500 and 50 ms), and that no timing or status is dropped.

Exits with 1 when something missed.
"""

import statistics
import threading
import time

import harness
from harness import Admin, Checks, Client

RATE_PER_S = 100
LEARNING_COST_US_MAX = 100
FLUSH_MS_MAX = 500
CHANGE_MS_MAX = 50
CONNECTIONS = 32
# Different resources that bodies are asked for.
RESOURCES = 256

LUA = f"""
local n = 0
function request()
  n = n % {RESOURCES} + 1
  return wrk.format("GET", "/generated/" .. n)
end
"""


def arguments():
    parser = harness.arguments(__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=3000, help="requests of the quiet stream")
    parser.add_argument("--seconds", type=int, default=10, help="length of the load")
    parser.add_argument("--rounds", type=int, default=3, help="pairs of quiet streams")
    parser.add_argument("--warm-up", type=int, default=2000, help="requests before the first pair")
    return parser.parse_args()


def stream(doubles, requests):
    """Asks each double in turn at the rate; CPU of each per request, in us."""
    clients = [Client(double.url) for double in doubles]
    before = [double.cpu_s() for double in doubles]
    begun = time.monotonic()
    for n in range(requests):
        path = "/static" if n % 4 == 0 else f"/generated/{n % RESOURCES + 1}"
        for client in clients:
            client.ask("GET", path)
        time.sleep(max(0.0, begun + (n + 1) / RATE_PER_S - time.monotonic()))
    return [
        (double.cpu_s() - cpu) * 1e6 / requests for double, cpu in zip(doubles, before)
    ]


def quiet(options, binary, target, folder, servers, checks):
    start = harness.start_double
    learning = start(servers, binary, target, folder, database="on.db")
    plain = start(servers, binary, target, folder, "--learn", "off", database="off.db")
    rows = []
    stream([learning, plain], options.warm_up)
    for _ in range(options.rounds):
        on, off = stream([learning, plain], options.requests)
        rows.append((on, off, on - off))
    harness.table([[n + 1, *(f"{us:.0f}" for us in row)] for n, row in enumerate(rows)],
                  ["round", "learning on, us", "off, us", "difference"])  # fmt: skip
    cost = statistics.median(row[2] for row in rows)
    what = f"learning costs {cost:.0f} us a request at {RATE_PER_S} requests a second"
    checks.that(cost < LEARNING_COST_US_MAX, what)
    for double in (learning, plain):
        double.stop()


def p99(times_ms):
    times_ms = sorted(times_ms)
    return times_ms[min(len(times_ms) - 1, int(len(times_ms) * 0.99))]


def timed(order, until, into):
    """Repeats an order until a moment; how long each took, in ms."""
    while time.monotonic() < until:
        begun = time.monotonic()
        order()
        into.append((time.monotonic() - begun) * 1_000)
        time.sleep(0.02)


def busy(options, binary, target, folder, servers, checks):
    double = harness.start_double(servers, binary, target, folder, database="busy.db")
    script = folder / "resources.lua"
    script.write_text(LUA)
    Client(double.url).ask("GET", "/generated/1")
    admin = Admin(double.url)
    admin.flush()
    endpoint = admin.endpoints()[0]["id"]
    flushes, changes = [], []
    until = time.monotonic() + options.seconds - 1
    change = {"learn": True}
    changer = Admin(double.url)
    orders = [
        threading.Thread(target=timed, args=(admin.flush, until, flushes)),
        threading.Thread(target=timed, args=(
            lambda: changer.json("PATCH", f"/admin/endpoints/{endpoint}", change), until, changes,
        )),
    ]  # fmt: skip
    for order in orders:
        order.start()
    load = harness.wrk(
        double.url, seconds=options.seconds, connections=CONNECTIONS, script=script
    )
    for order in orders:
        order.join()
    metrics = Admin(double.url).metrics()
    figures = [
        ["requests a second", f"{load['per_s']:,.0f}"],
        ["flushes", len(flushes)], ["flush p50 ms", f"{statistics.median(flushes):.0f}"],
        ["flush p99 ms", f"{p99(flushes):.0f}"],
        ["changes", len(changes)], ["change p50 ms", f"{statistics.median(changes):.1f}"],
        ["change p99 ms", f"{p99(changes):.1f}"],
        ["bodies unsampled", metrics["stunt_double_bodies_unsampled_total"]],
        ["dropped", metrics["stunt_double_observations_dropped_total"]],
        ["accepted", metrics["stunt_double_observations_accepted_total"]],
    ]  # fmt: skip
    harness.table(figures, ["under load", ""])
    checks.that(load["errors"] == 0, f"{load['errors']} errors under load")
    checks.that(p99(flushes) < FLUSH_MS_MAX, f"flush p99 {p99(flushes):.0f} ms")
    checks.that(p99(changes) < CHANGE_MS_MAX, f"change p99 {p99(changes):.1f} ms")
    dropped = metrics["stunt_double_observations_dropped_total"]
    checks.that(dropped == 0, f"{dropped:.0f} observations dropped")


def main():
    options, checks = arguments(), Checks()
    paths = harness.binaries(options, tools=["reference_server"])
    binary = paths["stunt-double"]
    with harness.workplace() as (folder, servers):
        command = [paths["reference_server"], "serve"]
        target = harness.start(servers, command, folder / "backend.log").url
        quiet(options, binary, target, folder, servers, checks)
        busy(options, binary, target, folder, servers, checks)
    checks.exit()


if __name__ == "__main__":
    main()

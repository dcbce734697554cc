#!/usr/bin/env python3
"""Measures what the double costs to have around: how long a start takes, and how much memory.

Cold start is from the start of the process to the first complete mocked answer (404 while nothing
is learned), with an empty database and with about 1,000 learned endpoints. Memory is the resident
set when idle, after proxying with learning on under load, in slices, to show that it is flat, and
with 1,000 and 10,000 endpoints of small and of large bodies, each seen three times.
`docs` and `goals` speak of the same figures; nothing is judged here but errors.
"""

import http.server
import json
import statistics
import threading
import time

import harness
from harness import Admin, Checks, Client

ROUNDS = 9
NOUNS = (
    "accounts invoices orders customers products carts payments refunds shipments addresses "
    "warehouses suppliers employees teams projects tasks tickets comments articles photos albums "
    "playlists tracks events venues bookings flights hotels rooms reviews messages channels"
).split()
PARTS = (
    "summary history settings members notes labels permissions metrics exports imports drafts "
    "archive audit limits quotas tokens hooks templates versions relations totals alerts "
    "schedules reports contacts documents policies status"
).split()
ENTITIES = 3
LOAD_SLICES = 3
# What follows a noun and a part, for more endpoints than there are pairs of them.
DEEDS = ("", "/items", "/drafts", "/log", "/rules", "/shares", "/owners", "/costs", "/media", "/runs",
         "/plans")  # fmt: skip
SEEN = 3
# Items in a large body: some 20 KiB of JSON.
ITEMS = 100
MOCK = [("X-Mock-Enabled", "true"), ("X-Mock-Latency", "off")]


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers each kind of path with an object of its own keys, so that no two are alike."""

    protocol_version = "HTTP/1.1"
    # Head and body in one write: in two, Nagle's algorithm holds the body back for 40 ms.
    wbufsize = 64 * 1024

    def do_GET(self):
        number = "".join(filter(str.isdigit, self.path)) or "0"
        kind = "_".join(part for part in self.path.split("/") if not part.isdigit()).strip("_")
        body = {"id": int(number), "kind": kind}
        body |= {f"{kind}_{n}": [n, f"{kind} {n}", n * 0.5, n % 2 == 0] for n in range(6)}
        if "large" in self.headers.get("X-Size", ""):
            item = {f"{kind}_{n}": n for n in range(6)}
            body["items"] = [item | {"id": n, "name": f"{kind} {n}"} for n in range(ITEMS)]
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


def templates(count):
    """So many paths, each to be followed by an id."""
    made = [f"/{noun}/{part}{deed}" for deed in DEEDS for noun in NOUNS for part in PARTS]
    return made[:count]


def endpoints_row(servers, binary, target, folder, count, size):
    """RSS with so many endpoints, the tape's part told apart."""
    flags = ["--endpoints-max", str(count + 100), "--model-max-bytes", str(1 << 30)]
    database = f"{size}-{count}.db"
    double = harness.start_double(servers, binary, target, folder, *flags, database=database)
    idle, client, admin = double.memory_mib(), Client(double.url), Admin(double.url)
    for number in range(SEEN):
        for path in templates(count):
            client.ask("GET", f"{path}/{number}", headers=[("X-Size", size)])
    admin.flush()
    metrics, rss = admin.metrics(), double.memory_mib()
    known = metrics["stunt_double_endpoints"]
    models = metrics["stunt_double_models_bytes"] / 1024 / known
    tape = metrics["stunt_double_tape_bytes"] / 1024 / 1024
    double.stop()
    each = (rss - idle - tape) * 1024 / known
    return [f"{known:.0f} endpoints, {size} bodies", f"{rss:.0f}", f"{tape:.0f}", f"{each:.0f}",
            f"{models:.0f}"]  # fmt: skip


def backend(servers):
    """A server of this process; its threads end with it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    servers.callback(server.shutdown)
    return f"http://127.0.0.1:{server.server_address[1]}"


def paths():
    """About a thousand kinds of paths, each with a few entities."""
    for noun in NOUNS:
        yield f"/{noun}"
        for entity in range(1, ENTITIES + 1):
            yield f"/{noun}/{entity}"
            for part in PARTS:
                yield f"/{noun}/{entity}/{part}"


def cold_start_ms(servers, binary, target, folder, database, path):
    """From the start of the process to the first complete answer."""
    begun = time.monotonic()
    double = harness.start_double(servers, binary, target, folder, database=database)
    status, _, _ = Client(double.url).ask("GET", path, headers=MOCK)
    took = (time.monotonic() - begun) * 1000
    memory = double.memory_mib()
    double.stop()
    return took, memory, status


def main():
    parser = harness.arguments(__doc__.splitlines()[0])
    parser.add_argument("--endpoints", type=int, nargs="*", default=[1_000, 10_000])
    options = parser.parse_args()
    binary = harness.binaries(options)["stunt-double"]
    checks = Checks()
    with harness.workplace() as (folder, servers):
        target = backend(servers)
        sizes = [
            endpoints_row(servers, binary, target, folder, count, size)
            for count in options.endpoints for size in ("small", "large")
        ]  # fmt: skip
        head = ["", "RSS, MiB", "tape, MiB", "each endpoint, KiB", "its model, KiB"]
        harness.table(sizes, head)
        double = harness.start_double(servers, binary, target, folder, "--endpoints-max", "2000")
        client, admin = Client(double.url), Admin(double.url)
        bad = sum(client.ask("GET", path)[0] != 200 for path in paths())
        checks.that(bad == 0, f"{bad} proxied requests failed")
        admin.flush()
        learned = len(admin.endpoints())
        rows = [[f"after learning {learned} endpoints", "", f"{double.memory_mib():.1f}"]]
        for number in range(LOAD_SLICES):
            load = harness.wrk(f"{double.url}/orders/7", seconds=5, connections=16)
            checks.that(load["errors"] == 0, f"{load['errors']} errors in {load['requests']}")
            rows.append([f"after {5 * (number + 1)} s of load", "", f"{double.memory_mib():.1f}"])
        checks.that(double.stop()[0] == 0, "the double stops with 0")
        for name, database, path, expected in (
            ("nothing learned", "empty.db", "/none", 404),
            (f"{learned} endpoints", "learned.db", "/orders/7", 200),
        ):
            runs = [
                cold_start_ms(servers, binary, target, folder, database, path)
                for _ in range(ROUNDS)
            ]
            checks.that(all(run[2] == expected for run in runs), f"{name}: answers {expected}")
            took = statistics.median(run[0] for run in runs)
            memory = statistics.median(run[1] for run in runs)
            rows.append([f"cold start, {name}", f"{took:.0f}", f"{memory:.1f}"])
    harness.table(rows, ["", "first answer, ms", "RSS, MiB"])
    checks.exit()


if __name__ == "__main__":
    main()

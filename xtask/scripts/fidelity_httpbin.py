#!/usr/bin/env python3
"""Proxies and plays httpbin, and compares both with the original.

1. Serves httpbin from PyPI on loopback and starts the double in front of it.
2. Sends varied requests directly and through the double; the answers must be equal except for the
   declared changes below.
3. Unless `--learn off` or `--mocks 0` is given, flushes, stops httpbin, and asks the double for
   mocks of every endpoint: the status mix must be within 5 percentage points and the mean latency
   within 10 % or 2 ms of what was observed.

Prints a table per endpoint; exits with 1 when something missed.
"""

import argparse
import base64
import collections
import gzip
import json
import random
import re
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse
import venv

import harness
from harness import Admin, Checks, Client, header

# Headers that differ by declaration: hop-by-hop (RFC 9110, 7.6.1), the instant of the answer, what
# the contract adds, and the trace of an intermediary.
DECLARED = {
    "connection", "keep-alive", "transfer-encoding", "date", "via",
    "x-mock-source", "x-mock-endpoint", "x-mock-request-id", "x-mock-chaos",
}  # fmt: skip
# What httpbin draws at random or from the clock, in headers and bodies.
DRAWN_HEADERS = {
    "/cache": {"etag", "last-modified"},
    "/digest-auth": {"www-authenticate", "set-cookie"},
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Four clients overlap slow and quick requests without making Python the slowest part.
CLIENTS = 4
STATUS_TOLERANCE = 0.05
LATENCY_TOLERANCE = 0.10
LATENCY_TOLERANCE_MS = 2.0


class Case:
    """One request. `family` names the route, for what is drawn at random."""

    def __init__(self, method, path, body=None, headers=(), chunked=False):
        self.method, self.path, self.body = method, path, body
        self.headers, self.chunked = list(headers), chunked
        self.family = "/" + path.split("?")[0].split("/")[1]

    def ask(self, client, *more):
        """Status, headers, body, and the time it took in ms; `more` are further headers."""
        begun = time.perf_counter()
        headers = [*self.headers, *more]
        answer = client.ask(self.method, self.path, self.body, headers, self.chunked)
        return *answer, (time.perf_counter() - begun) * 1_000

    def __str__(self):
        return f"{self.method} {self.path}"


def cases(draw, count):
    """`count` requests in random order: every maker in turn."""
    made = [make(draw) for _, make in zip(range(count), every_maker())]
    draw.shuffle(made)
    return made


def every_maker():
    while True:
        yield from MAKERS


def query(draw):
    keys = draw.sample(["q", "page", "sort", "tag", "lang"], draw.randint(0, 3))
    pairs = [(key, word(draw)) for key in keys]
    return "?" + urllib.parse.urlencode(pairs + pairs[:1]) if pairs else ""


def word(draw):
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9)))


def document(draw):
    return {
        "id": draw.randint(1, 9_999),
        "name": word(draw),
        "price": round(draw.uniform(1, 99), 2),
        "tags": [word(draw) for _ in range(draw.randint(0, 4))],
        "owner": {"email": f"{word(draw)}@example.com", "active": draw.random() < 0.5},
        "note": draw.choice([None, "grüße", "日本語"]),
    }


def accept(draw):
    return [("Accept", draw.choice(["*/*", "application/json"])), ("X-Team", word(draw))]


def get(template):
    """A maker for a GET whose braces are filled with what `fill` draws."""
    return lambda draw: Case("GET", fill(template, draw), headers=accept(draw))


def fill(template, draw):
    makers = {
        "n": lambda: str(draw.randint(1, 900)),
        "small": lambda: str(draw.randint(1, 5)),
        "word": lambda: word(draw),
        "q": lambda: query(draw),
        "seed": lambda: str(draw.randint(1, 99_999)),
        "delay": lambda: draw.choice(["0.02", "0.05", "0.1"]),
        "b64": lambda: base64.urlsafe_b64encode(word(draw).encode()).decode(),
    }
    return re.sub(r"\{(\w+)\}", lambda match: makers[match[1]](), template)


def with_body(method, path):
    def make(draw):
        kind = draw.choice(["json", "form", "multipart", "text", "binary", "large", "empty"])
        if kind == "json":
            body, media = json.dumps(document(draw)).encode(), "application/json"
        elif kind == "form":
            pairs = [("name", word(draw)), ("age", draw.randint(1, 99)), ("tag", "a"), ("tag", "b")]
            body = urllib.parse.urlencode(pairs).encode()
            media = "application/x-www-form-urlencoded"
        elif kind == "multipart":
            part = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
            body = f"--limit\r\n{part}\r\n\r\n{word(draw)}\r\n--limit--\r\n".encode()
            media = "multipart/form-data; boundary=limit"
        elif kind == "text":
            body, media = ("grüße " + word(draw)).encode(), "text/plain; charset=utf-8"
        elif kind == "binary":
            body, media = draw.randbytes(draw.randint(1, 3_000)), "application/octet-stream"
        elif kind == "large":
            body, media = (word(draw) * 40_000)[:200_000].encode(), "text/plain"
        else:
            body, media = b"", "application/json"
        chunked = bool(body) and draw.random() < 0.25
        return Case(method, fill(path, draw), body, [("Content-Type", media)], chunked)

    return make


def status(method):
    codes = [200, 201, 202, 204, 304, 400, 401, 403, 404, 406, 409, 418, 422, 429, 500, 502, 503]
    return lambda draw: Case(method, f"/status/{draw.choice(codes)}")


def basic_auth(draw):
    right = draw.random() < 0.7
    token = base64.b64encode(f"user:{'secret' if right else 'guess'}".encode()).decode()
    return Case("GET", "/basic-auth/user/secret", headers=[("Authorization", f"Basic {token}")])


def bearer(draw):
    headers = [("Authorization", f"Bearer {word(draw)}")] if draw.random() < 0.7 else []
    return Case("GET", "/bearer", headers=headers)


def cookies(draw):
    return Case("GET", "/cookies", headers=[("Cookie", f"a={word(draw)}; b={word(draw)}")])


def byte_range(draw):
    start = draw.randint(0, 50)
    headers = [("Range", f"bytes={start}-{start + 20}")] if draw.random() < 0.6 else []
    return Case("GET", "/range/100", headers=headers)


def conditional(path, name, value):
    def make(draw):
        return Case("GET", path, headers=[(name, value)] if draw.random() < 0.5 else [])

    return make


def redirect_to(draw):
    code = draw.choice([301, 302, 303, 307, 308])
    return Case("GET", f"/redirect-to?url=%2Fget%3Fa%3D1&status_code={code}")


def response_headers(draw):
    return Case("GET", f"/response-headers?X-One={word(draw)}&X-Twice=1&X-Twice=2")


def image(draw):
    kind = draw.choice(["png", "jpeg", "webp", "svg+xml"])
    return Case("GET", "/image", headers=[("Accept", f"image/{kind}")])


MAKERS = [
    get("/get{q}"), get("/headers"), get("/ip"), get("/user-agent"), get("/uuid"), get("/json"),
    get("/xml"), get("/html"), get("/robots.txt"), get("/deny"), get("/encoding/utf8"),
    get("/gzip"), get("/deflate"), get("/brotli"), get("/anything{q}"), get("/anything/{n}{q}"),
    get("/anything/users/{n}"), get("/delay/{delay}"), get("/base64/{b64}"),
    get("/bytes/{n}?seed={seed}"), get("/stream-bytes/{n}?seed={seed}"), get("/stream/{small}"),
    get("/range/{n}"), get("/links/{small}/0"), get("/redirect/{small}"),
    get("/relative-redirect/{small}"), get("/absolute-redirect/{small}"),
    get("/cookies/set/{word}/{word}"), get("/cookies/delete?{word}="), get("/cache/{n}"),
    get("/image/png"), get("/image/jpeg"), get("/forms/post"), get("/digest-auth/auth/user/secret"),
    get("/no/such/page"), lambda draw: Case("HEAD", "/get"), lambda draw: Case("HEAD", "/json"),
    lambda draw: Case("OPTIONS", "/get"), status("GET"), status("GET"), status("POST"),
    status("DELETE"), basic_auth, bearer, cookies, byte_range, redirect_to, response_headers, image,
    conditional("/etag/tag", "If-None-Match", '"tag"'),
    conditional("/etag/tag", "If-Match", '"no"'),
    conditional("/cache", "If-Modified-Since", "Thu, 01 Jan 2026 00:00:00 GMT"),
    with_body("POST", "/post"), with_body("POST", "/post"), with_body("PUT", "/put"),
    with_body("PATCH", "/patch"), with_body("DELETE", "/delete"),
    with_body("POST", "/anything/orders/{n}"),
]  # fmt: skip


def difference(case, direct, through):
    """What is not equal and not declared, or None."""
    if direct[0] != through[0]:
        return f"status {direct[0]} became {through[0]}"
    drawn = DRAWN_HEADERS.get(case.family, set())
    headers = [comparable_headers(answer[1], drawn) for answer in (direct, through)]
    if case.family == "/gzip":  # the body carries the time of its making
        headers = [{**pairs, "content-length": None} for pairs in headers]
    if headers[0] != headers[1]:
        return f"headers {headers[0]} became {headers[1]}"
    if header(through[1], "X-Mock-Source") != "upstream":
        return f"X-Mock-Source is {header(through[1], 'X-Mock-Source')}"
    bodies = [comparable_body(case, answer) for answer in (direct, through)]
    if bodies[0] != bodies[1]:
        return f"body {bodies[0][:300]!r} became {bodies[1][:300]!r}"
    return None


def comparable_headers(headers, drawn):
    kept = collections.defaultdict(list)
    for name, value in headers:
        if name.lower() not in DECLARED:
            kept[name.lower()].append("drawn" if name.lower() in drawn else value)
    return dict(kept)


def comparable_body(case, answer):
    """The bytes, unless the body is drawn, stamped with the time, or echoes an order.

    The order of header fields with different names carries no meaning (RFC 9110, 5.3).
    """
    _, headers, body, _ = answer
    if case.family == "/uuid":
        return UUID.sub("a uuid", body.decode())
    if case.family == "/gzip":
        return gzip.decompress(body)
    if case.family == "/stream":  # echoes request headers in their order, which may change
        lines = (json.loads(line) for line in body.splitlines())
        return "\n".join(json.dumps(line, sort_keys=True) for line in lines)
    return body


class Log:
    """What came through the double: status and latency, in order, per request."""

    def __init__(self):
        self.lock = threading.Lock()
        self.answers, self.misses = [], []


def observe(work, backend_url, double_url, log):
    direct, through = Client(backend_url), Client(double_url)
    # httpbin echoes this header of an intermediary in bodies: the direct request has it as well.
    hop = ("X-Forwarded-Host", through.address)
    for case in work:
        try:
            original, copy = case.ask(direct, hop), case.ask(through)
            miss = difference(case, original, copy)
        except Exception as error:  # a broken answer is a finding, not the end of the run
            miss, copy = f"{type(error).__name__}: {error}", None
        with log.lock:
            if miss:
                log.misses.append(f"{case}: {miss}")
            if copy:
                log.answers.append((case, copy[0], copy[3]))


def in_parallel(work, count, run):
    threads = [threading.Thread(target=run, args=(work[n::count],)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def serve_httpbin(servers, folder):
    """Installs httpbin into an environment of its own and serves it."""
    print("installing httpbin and gunicorn", flush=True)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "httpbin", "gunicorn"]
    subprocess.run(install, check=True)
    url = f"http://127.0.0.1:{harness.free_port()}"
    # Threads, not processes, so that slow answers overlap; connections stay open.
    command = [python, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "16"]
    command += ["--keep-alive", "30", "--log-level", "warning", "--bind", url.split("//")[1]]
    command += ["httpbin:app"]
    server = harness.start(servers, command, folder / "httpbin.log", url=url)
    if not harness.until(lambda: harness.answers(url), harness.START_TIMEOUT_S, 0.1):
        sys.exit(f"httpbin did not start:\n{server.log_tail()}")
    return server


def endpoints_of(double_url, answers):
    """The answers by the endpoint they belong to now that everything is learned."""
    client, known, groups = Client(double_url), {}, collections.defaultdict(list)
    steered = [("X-Mock-Enabled", "true"), ("X-Mock-Latency", "off")]
    for case, code, latency in answers:
        key = (case.method, case.path.split("?")[0])
        if key not in known:
            _, headers, _, _ = case.ask(client, *steered)
            unknown = header(headers, "X-Mock-Error")
            known[key] = None if unknown else header(headers, "X-Mock-Endpoint")
        groups[known[key]].append((case, code, latency))
    return groups


def mock(double_url, observed, count):
    """`count` mocks of one endpoint; statuses, latencies, and what was no mock."""
    results, lock = [], threading.Lock()
    work = [observed[n % len(observed)][0] for n in range(count)]

    def run(part):
        client = Client(double_url)
        for case in part:
            try:
                code, headers, _, latency = case.ask(client)
                source = header(headers, "X-Mock-Source")
                if error := header(headers, "X-Mock-Error"):
                    source = f"{source}/{error}"
            except Exception as error:
                code, latency, source = 0, 0.0, type(error).__name__
            with lock:
                results.append((code, latency, source))

    in_parallel(work, CLIENTS, run)
    return results


def judge(name, observed, mocks):
    """The table row of an endpoint and whether it held."""
    seen = collections.Counter(code for _, code, _ in observed)
    played = collections.Counter(code for code, _, _ in mocks)
    gaps = (abs(seen[c] / len(observed) - played[c] / len(mocks)) for c in seen | played)
    gap = max(gaps)
    was = statistics.fmean(latency for _, _, latency in observed)
    now = statistics.fmean(latency for _, latency, _ in mocks)
    foreign = collections.Counter(source for _, _, source in mocks if source != "mock")
    status_held = gap <= STATUS_TOLERANCE
    latency_held = abs(now - was) <= max(LATENCY_TOLERANCE * was, LATENCY_TOLERANCE_MS)
    verdict = [
        *([] if status_held else ["status"]),
        *([] if latency_held else ["latency"]),
        *(f"{count} {source}" for source, count in foreign.items()),
    ]
    row = [name, len(observed), len(seen), f"{gap * 100:.1f}", f"{was:.2f}", f"{now:.2f}"]
    return [*row, " ".join(verdict) or "ok"], not verdict


def main():
    parser = harness.arguments(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--requests", type=int, default=3_000, help="requests through the double")
    parser.add_argument("--mocks", type=int, default=500, help="mocks per endpoint, 0 for none")
    parser.add_argument("--learn", choices=["on", "off"], default="on", help="off leaves mocks out")
    options = parser.parse_args()
    binary = harness.binaries(options)["stunt-double"]
    checks, log = Checks(), Log()
    with harness.workplace() as (folder, servers):
        backend = serve_httpbin(servers, folder)
        seed = str(options.seed)
        flags = ["--seed", seed, "--learn", options.learn]
        double = harness.start_double(servers, binary, backend.url, folder, *flags)
        admin = Admin(double.url)
        work = cases(random.Random(options.seed), options.requests)
        begun = time.monotonic()
        in_parallel(work, CLIENTS, lambda part: observe(part, backend.url, double.url, log))
        print(f"{len(work)} requests, directly and through the double: "
              f"{time.monotonic() - begun:.1f} s")  # fmt: skip
        for miss in log.misses[:20]:
            print(f"      {miss}")
        checks.that(not log.misses, f"{len(log.misses)} of {len(work)} answers differ")
        if options.learn == "off" or options.mocks == 0:
            checks.exit()
        admin.flush()
        groups = endpoints_of(double.url, log.answers)
        # A path that only ever answered 404 is no endpoint.
        lost = [answer for answer in groups.pop(None, []) if answer[1] != 404]
        for name, count in collections.Counter(str(case) for case, _, _ in lost).most_common(20):
            print(f"      no endpoint answers {name} ({count} requests)")
        checks.that(not lost, f"{len(lost)} requests without an endpoint")
        admin.json("PATCH", "/admin/settings", {"mode": "mock"})
        backend.stop()
        rows = []
        for name in sorted(groups):
            row, held = judge(name, groups[name], mock(double.url, groups[name], options.mocks))
            checks.failed += not held
            rows.append(row)
        head = ["endpoint", "seen", "statuses", "gap pp", "mean ms", "mock ms", "held"]
        harness.table(rows, head)
        print(f"\nmetrics: {dropped(admin)}")
    checks.exit()


def dropped(admin):
    counts = {name: value for name, value in admin.metrics().items() if "drop" in name}
    return ", ".join(f"{name} {value:.0f}" for name, value in counts.items()) or "no drops counted"


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Teaches the double a real server (Kinto), stops that, and lets its own OpenAPI document judge.

Kinto and schemathesis are installed from PyPI into a virtual environment in a temporary folder
(or taken from `--venv`). Kinto runs with memory back ends and is driven through the double with
creates, lists, reads, updates, deletes, filters and errors. Then:

1. the learned templates are compared with the paths of Kinto's document that were exercised;
2. lists are walked: each item is opened, and must be what its detail answers;
3. schemathesis checks the real server through the double (`response_schema_conformance`), then the
   double in mock mode with the backend stopped, by the same calls: the mock may have no violation
   that the real server does not have.

    cargo xtask fidelity kinto --profile release
"""

import base64
import json
import pathlib
import random
import re
import subprocess
import sys
import venv

import harness

# Objects made in all: enough for every status to be seen some dozens of times.
RECORDS = 60
# Calls of schemathesis per operation.
EXAMPLES = 12
TIMEOUT_S = 420
# Kinto imports for many seconds on a busy machine.
KINTO_START_S = 60

INI = """\
[server:main]
use = egg:waitress
host = 127.0.0.1
port = {port}
threads = 4
[app:main]
use = egg:kinto
kinto.storage_backend = kinto.core.storage.memory
kinto.permission_backend = kinto.core.permission.memory
kinto.cache_backend = kinto.core.cache.memory
kinto.userid_hmac_secret = a-secret-of-the-test
kinto.bucket_create_principals = system.Everyone
kinto.includes = kinto.plugins.default_bucket
multiauth.policies = basicauth
multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy
"""

WORDS = "oak elm ash fir yew bay fig box may sal".split()

AUTH = "Basic " + base64.b64encode(b"user:word").decode()


class Visitor:
    """A client of Kinto's."""

    def __init__(self, url, *steering):
        self.client = harness.Client(url)
        self.steering = steering

    def ask(self, method, path, document=None, headers=()):
        headers = [("Authorization", AUTH), ("Accept", "application/json"), *headers]
        headers += self.steering
        body = None
        if document is not None:
            body = json.dumps(document).encode()
            headers.append(("Content-Type", "application/json"))
        status, headers, content = self.client.ask(method, "/v1" + path, body, headers)
        return status, headers, json.loads(content) if content.strip() else None


def teach(url, chance):
    """Creates, lists, reads, updates, deletes, filters, errors."""
    ask = Visitor(url).ask
    for n in range(10):
        bucket = f"/buckets/b{n}"
        ask("PUT", bucket, {"data": {"rank": n}})
        things = [bucket]
        for m in range(4):
            name = f"{WORDS[n]}{m}"
            ask("PUT", f"{bucket}/collections/c{name}", {"data": {"kind": "text"}})
            ask("PUT", f"{bucket}/groups/g{name}", {"data": {"members": [f"basicauth:{n}"]}})
            things += [f"{bucket}/collections/c{name}", f"{bucket}/groups/g{name}"]
        ask("PUT", f"{bucket}/collections/articles", {"data": {"kind": "text"}})
        for path in things:
            for _ in range(2):
                ask("GET", path)
            ask("PATCH", path, {"data": {"rank": n + 1}})
        for path in things[-2:]:
            ask("DELETE", path)
            ask("GET", path)
    for n in range(RECORDS):
        home = f"/buckets/b{n % 10}/collections/articles/records"
        draft = {"title": f"Title {n}", "votes": chance.randrange(100), "done": n % 3 == 0}
        status, _, created = ask("POST", home, {"data": draft})
        if status != 201:
            sys.exit(f"Kinto does not create: {status} {created}")
        path = f"{home}/{created['data']['id']}"
        ask("GET", path)
        ask("PUT", path, {"data": {**draft, "votes": chance.randrange(100)}})
        ask("PATCH", path, {"data": {"done": True}})
        if n % 5 == 0:
            ask("DELETE", path)
            ask("GET", path)
        ask("GET", f"{home}/missing-{n}")
        ask("POST", home, {"data": "no object"})
        if n % 3 == 0:
            for query in ("", "?_limit=3", "?_sort=-votes", "?done=true", "?min_votes=50"):
                ask("GET", home + query)
    for n in range(12):
        for path in ("/", "/__heartbeat__", "/buckets", f"/buckets/b{n % 10}/collections"):
            ask("GET", path)
        ask("GET", f"/buckets/b{n % 10}/groups")
        ask("GET", f"/buckets/b{n % 10}/history")
        ask("GET", f"/buckets/nobody-{n}")


def judged(command, target, document):
    """Operations that break the document; schemathesis makes the calls, the same ones each time."""
    arguments = [command, "run", document, "--url", target, "--no-color", "--continue-on-failure"]
    arguments += ["--checks", "response_schema_conformance", "--header", f"Authorization: {AUTH}"]
    arguments += ["--max-examples", EXAMPLES, "--phases", "fuzzing", "--mode", "positive"]
    arguments += ["--seed", "7", "--workers", "1"]
    words = [str(word) for word in arguments]
    # It keeps a cache where it runs.
    options = {"cwd": pathlib.Path(document).parent, "timeout": TIMEOUT_S}
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode not in (0, 1):
        sys.exit(f"schemathesis failed:\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}")
    calls = re.search(r"(\d+) generated", done.stdout)
    print(f"      {calls[1] if calls else 'no'} calls to {target}")
    blocks = re.findall(r"^_+ ([A-Z]+ /\S*) _+$(.*?)(?=^_{4,}|^={4,})", done.stdout, re.M | re.S)
    return {operation: text.strip()[:1500] for operation, text in blocks}, int(calls[1])


def agreement(url):
    """Opens every item of mocked lists; pairs of members that agree, and those that do not."""
    steering = [("X-Mock-Enabled", "true"), ("X-Mock-Status", "200")]
    ask = Visitor(url, *steering).ask
    same, different = 0, []
    for n in range(10):
        home = f"/buckets/b{n}/collections/articles/records"
        _, _, listed = ask("GET", home)
        for item in (listed or {}).get("data", []):
            _, _, detail = ask("GET", f"{home}/{item['id']}")
            for name in item.keys() & (detail or {}).get("data", {}).keys():
                if item[name] == detail["data"][name]:
                    same += 1
                else:
                    different.append((item["id"], name))
    return same, different


def main():
    parser = harness.arguments(__doc__.splitlines()[0])
    parser.add_argument("--venv", help="an environment with kinto and schemathesis")
    options = parser.parse_args()
    checks = harness.Checks()
    binary = harness.binaries(options)["stunt-double"]
    with harness.workplace() as (folder, servers):
        tools = pathlib.Path(options.venv).resolve() if options.venv else folder / "venv"
        if not options.venv:
            venv.create(tools, with_pip=True)
            install = [tools / "bin/pip", "install", "--quiet", "kinto", "schemathesis"]
            subprocess.run([*map(str, install), "setuptools<81"], check=True)
        port = harness.free_port()
        ini = folder / "kinto.ini"
        ini.write_text(INI.format(port=port))
        url = f"http://127.0.0.1:{port}"
        command = [tools / "bin/kinto", "start", "--ini", ini]
        kinto = harness.start(servers, command, folder / "kinto.log", url=url)
        if not harness.until(lambda: harness.answers(url), KINTO_START_S, 0.2):
            sys.exit(f"Kinto does not start:\n{kinto.log_tail()}")
        flags = ["--latency-scale", "0", "--seed", str(options.seed)]
        double = harness.start_double(servers, binary, url, folder, *flags)
        admin = harness.Admin(double.url)
        teach(double.url, random.Random(options.seed))
        admin.flush()
        document = folder / "openapi.json"
        _, _, api = Visitor(url).ask("GET", "/__api__")
        document.write_text(json.dumps(api))

        learned = {(e["method"], e["path"]) for e in admin.endpoints()}
        shapes = {
            (method.upper(), re.sub(r"\{[^}]+\}", "{}", "/v1" + path))
            for path, methods in api["paths"].items()
            for method in methods
        }
        unknown = sorted(
            f"{method} {path}"
            for method, path in learned
            if (method, re.sub(r"\{[^}]+\}", "{}", path).rstrip("/") or "/") not in shapes
            and (method, re.sub(r"\{[^}]+\}", "{}", path)) not in shapes
        )
        checks.that(not unknown, f"{len(learned)} templates are paths of the document {unknown}")

        same, different = agreement(double.url)
        note = f"{same} values of items are those of their details, {len(different)} are not"
        checks.that(same > 0 and not different, note)

        judge = tools / "bin/schemathesis"
        # Through the double: it learns each operation that the judge calls.
        real, _ = judged(judge, f"{double.url}/v1", document)
        admin.flush()
        kinto.stop()
        admin.json("PATCH", "/admin/settings", {"mode": "mock"})
        mock, calls = judged(judge, f"{double.url}/v1", document)
        for operation, text in mock.items():
            print(f"      {operation}\n{text}\n")
        worse = sorted(mock.keys() - real.keys())
        note = f"{len(real)} operations of the real server break its document, {len(mock)} mocked"
        checks.that(calls > 0 and not worse, f"{note}, none of them alone {worse}")
    checks.exit()


if __name__ == "__main__":
    main()

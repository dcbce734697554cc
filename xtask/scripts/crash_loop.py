#!/usr/bin/env python3
"""Learns under load, kills the double without warning, and checks what is left; again and again.

Each round: restart on the same database, proxy traffic, `POST /admin/flush`, keep the traffic
running, `kill -9` at a random moment. Everything that was flushed must be there after the next
start, and SQLite's `PRAGMA integrity_check` must be clean. Afterwards SIGTERM and SIGINT under load
with a stream open: exit code 0 within 8 s, nothing flushed lost.

Exits with 1 when something missed.
"""

import argparse
import http.client
import random
import shutil
import signal
import sqlite3
import threading
import time

import harness
from harness import Admin, Checks, Client

# Resources of the backend. Observations are added up over all endpoints, so that it does not matter
# into which templates the double divides them, and when.
FAMILIES = ["articles", "carts", "invoices", "orders", "products", "reviews", "shops", "users"]
CLIENTS = 3
# Time the load runs before a flush, in seconds.
LOAD_S = 0.25
# An answer's observation is handed on after its last byte left: a moment for those just answered.
SETTLE_S = 0.2
# The longest an orderly shutdown may take, in seconds (two less than containers are given).
SHUTDOWN_S = 8


class Load:
    """Clients that ask until they are stopped; counts complete answers."""

    def __init__(self, url, seed):
        self.url, self.stopped = url, threading.Event()
        self.answered, self.failed = 0, 0
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.run, args=(random.Random(seed * CLIENTS + n),))
            for n in range(CLIENTS)
        ]
        for thread in self.threads:
            thread.start()

    def run(self, draw):
        client = Client(self.url)
        while not self.stopped.is_set():
            family = draw.choice(FAMILIES)
            method = draw.choice(["GET", "GET", "POST"])
            body = b'{"quantity": 1}' if method == "POST" else None
            try:
                status, _, _ = client.ask(method, f"/{family}/{draw.randint(1, 99_999)}", body)
            except (OSError, http.client.HTTPException):
                status = 0
            with self.lock:
                if status == 200:
                    self.answered += 1
                else:
                    self.failed += 1
            if status == 0:
                time.sleep(SETTLE_S)

    def so_far(self):
        with self.lock:
            return self.answered, self.failed

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def observations(admin):
    """Observations over all endpoints."""
    return sum(endpoint["observations"] for endpoint in admin.endpoints())


def integrity(folder):
    """The verdict of SQLite on a copy of the files as the kill left them."""
    copy = folder / "copy"
    copy.mkdir(exist_ok=True)
    for path in folder.glob("learned.db*"):
        shutil.copy(path, copy)
    with sqlite3.connect(copy / "learned.db") as database:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
    shutil.rmtree(copy)
    return verdict


class Loop:
    def __init__(self, options, folder, servers):
        self.options, self.folder, self.servers = options, folder, servers
        paths = harness.binaries(options, tools=["reference_server"])
        self.binary = paths["stunt-double"]
        log = folder / "backend.log"
        self.backend = harness.start(servers, [paths["reference_server"], "serve"], log)
        self.draw = random.Random(options.seed)
        self.flushed = 0
        self.checks = Checks()

    def round(self, number, end):
        """Start, compare with the last flush, learn, flush, `end` it. Returns what was wrong."""
        double = harness.start_double(self.servers, self.binary, self.backend.url, self.folder)
        wrong = []
        before = observations(Admin(double.url))
        if before < self.flushed:
            wrong.append(f"{before} of {self.flushed} observations are left after the restart")
        load = Load(double.url, number)
        time.sleep(LOAD_S)
        answered, failed = load.so_far()
        time.sleep(SETTLE_S)
        admin = Admin(double.url)
        admin.flush()
        # What came after the flush may be learned already and need not survive.
        learned = observations(admin)
        dropped = sum(value for name, value in admin.metrics().items() if "dropped" in name)
        self.flushed = before + answered if dropped == 0 else before
        if failed:
            wrong.append(f"{failed} requests failed")
        if learned < self.flushed:
            wrong.append(f"{learned} of {self.flushed} observations are learned by the flush")
        time.sleep(self.draw.uniform(0, 0.2))
        wrong += end(double)
        load.stop()
        double.stop(signal.SIGKILL)
        if (verdict := integrity(self.folder)) != "ok":
            wrong.append(f"integrity_check: {verdict}")
        return wrong

    def kill(self, double):
        double.stop(signal.SIGKILL)
        return []

    def ask_to_stop(self, how):
        def end(double):
            stream = Stream(double.url)
            code, took_s = double.stop(how)
            print(f"      {how.name}: exit code {code} after {took_s:.2f} s")
            stream.close()
            wrong = [] if stream.begun else ["the stream did not begin"]
            wrong += [f"exit code {code}"] if code else []
            return wrong + ([f"took {took_s:.1f} s"] if took_s >= SHUTDOWN_S else [])

        return end


class Stream:
    """A client in the middle of an answer that lasts longer than a shutdown may."""

    def __init__(self, url):
        client = Client(url)
        self.connection = http.client.HTTPConnection(client.address, timeout=SHUTDOWN_S)
        self.connection.request("GET", "/stream")
        self.begun = self.connection.getresponse().read(1) != b""

    def close(self):
        self.connection.close()


def main():
    parser = harness.arguments(__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    with harness.workplace() as (folder, servers):
        loop = Loop(options, folder, servers)
        bad = 0
        for number in range(options.rounds):
            wrong = loop.round(number, loop.kill)
            bad += bool(wrong)
            for finding in wrong:
                print(f"      round {number}: {finding}", flush=True)
        kept = loop.flushed
        loop.checks.that(not bad, f"{options.rounds} kills, {kept} observations kept, {bad} bad")
        for how in (signal.SIGTERM, signal.SIGINT):
            wrong = loop.round(options.rounds + how, loop.ask_to_stop(how))
            loop.checks.that(not wrong, f"{how.name} under load: {', '.join(wrong) or 'in order'}")
        wrong = loop.round(0, loop.kill)
        loop.checks.that(not wrong, f"start after it: {', '.join(wrong) or 'nothing lost'}")
    loop.checks.exit()


if __name__ == "__main__":
    main()

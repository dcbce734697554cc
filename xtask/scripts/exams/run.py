#!/usr/bin/env python3
"""Runs these examinations with the scoring of the shared one.

  EXAM_DIR=…/exam EXAM_PORTS=26000-26099 run.py BINARY [NAME …]    (all when none is named)
"""
import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parent), os.environ["EXAM_DIR"]]
import blog  # noqa: E402
import demo  # noqa: E402
import drf  # noqa: E402
import etcd  # noqa: E402
import feathers  # noqa: E402
import jsonapi  # noqa: E402
import jupyter  # noqa: E402
import loopback  # noqa: E402
import pouchdb  # noqa: E402
import redmine  # noqa: E402
import rpc  # noqa: E402
import servers  # noqa: E402
import strict  # noqa: E402
import template  # noqa: E402

OWN = {m.NAME: m for m in (
    drf, pouchdb, blog, etcd, demo, jsonapi, loopback, jupyter, rpc, template, feathers,
    redmine,
)}
strict.MODULES.update(OWN)
for m in (servers, *OWN.values()):
    m.free_port = lambda: strict.common.free_port()
if __name__ == "__main__":
    os.environ["DEMO_BINARY"] = sys.argv[1]
    strict.SITTINGS = int(os.environ.get("EXAM_SITTINGS", strict.SITTINGS))
    print("RESULT", json.dumps({n: strict.examine(sys.argv[1], n, show=int(os.environ.get("EXAM_SHOW", 5))) for n in sys.argv[2:] or OWN}))

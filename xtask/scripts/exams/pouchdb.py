"""PouchDB behind CouchDB's API (npm): any first segment may be a database, `_rev` must be current, bulk with an answer per item, queries by POST."""
import random
import subprocess
from pathlib import Path
from servers import of
from common import HOST, Process, free_port, wait_http

NAME = "pouchdb"
PACKAGES = ["express-pouchdb@4", "express@4", "pouchdb-core@7", "pouchdb-adapter-memory@7", "pouchdb-mapreduce@7", "pouchdb-find@7", "pouchdb-replication@7"]
APP = """
const P = require('pouchdb-core').plugin(require('pouchdb-adapter-memory')).plugin(require('pouchdb-mapreduce')).plugin(require('pouchdb-find')).plugin(require('pouchdb-replication'));
const app = require('express')();
app.use('/', require('express-pouchdb')(P.defaults({adapter: 'memory'}), {mode: 'minimumForPouchDB', inMemoryConfig: true, overrideMode: {include: ['routes/find']}}));
app.listen(+process.argv[2], '127.0.0.1');
"""
KINDS = ["walk", "ride", "swim"]
W = "tarn moor fell glen crag beck holm dale ness firth".split()


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder)
        if not (folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", *PACKAGES], check=True, stdout=subprocess.DEVNULL)
        (folder / "app.js").write_text(APP)
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__(["node", "app.js", str(self.port)], cwd=folder, log=str(folder / "server.log"))
        wait_http(self.base, "/")


def train(make):
    R = random.Random(31)
    c = make("train")
    for n in range(8):
        db = f"/{W[n]}{n}"
        c("GET", db)                                                        # not yet
        c("PUT", f"{db}/early", {"km": 1})
        c("PUT", db)
        c("PUT", db)                                                        # exists
        c("GET", db)
        c("GET", f"{db}/_all_docs")
        revs = {}
        for k in range(8):
            i = f"{R.choice(W)}-{k}{R.randint(10, 99)}"
            body = {"kind": R.choice(KINDS), "km": R.randint(1, 40), "note": f"{R.choice(W)} {R.choice(W)}"}
            x = c("PUT", f"{db}/{i}", body)
            revs[i] = of(x, "rev")
            c("GET", f"{db}/{i}")
            c("PUT", f"{db}/{i}", body)                                     # no revision
            if k % 2:
                x = c("PUT", f"{db}/{i}", {**body, "km": R.randint(1, 40), "_rev": revs[i]})
                c("PUT", f"{db}/{i}", {**body, "km": 0, "_rev": revs[i]})   # too late
                c("DELETE", f"{db}/{i}?rev={revs[i]}")
                revs[i] = of(x, "rev")
                c("GET", f"{db}/{i}")
            if k % 3 == 0:
                y = c("POST", db, {"kind": R.choice(KINDS), "km": R.randint(1, 40)})
                revs[of(y, "id")] = of(y, "rev")
                c("GET", f"{db}/{of(y, 'id')}")
            c("GET", f"{db}/none-{R.randint(100, 999)}")
            c("GET", db)
        c("POST", f"{db}/_bulk_docs", {"docs": [{"_id": f"b{n}-{k}", "kind": R.choice(KINDS), "km": R.randint(1, 40)} for k in range(3)]})
        c("GET", f"{db}/b{n}-1")
        some = list(revs)[:2]
        c("POST", f"{db}/_bulk_docs", {"docs": [{"_id": some[0], "km": 3}, {"_id": f"b{n}-9", "km": 4, "kind": "walk"}, {"_id": some[1], "km": 5, "_rev": revs[some[1]]}]})
        revs[some[1]] = of(c("GET", f"{db}/{some[1]}"), "_rev")
        c("GET", f"{db}/b{n}-9")
        for i in list(revs)[2:5]:
            c("DELETE", f"{db}/{i}?rev={revs[i]}")
            c("GET", f"{db}/{i}")
            c("DELETE", f"{db}/{i}?rev={revs[i]}")
            c("GET", f"{db}/_all_docs")
            c("GET", db)
        c("DELETE", f"{db}/{some[0]}")                                      # no revision
        c("DELETE", f"{db}/nothing-{n}?rev=1-{R.randbytes(16).hex()}")
        for k in range(5):
            c("GET", f"{db}/_all_docs")
            c("GET", f"{db}/_all_docs?include_docs=true")
            c("GET", f"{db}/_all_docs?limit={R.randint(2, 4)}")
            c("GET", f"{db}/_all_docs?limit=3&skip={R.randint(1, 4)}")
            c("GET", f"{db}/_all_docs?descending=true")
            c("POST", f"{db}/_find", {"selector": {"kind": R.choice(KINDS)}})
            c("POST", f"{db}/_find", {"selector": {"km": {"$gt": R.randint(5, 30)}}})
            c("POST", f"{db}/_all_docs", {"keys": R.sample(list(revs)[5:] + [f"b{n}-1", f"b{n}-2"], 2)})
        c("POST", f"{db}/_find", {})
        c("POST", f"{db}/_find", {"selector": {"kind": "fly"}})
        c("GET", "/_all_dbs")
        if n % 2:
            c("DELETE", db)
            c("GET", db)
            c("GET", f"{db}/{some[1]}")
            c("DELETE", db)


def exam(make, rec):
    R = random.Random(91)
    c = make("ana")
    for d, db in enumerate(("/exam-one", "/exam-two")):
        x = c("GET", db)
        rec("scope", f"not yet there, {d}", lambda: x.status == 404, x)
        x = c("PUT", db)
        rec("scope", f"made, {d}", lambda: x.status == 201 and x.json["ok"] is True, x)
        x = c("PUT", db)
        rec("scope", f"not made twice, {d}", lambda: x.status == 412, x)
        x = c("GET", db)
        rec("scope", f"named and empty, {d}", lambda: x.status == 200 and x.json["db_name"] == db[1:] and x.json["doc_count"] == 0, x)
        x = c("GET", f"{db}/_all_docs")
        rec("scope", f"empty list, {d}", lambda: x.status == 200 and x.json["rows"] == [] and x.json["total_rows"] == 0, x)
        docs, rev = {}, {}
        for j in range(5):
            k, i = 5 * d + j, f"{W[9 - j]}-{j}"
            docs[i] = {"kind": KINDS[j % 3], "km": 5 + 6 * j, "note": f"{W[j]} {W[j + 3]}"}
            x = c("PUT", f"{db}/{i}", docs[i])
            rec("create", f"created, {k}", lambda: x.status == 201 and x.json["id"] == i and x.json["rev"].startswith("1-"), x)
            rev[i] = of(x, "rev")
            x = c("GET", f"{db}/{i}")
            rec("read your write", f"item, {k}", lambda: x.status == 200 and x.json == {**docs[i], "_id": i, "_rev": rev[i]}, x)
            x = c("GET", db)
            rec("in the list", f"counted in the database, {k}", lambda: x.json["doc_count"] == j + 1, x)
            x = c("PUT", f"{db}/{i}", {"km": 0})
            rec("revision", f"none: conflict, {k}", lambda: x.status == 409 and x.json["error"] == "conflict", x)
            x = c("PUT", f"{db}/{i}", {**docs[i], "km": 7 + j, "_rev": rev[i]})
            rec("revision", f"the current one passes, {k}", lambda: x.status == 201 and x.json["rev"].startswith("2-") and x.json["id"] == i, x)
            old, rev[i] = rev[i], of(x, "rev")
            docs[i]["km"] = 7 + j
            x = c("PUT", f"{db}/{i}", {**docs[i], "km": 99, "_rev": old})
            rec("revision", f"the one before: conflict, {k}", lambda: x.status == 409, x)
            x = c("DELETE", f"{db}/{i}?rev={old}")
            rec("revision", f"no delete by it, {k}", lambda: x.status == 409, x)
            x = c("GET", f"{db}/{i}")
            rec("update", f"only the good one is kept, {k}", lambda: x.status == 200 and x.json == {**docs[i], "_id": i, "_rev": rev[i]}, x)
            x = c("GET", f"{db}/absent-{R.randint(100, 999)}")
            rec("unknown id", f"document, {k}", lambda: x.status == 404 and x.json["error"] == "not_found", x)
            x = c("GET", f"{db}/_all_docs")
            rec("in the list", f"listed, {k}", lambda: [y["id"] for y in x.json["rows"]] == sorted(docs) and x.json["total_rows"] == j + 1 and [y["value"]["rev"] for y in x.json["rows"] if y["key"] == i] == [rev[i]], x)
        x = c("POST", db, {"kind": "walk", "km": 3})
        i = of(x, "id")
        y = c("GET", f"{db}/{i}")
        rec("create", f"by POST under a new id, {d}", lambda: x.status == 201 and y.json == {"_id": i, "_rev": x.json["rev"], "kind": "walk", "km": 3}, (x, y))
        x = c("GET", f"{db}/_all_docs?include_docs=true")
        rec("in the list", f"with documents, {d}", lambda: {q["id"]: q["doc"].get("note") for q in x.json["rows"] if q["id"] in docs} == {q: v["note"] for q, v in docs.items()} and len(x.json["rows"]) == 6, x)
        x = c("GET", f"{db}/_all_docs?limit=3")
        rec("pages", f"three, {d}", lambda: len(x.json["rows"]) == 3 and x.json["total_rows"] == 6, x)
        y = c("GET", f"{db}/_all_docs?limit=3&skip=3")
        rec("pages", f"the next three, {d}", lambda: sorted(q["id"] for q in x.json["rows"] + y.json["rows"]) == sorted([*docs, i]) and y.json["offset"] == 3, (x, y))
        x = c("GET", f"{db}/_all_docs?descending=true")
        rec("sort", f"descending, {d}", lambda: [q["id"] for q in x.json["rows"]] == sorted([*docs, i], reverse=True), x)
        for j, kind in enumerate(KINDS):
            x = c("POST", f"{db}/_find", {"selector": {"kind": kind}})
            rec("query", f"by kind, {3 * d + j}", lambda: {q["_id"] for q in x.json["docs"]} == {q for q, v in docs.items() if v["kind"] == kind} | ({i} if kind == "walk" else set()), x)
        for j, km in enumerate((8, 10)):
            x = c("POST", f"{db}/_find", {"selector": {"km": {"$gt": km}}})
            rec("query", f"by km, {2 * d + j}", lambda: {q["_id"] for q in x.json["docs"]} == {q for q, v in docs.items() if v["km"] > km}, x)
        x = c("POST", f"{db}/_find", {})
        rec("query", f"no selector, {d}", lambda: x.status == 400, x)
        a, b = list(docs)[:2]
        x = c("POST", f"{db}/_all_docs", {"keys": [b, a]})
        rec("query", f"by keys, {d}", lambda: [q["id"] for q in x.json["rows"]] == [b, a] and x.json["rows"][0]["value"]["rev"] == rev[b], x)
        x = c("POST", f"{db}/_bulk_docs", {"docs": [{"_id": f"bulk-{q}", "kind": "swim", "km": q} for q in range(3)]})
        rec("bulk", f"an answer for each, {d}", lambda: x.status == 201 and [q["id"] for q in x.json] == ["bulk-0", "bulk-1", "bulk-2"] and all(q["rev"].startswith("1-") for q in x.json), x)
        y = c("GET", f"{db}/bulk-1")
        rec("bulk", f"kept, {d}", lambda: y.status == 200 and y.json == {"_id": "bulk-1", "_rev": x.json[1]["rev"], "kind": "swim", "km": 1}, y)
        x = c("POST", f"{db}/_bulk_docs", {"docs": [{"_id": a, "km": 1}, {"_id": "bulk-9", "km": 2}, {"_id": b, "km": 3, "_rev": rev[b]}]})
        rec("bulk", f"one refused, {d}", lambda: x.status == 201 and x.json[0]["error"] == "conflict" and x.json[1]["rev"].startswith("1-") and x.json[2]["rev"].startswith("3-"), x)
        y, z = c("GET", f"{db}/{a}"), c("GET", f"{db}/{b}")
        rec("bulk", f"only the others written, {d}", lambda: y.json["km"] == docs[a]["km"] and z.json["km"] == 3 and "note" not in z.json, (y, z))
        x = c("DELETE", f"{db}/{a}?rev={rev[a]}")
        rec("delete", f"deleted, {d}", lambda: x.status == 200 and x.json["ok"] is True and x.json["id"] == a and x.json["rev"].startswith("3-"), x)
        x = c("GET", f"{db}/{a}")
        rec("delete", f"gone, {d}", lambda: x.status == 404, x)
        x = c("GET", f"{db}/_all_docs")
        rec("delete", f"gone from the list, {d}", lambda: a not in [q["id"] for q in x.json["rows"]] and b in [q["id"] for q in x.json["rows"]], x)
        x = c("GET", db)
        rec("delete", f"counted less, {d}", lambda: x.json["doc_count"] == 9, x)
        x = c("PUT", f"{db}/{a}", {"kind": "ride", "km": 50})
        y = c("GET", f"{db}/{a}")
        rec("delete", f"may be made again, {d}", lambda: x.status == 201 and y.json["km"] == 50, (x, y))
    x = c("GET", "/_all_dbs")
    rec("scope", "both are listed", lambda: {"exam-one", "exam-two"} <= set(x.json), x)
    x, y = c("GET", "/exam-one/bulk-0"), c("GET", "/exam-three/bulk-0")
    rec("scope", "nothing in another", lambda: x.status == 200 and y.status == 404, (x, y))
    x = c("DELETE", "/exam-two")
    y = c("GET", "/exam-two")
    rec("scope", "dropped", lambda: x.status == 200 and y.status == 404, (x, y))
    x, y = c("GET", "/exam-two/bulk-0"), c("GET", "/exam-one/bulk-0")
    rec("scope", "its documents with it", lambda: x.status == 404 and y.status == 200, (x, y))


PARTNERS = {
    "scope": [("scope", "made")], "create": [("create", "created")], "read your write": [("create", "created")], "in the list": [("read your write", "item")], "revision": [("revision", ""), ("read your write", "item")],
    "update": [("revision", "the current")], "unknown id": [("read your write", "item")], "pages": [("create", "created")], "sort": [("create", "created")], "query": [("create", "created")], ("bulk", "only"): [("bulk", "one")],
    "bulk": [("bulk", "an answer")], "delete": [("delete", "deleted")],
}

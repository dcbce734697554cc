"""etcd (Debian) with its keys API: keys chosen by the client, form bodies, compare and swap by value and index, directories, created in order."""
import random
import shutil
from pathlib import Path
from urllib.parse import urlencode
from common import HOST, Process, free_port, unpack, wait_http

NAME = "etcd"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
W = "north south east west upper lower inner outer front back".split()
K = "/v2/keys"


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        root = unpack(folder, "etcd-server")
        shutil.rmtree(folder / "data", ignore_errors=True)
        self.port, peer = free_port(), free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__([str(root / "usr/bin/etcd"), "--enable-v2", "--data-dir", str(folder / "data"), "--listen-client-urls", self.base, "--advertise-client-urls", self.base,
                          "--listen-peer-urls", f"http://{HOST}:{peer}", "--initial-advertise-peer-urls", f"http://{HOST}:{peer}", "--initial-cluster", f"default=http://{HOST}:{peer}"], cwd=folder, log=str(folder / "server.log"))
        wait_http(self.base, "/version")


def put(c, path, query="", method="PUT", **members):
    return c(method, f"{K}{path}{query}", raw=urlencode(members).encode(), headers=FORM)


def node(x):
    return x.json["node"]


def index(x):
    return x.json["node"]["modifiedIndex"] if isinstance(x.json, dict) and "node" in x.json else 1


def train(make):
    R = random.Random(67)
    c = make("train")
    for n in range(6):
        d = f"/{W[n]}-{n}"
        c("GET", f"{K}{d}")
        for k in range(6):
            key = f"{d}/{R.choice(W)}{k}{R.randint(10, 99)}"
            c("GET", f"{K}{key}")
            x = put(c, key, value=f"{R.choice(W)} {R.randint(1, 99)}")
            c("GET", f"{K}{key}")
            put(c, key, value=f"{R.choice(W)} {R.randint(1, 99)}")
            x = c("GET", f"{K}{key}")
            put(c, key, "?prevExist=false", value="again")
            put(c, key, f"?prevIndex={index(x)}", value=f"swapped {R.randint(1, 99)}")
            put(c, key, f"?prevIndex={index(x)}", value="late")
            x = c("GET", f"{K}{key}")
            put(c, key, f"?prevValue=nonsense{k}", value="never")
            put(c, key, "?" + urlencode({"prevValue": node(x)["value"] if x.status == 200 else "x"}), value=f"by value {R.randint(1, 99)}")
            c("GET", f"{K}{key}")
            put(c, f"{key}-new", "?prevExist=true", value="no")
            put(c, f"{key}-new", "?prevExist=false", value=f"fresh {k}")
            c("GET", f"{K}{key}-new")
            c("GET", f"{K}{d}")
            put(c, f"{key}/below", value="no directory")
            if k % 2:
                c("DELETE", f"{K}{key}?prevValue=nonsense")
                c("DELETE", f"{K}{key}")
                c("GET", f"{K}{key}")
                c("DELETE", f"{K}{key}")
                c("GET", f"{K}{d}")
        for k in range(4):
            x = put(c, f"/queue{n}", method="POST", value=f"job {k} {R.choice(W)}")
            c("GET", f"{K}{node(x)['key']}")
            c("GET", f"{K}/queue{n}?sorted=true")
        c("DELETE", f"{K}{d}")
        if n % 2:
            c("DELETE", f"{K}{d}?recursive=true")
            c("GET", f"{K}{d}")
            c("GET", f"{K}{key}-new")


def exam(make, rec):
    R = random.Random(71)
    c = make("ana")
    d, keys, values = "/exam-dir", [], {}
    x = c("GET", f"{K}{d}")
    rec("unknown id", "directory", lambda: x.status == 404 and x.json["errorCode"] == 100, x)
    for k in range(6):
        key = f"{d}/{W[9 - k]}{k}"
        x = c("GET", f"{K}{key}")
        rec("unknown id", f"key, {k}", lambda: x.status == 404 and x.json["errorCode"] == 100, x)
        x = put(c, key, value=f"value {k}")
        rec("create", f"created, {k}", lambda: x.status == 201 and node(x)["key"] == key and node(x)["value"] == f"value {k}", x)
        keys.append(key)
        x = c("GET", f"{K}{key}")
        rec("read your write", f"item, {k}", lambda: x.status == 200 and node(x)["value"] == f"value {k}" and node(x)["key"] == key, x)
        first = index(x)
        x = put(c, key, value=f"second {k}")
        rec("update", f"set again, {k}", lambda: x.status == 200 and node(x)["value"] == f"second {k}" and index(x) > first, x)
        x = put(c, key, "?prevExist=false", value="again")
        rec("condition", f"exists already, {k}", lambda: x.status == 412 and x.json["errorCode"] == 105, x)
        x = put(c, key, f"?prevIndex={first}", value="late")
        rec("condition", f"an old index, {k}", lambda: x.status == 412 and x.json["errorCode"] == 101, x)
        x = c("GET", f"{K}{key}")
        rec("update", f"kept, {k}", lambda: node(x)["value"] == f"second {k}" and index(x) > first, x)
        x = put(c, key, f"?prevIndex={index(x)}", value=f"third {k}")
        y = c("GET", f"{K}{key}")
        rec("condition", f"the current index, {k}", lambda: x.status == 200 and node(y)["value"] == f"third {k}", (x, y))
        x = put(c, key, "?" + urlencode({"prevValue": f"third {k}"}), value=f"fourth {k}")
        y = c("GET", f"{K}{key}")
        rec("condition", f"the current value, {k}", lambda: x.status == 200 and node(y)["value"] == f"fourth {k}", (x, y))
        x = put(c, key, "?prevValue=other", value="never")
        rec("condition", f"another value, {k}", lambda: x.status == 412, x)
        x = put(c, f"{key}-x", "?prevExist=true", value="no")
        rec("condition", f"must exist, {k}", lambda: x.status == 404, x)
        values[key] = f"fourth {k}"
        x = c("GET", f"{K}{d}")
        rec("in the list", f"listed, {k}", lambda: {q["key"]: q["value"] for q in node(x)["nodes"]} == values and node(x)["dir"] is True, x)
    for k in range(3):
        x = c("DELETE", f"{K}{keys[k]}?prevValue=other")
        rec("delete", f"not by another value, {k}", lambda: x.status == 412, x)
        x = c("DELETE", f"{K}{keys[k]}")
        rec("delete", f"deleted, {k}", lambda: x.status == 200 and x.json["action"] == "delete" and node(x)["key"] == keys[k], x)
        x = c("GET", f"{K}{keys[k]}")
        rec("delete", f"gone, {k}", lambda: x.status == 404, x)
        x = c("DELETE", f"{K}{keys[k]}")
        rec("delete", f"not twice, {k}", lambda: x.status == 404, x)
        values.pop(keys[k])
        x = c("GET", f"{K}{d}")
        rec("delete", f"gone from the list, {k}", lambda: {q["key"] for q in node(x)["nodes"]} == set(values), x)
    made = []
    for k in range(3):
        x = put(c, "/exam-queue", method="POST", value=f"job {k}")
        rec("create", f"in order, {k}", lambda: x.status == 201 and node(x)["key"].startswith("/exam-queue/") and node(x)["key"] not in made, x)
        made.append(node(x)["key"] if isinstance(x.json, dict) and "node" in x.json else "/none")
        x = c("GET", f"{K}{made[-1]}")
        rec("read your write", f"job, {k}", lambda: x.status == 200 and node(x)["value"] == f"job {k}", x)
        x = c("GET", f"{K}/exam-queue?sorted=true")
        rec("in the list", f"jobs, {k}", lambda: [q["value"] for q in node(x)["nodes"]] == [f"job {q}" for q in range(k + 1)], x)
    x = c("DELETE", f"{K}{d}")
    rec("delete", "a directory is no file", lambda: x.status == 403, x)
    x = c("DELETE", f"{K}{d}?recursive=true")
    rec("delete", "the directory", lambda: x.status == 200, x)
    x = c("GET", f"{K}{keys[4]}")
    rec("delete", "with what is in it", lambda: x.status == 404, x)


PARTNERS = {
    "unknown id": [("read your write", "item")], ("create", "created"): [("read your write", "item")], "read your write": [("create", "")], "update": [("read your write", "item")], "condition": [("condition", ""), ("read your write", "item")],
    ("in the list", "listed"): [("read your write", "item")], ("in the list", "jobs"): [("read your write", "job")], "delete": [("read your write", "item"), ("delete", "deleted")],
}

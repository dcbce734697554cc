"""MLflow's tracking server (PyPI): verbs in the path, ids in the query or in the body, lists asked by POST, deletions that only mark."""
import random
import shutil
import subprocess
import venv
from pathlib import Path
from urllib.parse import urlencode
from common import HOST, Process, free_port, wait_http

NAME = "rpc"
A = "/api/2.0/mlflow"
W = "amber basil cedar delta ember fjord grove hazel inlet jasper".split()
V = "scan rank sort trim fold cast bind gate lift mesh".split()
E = "quartz raven sable thorn umber velvet willow yarrow zephyr birch".split()  # the examination's
TEAMS = ["vision", "speech", "search", "ads"]
STATES = ["FINISHED", "FAILED", "KILLED"]


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        python = folder / "venv/bin/python"
        if not python.exists() or not (folder / "venv/bin/mlflow").exists():
            venv.create(folder / "venv", with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "mlflow==3.17.2"], check=True)
        self.port = free_port()
        data = folder / f"data-{self.port}"  # another run beside this one has its own
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__([str(folder / "venv/bin/mlflow"), "server", "--backend-store-uri", f"sqlite:///{data}/m.db", "--artifacts-destination", str(data / "art"),
                          "--host", HOST, "--port", str(self.port), "--workers", "1"], cwd=data, log=str(folder / "server.log"),
                         env={"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"})
        wait_http(self.base, "/health", 90)


def ask(c, path, **query):
    return c("GET", f"{A}/{path}" + ("?" + urlencode(query) if query else ""))


def tell(c, path, **body):
    return c("POST", f"{A}/{path}", body)


def inside(x, *names):
    """A member of an answer's document, however deep, or "0"."""
    v = x.json
    for n in names:
        v = v.get(n) if isinstance(v, dict) else None
    return v if v is not None else "0"


def hexa(R):
    return R.randbytes(16).hex()


def train(make):
    R = random.Random(97)
    c = make("train")
    clock = 1790000000000
    allof = {"max_results": 200}
    tell(c, "experiments/search", **allof)
    ask(c, "experiments/get", experiment_id="0")
    for n in range(11):
        name = f"{R.choice(W)}-{R.choice(V)}-{n}{R.randint(10, 99)}"
        ask(c, "experiments/get-by-name", experiment_name=name)                  # not yet
        x = tell(c, "experiments/create", name=name, tags=[{"key": "team", "value": R.choice(TEAMS)}])
        e = inside(x, "experiment_id")
        ask(c, "experiments/get", experiment_id=e)
        ask(c, "experiments/get-by-name", experiment_name=name)
        tell(c, "experiments/create", name=name)                                 # taken
        tell(c, "experiments/create", tags=[])                                   # no name
        tell(c, "experiments/search", **allof)
        ask(c, "experiments/get", experiment_id=R.choice([R.randint(80, 99), R.randint(400, 999), R.randint(10000, 99999)]))
        ask(c, "experiments/get")
        new = f"{name}-{R.choice(V)}"
        tell(c, "experiments/update", experiment_id=e)                           # no new name
        tell(c, "experiments/update", experiment_id=str(R.choice([R.randint(80, 99), R.randint(400, 999), R.randint(10000, 99999)])), new_name=new)
        tell(c, "experiments/update", experiment_id=e, new_name=new)
        ask(c, "experiments/get", experiment_id=e)
        ask(c, "experiments/get-by-name", experiment_name=new)
        ask(c, "experiments/get-by-name", experiment_name=name)
        tell(c, "experiments/set-experiment-tag", experiment_id=e, key="owner", value=R.choice(["mia", "tom", "lea"]))
        ask(c, "experiments/get", experiment_id=e)
        tell(c, "runs/search", experiment_ids=[e], max_results=50)
        tell(c, "runs/create", experiment_id=str(R.choice([R.randint(80, 99), R.randint(400, 999), R.randint(10000, 99999)])), run_name=f"{R.choice(V)} {R.randint(1, 99)}", start_time=clock)
        runs = []
        for k in range(2):
            clock += R.randint(1000, 90000)
            x = tell(c, "runs/create", experiment_id=e, run_name=f"{R.choice(V)} {R.randint(1, 99)}", start_time=clock)
            r = inside(x, "run", "info", "run_id")
            runs.append(r)
            ask(c, "runs/get", run_id=r)
            for s in range(2):
                tell(c, "runs/log-metric", run_id=r, key="loss", value=round(R.random(), 3), timestamp=clock + s, step=s)
            tell(c, "runs/log-metric", run_id=r, key="acc", value=round(R.random(), 3), timestamp=clock, step=0)
            ask(c, "metrics/get-history", run_id=r, metric_key="loss")
            tell(c, "runs/log-metric", run_id=hexa(R), key="loss", value=0.5, timestamp=clock, step=0)
            tell(c, "runs/log-parameter", run_id=r, key="lr", value=str(R.randint(1, 99) / 1000))
            ask(c, "runs/get", run_id=r)
            tell(c, "runs/log-parameter", run_id=r, key="lr", value=str(R.randint(100, 199) / 1000))  # may not change
            tell(c, "runs/log-parameter", run_id=r, value="3")                   # no key
            tell(c, "runs/set-tag", run_id=r, key="stage", value=R.choice(["try", "keep"]))
            ask(c, "runs/get", run_id=r)
            if k:
                tell(c, "runs/delete-tag", run_id=r, key="stage")
                tell(c, "runs/delete-tag", run_id=r, key="stage")
                ask(c, "runs/get", run_id=r)
            clock += R.randint(1000, 90000)
            tell(c, "runs/update", run_id=r, status=R.choice(STATES), end_time=clock)
            ask(c, "runs/get", run_id=r)
            ask(c, "runs/get", run_id=hexa(R))
            tell(c, "runs/search", experiment_ids=[e], max_results=50)
        ask(c, "runs/get")
        tell(c, "runs/search", experiment_ids=[e], filter=f"attributes.status = '{R.choice(STATES)}'", max_results=50)
        tell(c, "runs/search", experiment_ids=[e], filter=f"metrics.loss < {R.randint(2, 8) / 10}", max_results=50)
        tell(c, "runs/search", experiment_ids=[e], order_by=[R.choice(["metrics.loss ASC", "metrics.loss DESC"])], max_results=50)
        tell(c, "runs/search", experiment_ids=[e], filter=f"{R.choice(['size', 'colour'])}.x = 1", max_results=50)     # no such thing
        tell(c, "experiments/search", max_results=200, filter=f"name LIKE '{R.choice(W)}%'")
        tell(c, "experiments/search", max_results=200, filter=f"tags.team = '{R.choice(TEAMS)}'")
        tell(c, "experiments/search", max_results=200, filter=f"{R.choice(['size', 'colour'])} = 'x'")
        tell(c, "experiments/search", max_results=200, order_by=[R.choice(["name ASC", "name DESC"])])
        tell(c, "experiments/search", max_results=0)
        token, page = None, 0
        while page < 4:
            x = tell(c, "experiments/search", max_results=5, **({"page_token": token} if token else {}))
            token, page = (x.json or {}).get("next_page_token"), page + 1
            if not token:
                break
        # a run is put away and fetched back
        r = runs[0]
        tell(c, "runs/delete", run_id=r)
        ask(c, "runs/get", run_id=r)
        tell(c, "runs/set-tag", run_id=r, key="stage", value=R.choice(["try", "keep"]))             # it is deleted
        tell(c, "runs/search", experiment_ids=[e], max_results=50)
        tell(c, "runs/delete", run_id=hexa(R))
        if n % 2:
            tell(c, "runs/restore", run_id=r)
            ask(c, "runs/get", run_id=r)
            tell(c, "runs/set-tag", run_id=r, key="stage", value=R.choice(["try", "keep"]))
            tell(c, "runs/search", experiment_ids=[e], max_results=50)
        # an experiment is put away and fetched back
        x = tell(c, "experiments/create", name=f"scratch {R.choice(W)} {n}{R.randint(10, 99)}")
        s = inside(x, "experiment_id")
        tell(c, "experiments/search", **allof)
        tell(c, "experiments/delete", experiment_id=s)
        ask(c, "experiments/get", experiment_id=s)
        tell(c, "experiments/search", **allof)
        tell(c, "experiments/search", max_results=200, view_type="DELETED_ONLY")
        tell(c, "experiments/delete", experiment_id=s)                           # not twice
        tell(c, "experiments/delete", experiment_id=str(R.choice([R.randint(80, 99), R.randint(400, 999), R.randint(10000, 99999)])))
        tell(c, "runs/create", experiment_id=s, run_name=f"{R.choice(V)} {R.randint(1, 99)}", start_time=clock)
        if n % 4:
            tell(c, "experiments/restore", experiment_id=s)
            ask(c, "experiments/get", experiment_id=s)
            tell(c, "experiments/restore", experiment_id=s)                      # nothing to restore
            tell(c, "runs/create", experiment_id=s, run_name=f"{R.choice(V)} {R.randint(1, 99)}", start_time=clock)
            tell(c, "experiments/search", **allof)
        # models
        m = f"{R.choice(V)}er-{R.choice(W)}-{n}{R.randint(10, 99)}"
        ask(c, "registered-models/get", name=m)
        tell(c, "registered-models/create", name=m, description=f"{R.choice(W)} {R.choice(V)}")
        ask(c, "registered-models/get", name=m)
        tell(c, "registered-models/create", name=m)
        tell(c, "registered-models/create", description="no name")
        ask(c, "registered-models/search", max_results=100)
        c("PATCH", f"{A}/registered-models/update", {"name": m, "description": f"{R.choice(W)} {R.randint(1, 99)}"})
        c("PATCH", f"{A}/registered-models/update", {"name": f"{R.choice(V)}er-{R.choice(W)}-{R.randint(900, 999)}", "description": f"{R.choice(W)} {R.randint(1, 99)}"})
        ask(c, "registered-models/get", name=m)
        for k in range(2):
            tell(c, "model-versions/create", name=m, source=f"s3://store/{R.choice(V)}/{R.randint(1, 999)}", run_id=runs[1])
            ask(c, "model-versions/get", name=m, version=k + 1)
        ask(c, "model-versions/get", name=m, version=R.randint(5, 30))
        ask(c, "registered-models/get", name=m)
        if n % 3:
            c("DELETE", f"{A}/registered-models/delete", {"name": m})
            ask(c, "registered-models/get", name=m)
            ask(c, "registered-models/search", max_results=100)
            c("DELETE", f"{A}/registered-models/delete", {"name": m})


def exam(make, rec):
    R = random.Random(101)
    c = make("ana")
    clock = 1795000000000
    code = lambda x: x.json["error_code"]  # noqa: E731
    E200 = {"max_results": 200}
    names, ids, models = [], [], []

    def listed(x, what="experiments", key="experiment_id"):
        return [q[key] for q in x.json.get(what, [])]
    for k in range(5):
        name = f"{E[k]} study {k}"
        x = ask(c, "experiments/get-by-name", experiment_name=name)
        rec("unknown id", f"experiment by name, {k}", lambda: x.status == 404 and code(x) == "RESOURCE_DOES_NOT_EXIST" and name in x.json["message"], x)
        x = tell(c, "experiments/create", name=name, tags=[{"key": "team", "value": TEAMS[k % 4]}])
        rec("create", f"experiment, {k}", lambda: x.status == 200 and isinstance(x.json["experiment_id"], str) and x.json["experiment_id"] not in ids, x)
        e = inside(x, "experiment_id")
        ids.append(e)
        names.append(name)
        x = ask(c, "experiments/get", experiment_id=e)
        rec("read your write", f"experiment, {k}", lambda: x.status == 200 and x.json["experiment"]["experiment_id"] == e and x.json["experiment"]["name"] == name and x.json["experiment"]["lifecycle_stage"] == "active"
            and x.json["experiment"]["tags"] == [{"key": "team", "value": TEAMS[k % 4]}], x)
        x = ask(c, "experiments/get-by-name", experiment_name=name)
        rec("read your write", f"experiment by name, {k}", lambda: x.status == 200 and x.json["experiment"]["experiment_id"] == e and x.json["experiment"]["name"] == name, x)
        x = tell(c, "experiments/search", **E200)
        rec("in the list", f"experiment, {k}", lambda: set(ids) <= set(listed(x)) and [q["name"] for q in x.json["experiments"] if q["experiment_id"] == e] == [name], x)
        x = tell(c, "experiments/create", name=name)
        rec("conflict", f"experiment name taken, {k}", lambda: x.status == 400 and code(x) == "RESOURCE_ALREADY_EXISTS", x)
        if k > 2:
            continue
        x = ask(c, "experiments/get", experiment_id=R.randint(200000, 900000))
        rec("unknown id", f"experiment, {k}", lambda: x.status == 404 and code(x) == "RESOURCE_DOES_NOT_EXIST", x)
    for k in range(2):
        e, new = ids[k], f"{E[k]} renamed {k}"
        x = tell(c, "experiments/update", experiment_id=e, new_name=new)
        rec("update", f"experiment, {k}", lambda: x.status == 200 and x.json == {}, x)
        x = ask(c, "experiments/get", experiment_id=e)
        rec("update", f"experiment kept, {k}", lambda: x.json["experiment"]["name"] == new and x.json["experiment"]["experiment_id"] == e and x.json["experiment"]["tags"] == [{"key": "team", "value": TEAMS[k]}], x)
        x, y = ask(c, "experiments/get-by-name", experiment_name=new), ask(c, "experiments/get-by-name", experiment_name=names[k])
        rec("update", f"found by the new name alone, {k}", lambda: x.status == 200 and x.json["experiment"]["experiment_id"] == e and y.status == 404, (x, y))
        x = tell(c, "experiments/search", **E200)
        rec("update", f"renamed in the list, {k}", lambda: [q["name"] for q in x.json["experiments"] if q["experiment_id"] == e] == [new], x)
        names[k] = new
        tell(c, "experiments/set-experiment-tag", experiment_id=e, key="owner", value=E[9 - k])
        x = ask(c, "experiments/get", experiment_id=e)
        rec("update", f"experiment tag, {k}", lambda: {"key": "owner", "value": E[9 - k]} in x.json["experiment"]["tags"] and len(x.json["experiment"]["tags"]) == 2, x)
        x = tell(c, "experiments/update", experiment_id=str(R.randint(200000, 900000)), new_name="x y")
        rec("unknown id", f"experiment to rename, {k}", lambda: x.status == 404, x)
    for n, path, body, member in (("experiment without a name", "experiments/create", {"tags": []}, "name"), ("rename without a name", "experiments/update", {"experiment_id": ids[3]}, "new_name"),
                                  ("parameter without a key", "runs/log-parameter", {"run_id": hexa(R), "value": "9"}, "key"), ("model without a name", "registered-models/create", {"description": "nameless"}, "name")):
        x = tell(c, path, **body)
        rec("validation", n, lambda: x.status == 400 and code(x) == "INVALID_PARAMETER_VALUE" and f"'{member}'" in x.json["message"], x)
    for what, member in (("experiments/get", "experiment_id"), ("runs/get", "run_id")):
        x = ask(c, what)
        rec("validation", f"{what} without an id", lambda: x.status == 400 and f"'{member}'" in x.json["message"], x)
    x = tell(c, "experiments/search", max_results=0)
    rec("validation", "no results wanted", lambda: x.status == 400 and "max_results" in x.json["message"], x)
    x = tell(c, "experiments/search", max_results=200, filter="weight = 'x'")
    rec("validation", "a filter by what is not there", lambda: x.status == 400 and "weight" in x.json["message"], x)
    # runs
    e, runs = ids[3], []
    x = tell(c, "runs/search", experiment_ids=[e], max_results=50)
    rec("filter", "no run yet", lambda: x.status == 200 and x.json.get("runs", []) == [], x)
    loss = [0.41, 0.17, 0.83, 0.62]
    for k in range(4):
        clock += 50000
        x = tell(c, "runs/create", experiment_id=e, run_name=f"{E[k]} run {k}", start_time=clock)
        rec("create", f"run, {k}", lambda: x.status == 200 and x.json["run"]["info"]["run_name"] == f"{E[k]} run {k}" and x.json["run"]["info"]["experiment_id"] == e and x.json["run"]["info"]["status"] == "RUNNING"
            and x.json["run"]["info"]["start_time"] == clock and x.json["run"]["info"]["run_id"] == x.json["run"]["info"]["run_uuid"] not in runs, x)
        r = inside(x, "run", "info", "run_id")
        runs.append(r)
        x = ask(c, "runs/get", run_id=r)
        rec("read your write", f"run, {k}", lambda: x.status == 200 and x.json["run"]["info"]["run_id"] == r and x.json["run"]["info"]["run_name"] == f"{E[k]} run {k}" and x.json["run"]["info"]["experiment_id"] == e, x)
        x = tell(c, "runs/log-metric", run_id=r, key="loss", value=0.99, timestamp=clock + 1, step=0)
        tell(c, "runs/log-metric", run_id=r, key="loss", value=loss[k], timestamp=clock + 2, step=1)
        y = ask(c, "runs/get", run_id=r)
        rec("child", f"the metric's last value, {k}", lambda: x.status == 200 and [(q["key"], q["value"]) for q in y.json["run"]["data"]["metrics"]] == [("loss", loss[k])], (x, y))
        x = ask(c, "metrics/get-history", run_id=r, metric_key="loss")
        rec("child", f"the metric's history, {k}", lambda: [(q["value"], q["step"]) for q in x.json["metrics"]] == [(0.99, 0), (loss[k], 1)], x)
        x = tell(c, "runs/log-parameter", run_id=r, key="lr", value=f"0.{k}7")
        y = ask(c, "runs/get", run_id=r)
        rec("child", f"parameter, {k}", lambda: x.status == 200 and y.json["run"]["data"]["params"] == [{"key": "lr", "value": f"0.{k}7"}], (x, y))
        x = tell(c, "runs/log-parameter", run_id=r, key="lr", value=f"0.{k}8")
        rec("conflict", f"parameter may not change, {k}", lambda: x.status == 400 and code(x) == "INVALID_PARAMETER_VALUE", x)
        x = tell(c, "runs/set-tag", run_id=r, key="stage", value=f"{E[k]}")
        y = ask(c, "runs/get", run_id=r)
        rec("child", f"tag, {k}", lambda: x.status == 200 and {"key": "stage", "value": E[k]} in y.json["run"]["data"]["tags"], (x, y))
        if k < 2:
            x, y = tell(c, "runs/delete-tag", run_id=r, key="stage"), tell(c, "runs/delete-tag", run_id=r, key="stage")
            rec("child", f"tag removed, once, {k}", lambda: x.status == 200 and y.status == 404, (x, y))
        state = STATES[k % 2]
        x = tell(c, "runs/update", run_id=r, status=state, end_time=clock + 9000)
        y = ask(c, "runs/get", run_id=r)
        rec("update", f"run ends, {k}", lambda: x.status == 200 and x.json["run_info"]["run_id"] == r and x.json["run_info"]["status"] == state and y.json["run"]["info"]["status"] == state and y.json["run"]["info"]["end_time"] == clock + 9000, (x, y))
        x = tell(c, "runs/search", experiment_ids=[e], max_results=50)
        rec("in the list", f"run, {k}", lambda: sorted(q["info"]["run_id"] for q in x.json["runs"]) == sorted(runs), x)
        if k > 1:
            continue
        x, y = ask(c, "runs/get", run_id=hexa(R)), tell(c, "runs/log-metric", run_id=hexa(R), key="loss", value=0.5, timestamp=clock, step=0)
        rec("unknown id", f"run, {k}", lambda: x.status == 404 and y.status == 404 and code(y) == "RESOURCE_DOES_NOT_EXIST", (x, y))
    for k, state in enumerate(STATES[:2]):
        x = tell(c, "runs/search", experiment_ids=[e], filter=f"attributes.status = '{state}'", max_results=50)
        rec("filter", f"runs by state, {k}", lambda: sorted(q["info"]["run_id"] for q in x.json["runs"]) == sorted(runs[k::2]), x)
    x = tell(c, "runs/search", experiment_ids=[e], filter="metrics.loss < 0.5", max_results=50)
    rec("filter", "runs by metric", lambda: sorted(q["info"]["run_id"] for q in x.json["runs"]) == sorted(runs[:2]), x)
    for k, (way, order) in enumerate((("ASC", [1, 0, 3, 2]), ("DESC", [2, 3, 0, 1]))):
        x = tell(c, "runs/search", experiment_ids=[e], order_by=[f"metrics.loss {way}"], max_results=50)
        rec("sort", f"runs by metric, {k}", lambda: [q["info"]["run_id"] for q in x.json["runs"]] == [runs[q] for q in order], x)
    x = tell(c, "runs/search", experiment_ids=[ids[4]], max_results=50)
    rec("filter", "another experiment has no runs", lambda: x.status == 200 and x.json.get("runs", []) == [], x)
    x = tell(c, "experiments/search", max_results=200, filter=f"name LIKE '{E[1]}%'")
    rec("filter", "experiments by name", lambda: listed(x) == [ids[1]], x)
    x = tell(c, "experiments/search", max_results=200, filter="tags.team = 'speech'")
    rec("filter", "experiments by tag", lambda: ids[1] in listed(x) and ids[0] not in listed(x) and all({"key": "team", "value": "speech"} in q["tags"] for q in x.json["experiments"]), x)
    for k, way in enumerate(("ASC", "DESC")):
        x = tell(c, "experiments/search", max_results=200, order_by=[f"name {way}"])
        rec("sort", f"experiments by name, {k}", lambda: set(ids) <= set(listed(x)) and [q["name"] for q in x.json["experiments"]] == sorted((q["name"] for q in x.json["experiments"]), reverse=k == 1), x)
    seen, token, sizes = [], None, []
    for _ in range(40):
        x = tell(c, "experiments/search", max_results=4, **({"page_token": token} if token else {}))
        rows = listed(x) if isinstance(x.json, dict) and isinstance(x.json.get("experiments", []), list) else []
        seen, sizes, token = seen + rows, sizes + [len(rows)], (x.json or {}).get("next_page_token") if isinstance(x.json, dict) else None
        if not token:
            break
    rec("pages", "a walk sees all once", lambda: len(seen) == len(set(seen)) and set(ids) <= set(seen) and token is None, (sizes, x))
    rec("pages", "full pages but the last", lambda: len(sizes) > 1 and set(sizes[:-1]) == {4} and sizes[-1] <= 4, (sizes, x))
    # runs put away
    for k in range(2):
        r = runs[k]
        x, y = tell(c, "runs/delete", run_id=r), ask(c, "runs/get", run_id=r)
        rec("delete", f"run marked, {k}", lambda: x.status == 200 and y.status == 200 and y.json["run"]["info"]["lifecycle_stage"] == "deleted" and y.json["run"]["info"]["run_id"] == r, (x, y))
        x = tell(c, "runs/search", experiment_ids=[e], max_results=50)
        rec("delete", f"run not in the list, {k}", lambda: sorted(q["info"]["run_id"] for q in x.json["runs"]) == sorted(runs[k + 1:]), x)
        x = tell(c, "runs/set-tag", run_id=r, key="stage", value=E[5])
        rec("state", f"a deleted run takes no tag, {k}", lambda: x.status == 400 and "deleted" in x.json["message"], x)
    for k in range(2):
        r = runs[k]
        tell(c, "runs/restore", run_id=r)
        x = ask(c, "runs/get", run_id=r)
        y = tell(c, "runs/set-tag", run_id=r, key="stage", value=E[6])
        rec("state", f"a restored run takes one, {k}", lambda: x.json["run"]["info"]["lifecycle_stage"] == "active" and y.status == 200, (x, y))
    # experiments put away
    for k in range(2):
        e = ids[k]
        x = tell(c, "experiments/delete", experiment_id=e)
        rec("delete", f"experiment deleted, {k}", lambda: x.status == 200 and x.json == {}, x)
        x = ask(c, "experiments/get", experiment_id=e)
        rec("delete", f"experiment marked, {k}", lambda: x.status == 200 and x.json["experiment"]["lifecycle_stage"] == "deleted" and x.json["experiment"]["name"] == names[k], x)
        x, y = tell(c, "experiments/search", **E200), tell(c, "experiments/search", max_results=200, view_type="DELETED_ONLY")
        rec("delete", f"in the other list, {k}", lambda: e not in listed(x) and set(ids[k + 1:]) <= set(listed(x)) and e in listed(y) and ids[4] not in listed(y), (x, y))
        x = tell(c, "experiments/delete", experiment_id=e)
        rec("delete", f"experiment not twice, {k}", lambda: x.status == 404, x)
        x = tell(c, "runs/create", experiment_id=e, run_name=f"{E[7]} run {k}", start_time=clock)
        rec("state", f"no run in a deleted experiment, {k}", lambda: x.status == 400 and "deleted" in x.json["message"], x)
        x = tell(c, "experiments/restore", experiment_id=e)
        y = ask(c, "experiments/get", experiment_id=e)
        rec("state", f"experiment restored, {k}", lambda: x.status == 200 and y.json["experiment"]["lifecycle_stage"] == "active" and y.json["experiment"]["name"] == names[k], (x, y))
        x = tell(c, "experiments/restore", experiment_id=e)
        rec("state", f"nothing to restore, {k}", lambda: x.status == 404, x)
        x = tell(c, "runs/create", experiment_id=e, run_name=f"{E[8]} run {k}", start_time=clock)
        rec("state", f"a run in it again, {k}", lambda: x.status == 200 and x.json["run"]["info"]["experiment_id"] == e, x)
    x = tell(c, "runs/create", experiment_id=str(R.randint(200000, 900000)), run_name="astray", start_time=clock)
    rec("unknown id", "run in an unknown experiment", lambda: x.status == 404, x)
    # models
    for k in range(2):
        m, about = f"{E[k + 5]} predictor {k}", f"predicts {E[k]}"
        x = ask(c, "registered-models/get", name=m)
        rec("unknown id", f"model, {k}", lambda: x.status == 404 and m in x.json["message"], x)
        x = tell(c, "registered-models/create", name=m, description=about)
        rec("create", f"model, {k}", lambda: x.status == 200 and x.json["registered_model"]["name"] == m and x.json["registered_model"]["description"] == about, x)
        models.append(m)
        x = ask(c, "registered-models/get", name=m)
        rec("read your write", f"model, {k}", lambda: x.status == 200 and x.json["registered_model"]["name"] == m and x.json["registered_model"]["description"] == about, x)
        x = ask(c, "registered-models/search", max_results=100)
        rec("in the list", f"model, {k}", lambda: set(models) <= set(listed(x, "registered_models", "name")), x)
        x = tell(c, "registered-models/create", name=m)
        rec("conflict", f"model name taken, {k}", lambda: x.status == 400 and code(x) == "RESOURCE_ALREADY_EXISTS" and m in x.json["message"], x)
        x = c("PATCH", f"{A}/registered-models/update", {"name": m, "description": f"better {k}"})
        y = ask(c, "registered-models/get", name=m)
        rec("update", f"model, {k}", lambda: x.status == 200 and x.json["registered_model"]["description"] == f"better {k}" == y.json["registered_model"]["description"] and y.json["registered_model"]["name"] == m, (x, y))
        x = c("PATCH", f"{A}/registered-models/update", {"name": f"{m} none", "description": "x"})
        rec("unknown id", f"model to update, {k}", lambda: x.status == 404, x)
        for v in range(2):
            x = tell(c, "model-versions/create", name=m, source=f"s3://exam/{E[k]}/{v}", run_id=runs[2])
        rec("count", f"the second version is 2, {k}", lambda: x.status == 200 and x.json["model_version"]["version"] == "2" and x.json["model_version"]["name"] == m, x)
        x, y = ask(c, "model-versions/get", name=m, version=1), ask(c, "model-versions/get", name=m, version=9)
        rec("read your write", f"version of the model, {k}", lambda: x.json["model_version"]["source"] == f"s3://exam/{E[k]}/0" and x.json["model_version"]["run_id"] == runs[2] and y.status == 404, (x, y))
        x = ask(c, "registered-models/get", name=m)
        rec("count", f"the latest in the model, {k}", lambda: [(q["version"], q["source"]) for q in x.json["registered_model"]["latest_versions"]] == [("2", f"s3://exam/{E[k]}/1")], x)
    for k, m in enumerate(models[:2]):
        x = c("DELETE", f"{A}/registered-models/delete", {"name": m})
        rec("delete", f"model deleted, {k}", lambda: x.status == 200 and x.json == {}, x)
        x = ask(c, "registered-models/get", name=m)
        rec("delete", f"model gone, {k}", lambda: x.status == 404, x)
        x = c("DELETE", f"{A}/registered-models/delete", {"name": m})
        rec("delete", f"model not twice, {k}", lambda: x.status == 404, x)
        x = ask(c, "registered-models/search", max_results=100)
        rec("delete", f"model not in the list, {k}", lambda: not {*models[:k + 1]} & {*listed(x, "registered_models", "name")} and set(models[k + 1:]) <= {*listed(x, "registered_models", "name")}, x)


PARTNERS = {
    ("unknown id", "experiment"): [("read your write", "experiment, ")], ("unknown id", "experiment by name"): [("read your write", "experiment by name")], ("unknown id", "run"): [("read your write", "run")],
    ("unknown id", "model"): [("read your write", "model")], ("create", "experiment"): [("read your write", "experiment, ")], ("create", "run"): [("read your write", "run")], ("create", "model"): [("read your write", "model")],
    ("read your write", "experiment"): [("create", "experiment")], ("read your write", "run"): [("create", "run")], ("read your write", "model"): [("create", "model")], ("read your write", "version"): [("count", "the second")],
    ("in the list", "experiment"): [("read your write", "experiment, ")], ("in the list", "run"): [("read your write", "run")], ("in the list", "model"): [("read your write", "model")],
    ("conflict", "experiment"): [("create", "experiment")], ("conflict", "parameter"): [("child", "parameter")], ("conflict", "model"): [("create", "model")],
    ("update", "experiment"): [("update", "experiment kept")], ("update", "run"): [("read your write", "run")], ("update", "found"): [("update", "experiment kept")], ("update", "renamed"): [("update", "experiment kept")], ("update", "model"): [("read your write", "model")],
    "validation": [("create", "experiment, 0"), ("create", "model, 0")], "child": [("read your write", "run")], "filter": [("in the list", "run"), ("filter", "runs by")], ("filter", "experiments"): [("in the list", "experiment")], "sort": [("in the list", "")],
    "pages": [("in the list", "experiment"), ("pages", "")], ("delete", "run"): [("read your write", "run")], ("delete", "experiment"): [("delete", "experiment deleted"), ("delete", "experiment marked")],
    ("delete", "in the other"): [("delete", "experiment marked")], ("delete", "model"): [("read your write", "model"), ("delete", "model deleted")], ("state", "a deleted run"): [("state", "a restored run")], ("state", "a restored run"): [("delete", "run marked")],
    "state": [("delete", "experiment marked"), ("state", "a run in it again"), ("state", "no run in")], "count": [("read your write", "model")],
}

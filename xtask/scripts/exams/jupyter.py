"""Jupyter Server (PyPI) without a kernel: files and directories by path at any depth, saved by PUT, made without a name by POST, renamed by PATCH, checkpoints below a file, one token by header or query."""
import random
import shutil
import subprocess
import venv
from pathlib import Path
from servers import of
from common import HOST, Process, free_port, wait_http

NAME = "jupyter"
TOKEN = "7d1f0c52a9e84b36"
H = {"Authorization": f"token {TOKEN}"}
A = "/api/contents"
W = "amber birch cedar delta ember fjord grove heath inlet jetty knoll ledge marsh north orbit pines quill ridge shoal thorn umber vault weald yield".split()
V = "raw clean daily weekly draft final merged split tidy wide narrow joined".split()
X = "aster basil clove daisy elder fennel garlic hazel iris juniper kale laurel mint nettle olive parsley".split()


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        python = folder / "venv/bin/python"
        if not python.exists():
            venv.create(folder / "venv", with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", "jupyter_server"], check=True)
        for part in ("root", "home"):
            shutil.rmtree(folder / part, ignore_errors=True)
            (folder / part).mkdir()
        home = folder / "home"
        env = {"HOME": str(home), **{f"JUPYTER_{n}_DIR": str(home / n.lower()) for n in ("CONFIG", "RUNTIME", "DATA")}, "JUPYTER_PREFER_ENV_PATH": "0"}
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__([str(python), "-m", "jupyter_server", "--allow-root", "--no-browser", f"--ServerApp.ip={HOST}", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0",
                          f"--ServerApp.root_dir={folder / 'root'}", f"--IdentityProvider.token={TOKEN}", "--ServerApp.terminals_enabled=False"], cwd=home, env=env, log=str(folder / "server.log"))
        wait_http(self.base, "/api", 60)


def user(c):
    """A client that sends the token, unless other header lines are given."""
    return lambda method, path, body=None, headers=None, raw=None: c(method, path, body, headers=H if headers is None else headers, raw=raw)


def text(content):
    return {"type": "file", "format": "text", "content": content}


def notebook(*sources):
    return {"type": "notebook", "format": "json", "content": {"cells": [{"cell_type": "markdown", "id": f"cell-{n}", "metadata": {}, "source": s} for n, s in enumerate(sources)], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}}


def names(x):
    return {q["name"]: q for q in x.json["content"]}


def mistake(c, item, n):
    """A save as people get it wrong; refused, nothing is written."""
    if n % 3 == 0:
        return c("PUT", item, {"type": "file", "content": "no format"})
    if n % 3 == 1:
        return c("PUT", item, {"type": "file", "format": "text"})
    return c("PUT", item, raw=b'{"type": "file", "format": "text", "conte', headers={**H, "Content-Type": "application/json"})


def train(make):
    R = random.Random(47)
    bare = make("train")
    c = user(bare)
    c("GET", "/api")
    c("GET", "/api/status")
    c("GET", "/api/me")

    def words(n):
        return " ".join(R.choice(W) for _ in range(n))
    for n in range(7):
        d = f"{R.choice(W)}-{n}{R.randint(10, 99)}"
        D = f"{A}/{d}"
        c("GET", A)
        c("GET", D)                                                         # not yet
        c("PUT", D, {"type": "directory"})
        c("GET", D)
        c("GET", f"{D}?content=0")
        c("GET", A)
        bare("GET", A)                                                      # nobody
        bare("GET", D)
        bare("GET", f"{A}?token={TOKEN}")
        bare("GET", f"{D}?token={TOKEN}")
        bare("GET", f"{D}?token={R.randbytes(8).hex()}")
        bare("GET", D, headers={"Authorization": f"token {R.randbytes(8).hex()}"})
        bare("PUT", f"{D}/nobody{n}.txt", text("x"))
        bare("PUT", f"{D}/forged{n}.txt", text("x"), headers={"Authorization": f"token {R.randbytes(8).hex()}"})
        c("GET", f"{D}/nobody{n}.txt")
        files = []
        for k in range(6):
            f = f"{R.choice(V)}_{R.choice(W)}{k}{R.choice(['.txt', '.md', '.csv', '.py'])}"
            F = f"{D}/{f}"
            c("GET", f"{F}?content=0")                                      # is the name free?
            c("PUT", F, text(words(R.randint(1, 8))))
            c("GET", F)
            c("GET", f"{F}?content=0")
            if k % 2:
                c("GET", D)
            c("PUT", F, text(words(R.randint(1, 8))))
            c("GET", F)
            files.append(f)
            mistake(c, f"{D}/{R.choice(V)}{n}{k}.txt" if k % 2 else F, n + k)
            if k % 2 == 0:
                c("GET", F)
            if k in (0, 3):
                c("GET", f"{F}?type=directory")                             # it is a file
                c("GET", f"{F}?type=file")
                c("GET", f"{D}?type=file")                                  # it is a directory
                c("GET", f"{D}?type=directory")
                bare("GET", F)
                bare("GET", f"{F}?token={TOKEN}")
                bare("GET", F, headers={"Authorization": f"token {R.randbytes(8).hex()}"})
            if k in (1, 4):
                c("GET", f"{F}/checkpoints")
                c("POST", f"{F}/checkpoints")
                c("GET", f"{F}/checkpoints")
                c("PUT", F, text(words(3)))
                c("POST", f"{F}/checkpoints/checkpoint")                    # back to it
                c("GET", F)
                c("DELETE", f"{F}/checkpoints/checkpoint")
                c("GET", f"{F}/checkpoints")
                c("DELETE", f"{F}/checkpoints/checkpoint")
        mistake(c, f"{D}/{files[5]}", 1)
        for f in files[:2]:                                                 # hidden
            c("PUT", f"{D}/.{f}", text("x"))
        c("GET", f"{D}/absent{R.randint(100, 999)}.txt")
        c("GET", f"/files/{d}/{files[0]}")
        c("GET", f"/files/{d}/{files[1]}")
        c("GET", f"/files/{d}/lost{R.randint(100, 999)}.txt")
        for k in (0, 1):                                                    # rename
            new = f"{R.choice(V)}_{R.choice(X)}{k}{n}.txt"
            old = files[k]
            c("PATCH", f"{D}/{old}", {"path": f"{d}/{files[4]}"})           # taken
            c("PATCH", f"{D}/{old}", {"path": f"{d}/{new}"})
            c("GET", f"{D}/{old}")
            c("GET", f"{D}/{new}")
            c("GET", D)
            c("PATCH", f"{D}/{old}", {"path": f"{d}/again{k}.txt"})         # gone
            files[k] = new
        s = f"{R.choice(V)}{n}"
        S = f"{D}/{s}"
        c("PUT", S, {"type": "directory"})                                  # a directory in it
        for ext in (".txt", ".py", ".txt"):                                 # made without a name
            x = c("POST", D, {"type": "file", "ext": ext})
            c("GET", f"{A}/{of(x, 'path')}")
        c("POST", D, {"type": "directory"})
        c("GET", D)
        for k in (2, 3):
            c("POST", f"{A}/lost-{R.randint(100, 999)}", {"type": "file", "ext": ".txt"})
            c("POST", f"{D}/{files[k]}", {"type": "file", "ext": ".txt"})   # a file is no directory
        c("PUT", f"{A}/plain{n}.md", text(words(2)))
        for to, source in ((S, f"{d}/{files[2]}"), (D, f"plain{n}.md")):    # copied
            x = c("POST", to, {"copy_from": source})
            c("GET", f"{A}/{of(x, 'path')}")
            c("POST", to, {"copy_from": f"{d}/lost{R.randint(100, 999)}.txt"})
        nb = f"{R.choice(W)}{n}.ipynb"
        c("PUT", f"{D}/{nb}", notebook(words(2)))
        c("GET", f"{D}/{nb}")
        c("PUT", f"{D}/{nb}", notebook(words(2), words(3)))
        c("GET", f"{D}/{nb}")
        for k in (0, 1):
            f = f"{R.choice(V)}{k}{n}.md"
            c("GET", f"{S}/{f}?content=0")
            c("PUT", f"{S}/{f}", text(words(3)))
            c("GET", f"{S}/{f}")
            c("GET", S)
        top = f"{R.choice(W)}{n}.txt"
        c("GET", f"{A}/{top}?content=0")
        c("PUT", f"{A}/{top}", text(words(4)))                              # beside the directories
        c("GET", f"{A}/{top}")
        c("PATCH", f"{A}/{top}", {"path": f"{d}/{top}"})                    # moved into one
        c("GET", f"{A}/{top}")
        c("GET", f"{D}/{top}")
        c("GET", A)
        for k in (2, 3):
            c("DELETE", f"{D}/{files[k]}")
            c("GET", f"{D}/{files[k]}")
            c("DELETE", f"{D}/{files[k]}")
            c("GET", D)
        if n % 3 == 0:
            bare("DELETE", f"{D}/{files[4]}")
            c("GET", f"{D}/{files[4]}")
        section = f"{R.choice(W)}{n}"
        c("GET", f"/api/config/{section}")
        c("PATCH", f"/api/config/{section}", {"zoom": R.randint(50, 150), "view": {"side": R.choice(["left", "right"])}})
        c("PATCH", f"/api/config/{section}", {"zoom": R.randint(50, 150), "view": {"rows": R.randint(5, 50)}})
        c("GET", f"/api/config/{section}")
        if n % 2:
            c("PATCH", f"/api/config/{section}", {"zoom": None})
            c("GET", f"/api/config/{section}")
            c("DELETE", D)
            c("GET", D)
            c("GET", f"{D}/{files[0]}")
            c("DELETE", D)
            c("GET", A)
        else:
            c("DELETE", S)
            c("GET", S)
            c("GET", D)


def exam(make, rec):
    R = random.Random(59)
    bare = make("ana")
    c = user(bare)
    dirs = ["herbarium", "seedbank"]
    for n, d in enumerate(dirs):
        D = f"{A}/{d}"
        x = c("GET", D)
        rec("unknown id", f"directory, {n}", lambda: x.status == 404, x)
        x = c("PUT", D, {"type": "directory"})
        rec("create", f"directory, {n}", lambda: x.status == 201 and x.json["name"] == d and x.json["path"] == d and x.json["type"] == "directory", x)
        x = c("GET", D)
        rec("read your write", f"directory, {n}", lambda: x.status == 200 and x.json["type"] == "directory" and x.json["content"] == [] and x.json["path"] == d, x)
        x = c("GET", A)
        rec("in the list", f"directory, {n}", lambda: names(x)[d]["type"] == "directory" and set(dirs[:n + 1]) <= set(names(x)), x)
    d, D, held = dirs[0], f"{A}/{dirs[0]}", {}
    files = []
    for k in range(5):
        f, body = f"{X[k]}-{X[15 - k]}{k}" + [".txt", ".md", ".csv"][k % 3], f"specimen {X[k]} number {k * 7}"
        F = f"{D}/{f}"
        files.append(f)
        x = c("GET", f"{F}?content=0")
        rec("unknown id", f"file, {k}", lambda: x.status == 404, x)
        x = c("PUT", F, text(body))
        rec("create", f"file, {k}", lambda: x.status == 201 and x.json["name"] == f and x.json["path"] == f"{d}/{f}" and x.json["type"] == "file" and x.json["content"] is None, x)
        rec("state", f"its size, {k}", lambda: x.json["size"] == len(body) and x.headers["location"].endswith(F), x)
        x = c("GET", F)
        rec("read your write", f"file, {k}", lambda: x.status == 200 and x.json["content"] == body and x.json["name"] == f and x.json["format"] == "text", x)
        first = of(x, "last_modified", "")
        x = c("GET", f"{F}?content=0")
        rec("known id", f"without content, {k}", lambda: x.status == 200 and x.json["content"] is None and x.json["name"] == f and x.json["size"] == len(body), x)
        held[f] = len(body)
        x = c("GET", D)
        rec("in the list", f"file, {k}", lambda: {q: v["size"] for q, v in names(x).items()} == held and all(v["content"] is None and v["path"] == f"{d}/{q}" for q, v in names(x).items()), x)
        body = f"second note on {X[k]}, {k}"
        x = c("PUT", F, text(body))
        rec("update", f"saved again, {k}", lambda: x.status == 200 and x.json["size"] == len(body) and x.json["name"] == f, x)
        x = c("GET", F)
        rec("update", f"kept, {k}", lambda: x.json["content"] == body and x.json["size"] == len(body) and x.json["last_modified"] > first, x)
        held[f] = len(body)
        x = mistake(c, f"{D}/wrong{k}.txt" if k % 2 else F, [0, 0, 1, 2, 2][k])
        rec("validation", f"refused, {k}", lambda: x.status == 400 and x.json["message"], x)
        if k % 2:
            x = c("GET", f"{D}/wrong{k}.txt")
            rec("validation", f"nothing written, {k}", lambda: x.status == 404, x)
        else:
            x = c("GET", F)
            rec("validation", f"as before, {k}", lambda: x.status == 200 and x.json["content"] == body, x)
    for k, f in enumerate(files[:2]):
        F = f"{D}/{f}"
        x = c("GET", f"{F}?type=directory")
        rec("type", f"no directory, {k}", lambda: x.status == 400, x)
        x = c("GET", f"{F}?type=file")
        rec("type", f"a file, {k}", lambda: x.status == 200 and x.json["content"] == f"second note on {X[k]}, {k}", x)
        x = bare("GET", F)
        rec("auth", f"nobody, {k}", lambda: x.status == 403, x)
        x = bare("GET", F, headers={"Authorization": f"token {R.randbytes(8).hex()}"})
        rec("auth", f"forged, {k}", lambda: x.status == 403, x)
        x = bare("GET", f"{F}?token={TOKEN}")
        rec("auth", f"by query, {k}", lambda: x.status == 200 and x.json["name"] == f, x)
        x = bare("GET", f"{F}?token={R.randbytes(8).hex()}")
        rec("auth", f"forged by query, {k}", lambda: x.status == 403, x)
        x = bare("PUT", f"{D}/intruder{k}.txt", text("x"))
        y = c("GET", f"{D}/intruder{k}.txt")
        rec("auth", f"nobody writes, {k}", lambda: x.status == 403 and y.status == 404, (x, y))
        x = c("GET", f"/files/{d}/{f}")
        rec("download", f"its text, {k}", lambda: x.status == 200 and x.body.decode() == f"second note on {X[k]}, {k}", x)
        x = c("GET", f"/files/{d}/missing-{X[k]}.txt")
        rec("download", f"none, {k}", lambda: x.status == 404, x)
    for k, f in enumerate(dirs):
        x = c("GET", f"{A}/{f}?type=file")
        rec("type", f"no file, {k}", lambda: x.status == 400, x)
        x = c("PUT", f"{A}/{f}/.cache{k}", text("x"))
        rec("validation", f"hidden, {k}", lambda: x.status == 400, x)
    for k, f in enumerate(files[3:5]):
        F, body = f"{D}/{f}", f"second note on {X[k + 3]}, {k + 3}"
        x = c("GET", f"{F}/checkpoints")
        rec("checkpoint", f"none yet, {k}", lambda: x.status == 200 and x.json == [], x)
        x = c("POST", f"{F}/checkpoints")
        rec("checkpoint", f"made, {k}", lambda: x.status == 201 and x.json["id"] == "checkpoint", x)
        x = c("GET", f"{F}/checkpoints")
        rec("checkpoint", f"listed, {k}", lambda: [q["id"] for q in x.json] == ["checkpoint"], x)
        c("PUT", F, text(f"spoiled {k}"))
        x = c("POST", f"{F}/checkpoints/checkpoint")
        y = c("GET", F)
        rec("checkpoint", f"restored, {k}", lambda: x.status == 204 and y.json["content"] == body and y.json["size"] == len(body), (x, y))
        x = c("DELETE", f"{F}/checkpoints/checkpoint")
        y = c("GET", f"{F}/checkpoints")
        rec("checkpoint", f"removed, {k}", lambda: x.status == 204 and y.json == [], (x, y))
        x = c("DELETE", f"{F}/checkpoints/checkpoint")
        rec("checkpoint", f"not twice, {k}", lambda: x.status == 404, x)
    for k in range(2):
        old, new, body = files[k], f"renamed-{X[k + 6]}.txt", f"second note on {X[k]}, {k}"
        x = c("PATCH", f"{D}/{old}", {"path": f"{d}/{files[4]}"})
        y = c("GET", f"{D}/{old}")
        rec("conflict", f"name taken, {k}", lambda: x.status == 409 and y.status == 200 and y.json["content"] == body, (x, y))
        x = c("PATCH", f"{D}/{old}", {"path": f"{d}/{new}"})
        rec("rename", f"renamed, {k}", lambda: x.status == 200 and x.json["name"] == new and x.json["path"] == f"{d}/{new}" and x.json["size"] == len(body), x)
        x = c("GET", f"{D}/{old}")
        rec("rename", f"the old name is gone, {k}", lambda: x.status == 404, x)
        x = c("GET", f"{D}/{new}")
        rec("rename", f"read by the new, {k}", lambda: x.status == 200 and x.json["content"] == body and x.json["name"] == new, x)
        held[new] = held.pop(old)
        x = c("GET", D)
        rec("rename", f"listed by the new, {k}", lambda: set(names(x)) == set(held), x)
        x = c("PATCH", f"{D}/{old}", {"path": f"{d}/never{k}.txt"})
        rec("rename", f"nothing to rename, {k}", lambda: x.status == 404, x)
        files[k] = new
    made = []
    for k, ext in enumerate((".txt", ".txt", ".py")):
        x = c("POST", f"{A}/{dirs[1]}", {"type": "file", "ext": ext})
        want = f"untitled{k or ''}{ext}" if ext == ".txt" else f"untitled{ext}"
        rec("untitled", f"made, {k}", lambda: x.status == 201 and x.json["name"] == want and x.json["path"] == f"{dirs[1]}/{want}" and x.json["type"] == "file" and x.json["size"] == 0, x)
        made.append(want)
        x = c("GET", f"{A}/{dirs[1]}/{want}")
        rec("untitled", f"read, {k}", lambda: x.status == 200 and x.json["content"] == "" and x.json["name"] == want, x)
        x = c("GET", f"{A}/{dirs[1]}")
        rec("untitled", f"listed, {k}", lambda: set(names(x)) == set(made), x)
    x = c("POST", f"{A}/nowhere-at-all", {"type": "file", "ext": ".txt"})
    rec("untitled", "in no directory", lambda: x.status == 404, x)
    x = c("POST", f"{D}/{files[4]}", {"type": "file", "ext": ".txt"})
    rec("untitled", "in a file", lambda: x.status == 400, x)
    for k in range(2):
        x = c("POST", f"{A}/{dirs[1]}", {"copy_from": f"{d}/{files[k]}"})
        rec("copy", f"made, {k}", lambda: x.status == 201 and x.json["path"] == f"{dirs[1]}/{files[k]}" and x.json["size"] == held[files[k]], x)
        x = c("GET", f"{A}/{dirs[1]}/{files[k]}")
        rec("copy", f"the same text, {k}", lambda: x.status == 200 and x.json["content"] == f"second note on {X[k]}, {k}", x)
        x = c("POST", f"{A}/{dirs[1]}", {"copy_from": f"{d}/lacking-{X[k]}.txt"})
        rec("copy", f"of nothing, {k}", lambda: x.status == 404, x)
    for k in range(2):
        N = f"{D}/book-{X[k + 9]}.ipynb"
        x = c("PUT", N, notebook(f"heading {k}"))
        y = c("GET", N)
        rec("notebook", f"made, {k}", lambda: x.status == 201 and x.json["type"] == "notebook" and y.json["content"]["cells"][0]["source"] == f"heading {k}" and y.json["format"] == "json", (x, y))
        x = c("PUT", N, notebook(f"heading {k}", f"more {k}"))
        y = c("GET", N)
        rec("notebook", f"saved, {k}", lambda: x.status == 200 and [q["source"] for q in y.json["content"]["cells"]] == [f"heading {k}", f"more {k}"], (x, y))
        held[f"book-{X[k + 9]}.ipynb"] = 0
    s = "inner-shelf"
    S = f"{D}/{s}"
    x = c("PUT", S, {"type": "directory"})
    rec("nested", "directory", lambda: x.status == 201 and x.json["path"] == f"{d}/{s}", x)
    below = set()
    for k in range(2):
        f = f"leaf-{X[k + 2]}.md"
        x = c("PUT", f"{S}/{f}", text(f"leaf {k}"))
        rec("nested", f"created, {k}", lambda: x.status == 201 and x.json["path"] == f"{d}/{s}/{f}", x)
        x = c("GET", f"{S}/{f}")
        rec("nested", f"read, {k}", lambda: x.status == 200 and x.json["content"] == f"leaf {k}", x)
        below.add(f)
        x, y = c("GET", S), c("GET", D)
        rec("nested", f"listed there and not above, {k}", lambda: set(names(x)) == below and set(names(y)) == {*held, s}, (x, y))
    for k in range(2):
        t = f"top-{X[k + 11]}.txt"
        x = c("PUT", f"{A}/{t}", text(f"top {k}"))
        y = c("GET", f"{A}/{t}")
        rec("move", f"beside directories, {k}", lambda: x.status == 201 and x.json["path"] == t and y.json["content"] == f"top {k}" and y.json["type"] == "file", (x, y))
        x = c("PATCH", f"{A}/{t}", {"path": f"{d}/{t}"})
        y = c("GET", f"{A}/{t}")
        rec("move", f"left, {k}", lambda: x.status == 200 and x.json["path"] == f"{d}/{t}" and y.status == 404, (x, y))
        x = c("GET", f"{D}/{t}")
        rec("move", f"arrived, {k}", lambda: x.status == 200 and x.json["content"] == f"top {k}" and x.json["path"] == f"{d}/{t}", x)
        held[t] = 5
    for k, f in enumerate(files[3:5]):
        x = c("DELETE", f"{D}/{f}")
        rec("delete", f"deleted, {k}", lambda: x.status == 204, x)
        x = c("GET", f"{D}/{f}")
        rec("delete", f"gone, {k}", lambda: x.status == 404, x)
        x = c("DELETE", f"{D}/{f}")
        rec("delete", f"not twice, {k}", lambda: x.status == 404, x)
        held.pop(f)
        x = c("GET", D)
        rec("delete", f"gone from the list, {k}", lambda: set(names(x)) == {*held, s}, x)
    x = c("PUT", f"{D}/{files[3]}", text("born again"))
    y = c("GET", f"{D}/{files[3]}")
    rec("delete", "may be made again", lambda: x.status == 201 and y.json["content"] == "born again", (x, y))
    for k in range(2):
        C = f"/api/config/garden{X[k]}"
        x = c("GET", C)
        rec("config", f"empty, {k}", lambda: x.status == 200 and x.json == {}, x)
        x = c("PATCH", C, {"zoom": 60 + k, "view": {"side": "left"}})
        rec("config", f"set, {k}", lambda: x.status == 200 and x.json == {"zoom": 60 + k, "view": {"side": "left"}}, x)
        x = c("PATCH", C, {"zoom": 90 + k, "view": {"rows": k + 3}})
        y = c("GET", C)
        rec("config", f"merged, {k}", lambda: x.json == y.json == {"zoom": 90 + k, "view": {"side": "left", "rows": k + 3}}, (x, y))
        x = c("PATCH", C, {"zoom": None})
        rec("config", f"null removes, {k}", lambda: x.json == {"view": {"side": "left", "rows": k + 3}}, x)
    x, y = c("DELETE", D), c("GET", D)
    rec("tree", "directory deleted", lambda: x.status == 204 and y.status == 404, (x, y))
    x = c("GET", f"{D}/{files[0]}")
    rec("tree", "what was in it", lambda: x.status == 404, x)
    x = c("GET", f"{S}/leaf-{X[2]}.md")
    rec("tree", "and below that", lambda: x.status == 404, x)
    x = c("GET", f"{A}/{dirs[1]}/{files[0]}")
    rec("tree", "the copy stays", lambda: x.status == 200 and x.json["content"] == f"second note on {X[0]}, 0", x)
    x = c("GET", A)
    rec("tree", "gone from the list", lambda: dirs[0] not in names(x) and dirs[1] in names(x), x)


PARTNERS = {
    ("unknown id", "directory"): [("read your write", "directory")], ("unknown id", "file"): [("read your write", "file")], ("create", "directory"): [("read your write", "directory")], ("create", "file"): [("read your write", "file")],
    ("read your write", "directory"): [("create", "directory")], ("read your write", "file"): [("create", "file")], ("in the list", "directory"): [("create", "directory")], ("in the list", "file"): [("create", "file")],
    "state": [("create", "file")], "known id": [("read your write", "file")], "update": [("update", ""), ("create", "file")], ("validation", "hidden"): [("create", "file")], "validation": [("validation", ""), ("update", "saved")],
    "type": [("type", "")], "auth": [("auth", "")], "download": [("download", "")], "checkpoint": [("checkpoint", "made"), ("checkpoint", "listed")], "conflict": [("rename", "renamed")], "rename": [("rename", "renamed"), ("rename", "read")],
    ("untitled", "in"): [("untitled", "made")], "untitled": [("untitled", "made")], "copy": [("copy", "made")], "notebook": [("notebook", "made")], "nested": [("nested", "created"), ("nested", "directory")],
    "move": [("move", "beside")], "delete": [("delete", "deleted")], "config": [("config", "set")], "tree": [("tree", "directory"), ("tree", "the copy")],
}

"""Django REST framework (PyPI): tokens, owners, {"member": ["message"]}, pages, a nested resource, actions that refuse when done."""
import random
from pathlib import Path
from servers import PythonServer

NAME = "drf"
A = "quiet brisk amber solid early late round narrow plain vivid".split()
N = "bridge garden ledger signal harbor archive orchard beacon tunnel market".split()
P = "/api/projects/"


class Server(PythonServer):
    def __init__(self, folder):
        packages = ["django", "djangorestframework", "django-filter", "waitress"]
        super().__init__(folder, "drf_app.py", packages, "/api/me/", [Path(folder).resolve()])


def join(c, name, password):
    c("POST", "/api/accounts/", {"username": name, "password": password, "email": f"{name}@example.org"})
    x = c("POST", "/api/token/", {"username": name, "password": password})
    return {"Authorization": f"Token {(x.json or {}).get('token', 'none')}"} if isinstance(x.json, dict) else {"Authorization": "Token none"}


def train(make):
    R = random.Random(23)
    c = make("train")
    other = join(c, "zoe", "zoes-secret-9")
    for n in range(6):
        name, word = f"member{n}{R.randint(10, 99)}", f"pass-word-{n}{n}"
        a = join(c, name, word)
        for body in ({"username": name, "password": word, "email": f"{name}@example.org"}, {"username": f"x{n}", "password": "abc", "email": "x@example.org"},
                     {"username": f"y{n}", "password": word}, {"password": word, "email": "q@example.org"}, {"username": f"z{n}", "password": word, "email": "no-mail"}):
            c("POST", "/api/accounts/", body)
        c("POST", "/api/token/", {"username": name, "password": "wrong-word"})
        c("POST", "/api/token/", {"username": f"nobody{n}", "password": "wrong-word"})
        c("POST", "/api/token/", {"username": name})
        c("GET", "/api/me/", headers=a)
        c("GET", "/api/me/")
        c("GET", "/api/me/", headers={"Authorization": f"Token {R.randbytes(20).hex()}"})
        for k in range(5):
            code = f"{R.choice(N)}-{R.randint(100, 999)}"
            stage = {"stage": R.choice(["idea", "active"])} if k != 2 else {}
            x = c("POST", P, {"code": code, "title": f"{R.choice(A)} {R.choice(N)}", **stage}, headers=a)
            i = (x.json or {}).get("id", 1)
            item = f"{P}{i}/"
            c("GET", item, headers=a)
            c("POST", P, {"code": code, "title": "Again", "stage": "idea"}, headers=a)     # taken
            c("POST", P, {"code": f"n{n}{k}", "title": "No token"})
            c("POST", P, [{"code": f"c{n}{k}"}, {"title": "No code"}, {"code": "has space", "title": "t"}, {"code": f"s{n}{k}", "title": "t", "stage": "lost"}][k % 4], headers=a)
            c("PATCH", item, {"title": f"{R.choice(A)} {R.choice(N)}"}, headers=a)
            c("GET", item, headers=a)
            c("PATCH", item, {"title": "not mine"}, headers=other)                          # 403
            c("GET", item, headers=other)
            c("GET", item)
            c("GET", P)
            tasks = []
            for t in range(3):
                y = c("POST", f"{item}tasks/", {"title": f"{R.choice(A)} {t}", "priority": R.randint(1, 5)}, headers=a)
                tasks.append((y.json or {}).get("id", 1))
                c("GET", f"{item}tasks/{tasks[-1]}/", headers=a)
                c("GET", item, headers=a)
            c("POST", f"{item}tasks/", [{"priority": 2}, {"title": "x", "priority": 9}, {"title": "x", "priority": "high"}, {"title": "", "priority": 1}][k % 4], headers=a)
            c("PUT", f"{item}tasks/{tasks[1]}/", {"title": "replaced", "priority": R.randint(1, 5)}, headers=a)
            c("GET", f"{item}tasks/{tasks[1]}/", headers=a)
            c("POST", f"{item}tasks/{tasks[0]}/finish/", headers=a)
            c("POST", f"{item}tasks/{tasks[0]}/finish/", headers=a)                         # done already
            c("GET", f"{item}tasks/{tasks[0]}/", headers=a)
            c("GET", f"{item}tasks/?done={R.choice(['true', 'false'])}", headers=a)
            c("GET", f"{item}tasks/?priority={R.randint(1, 5)}", headers=a)
            c("GET", f"{item}tasks/?ordering={R.choice(['priority', '-priority'])}", headers=a)
            c("DELETE", f"{item}tasks/{tasks[2]}/", headers=a)
            c("GET", f"{item}tasks/{tasks[2]}/", headers=a)
            c("GET", f"{item}tasks/", headers=a)
            c("GET", f"{item}tasks/{9000 + R.randint(0, 99)}/", headers=a)
            if k % 2:
                c("POST", f"{item}close/", headers=a)
                c("POST", f"{item}close/", headers=a)                                       # closed already
                c("GET", item, headers=a)
            if k == 3:
                c("DELETE", item, headers=other)
                c("DELETE", item, headers=a)
                c("GET", item, headers=a)
                c("GET", f"{item}tasks/", headers=a)
            c("GET", f"{P}{7000 + R.randint(0, 999)}/", headers=a)
        for k in range(6):
            c("GET", f"{P}?page={R.randint(1, 3)}", headers=a)
            c("GET", f"{P}?stage={R.choice(['idea', 'active', 'closed'])}", headers=a)
            c("GET", f"{P}?search={R.choice(A + N)}", headers=a)
            c("GET", f"{P}?ordering={R.choice(['title', '-title', 'code', '-code'])}", headers=a)
        c("GET", P, headers=a)
        c("GET", f"{P}?page=90", headers=a)


def rows(x):
    return x.json["results"]


def walk(c, a, query=""):
    out, page = [], 1
    while page < 30:
        x = c("GET", f"{P}?page={page}{query}", headers=a)
        if x.status != 200:
            return out
        out += rows(x)
        page += 1
        if not x.json["next"]:
            return out
    return out


def exam(make, rec):
    R = random.Random(57)
    c = make("ana")
    a, b = join(c, "ana-exam", "examination-1"), join(c, "ben-exam", "examination-2")
    x = c("GET", "/api/me/", headers=a)
    rec("login", "me is ana", lambda: x.status == 200 and x.json["username"] == "ana-exam" and x.json["email"] == "ana-exam@example.org", x)
    y = c("GET", "/api/me/", headers=b)
    rec("login", "me is ben", lambda: y.status == 200 and y.json["username"] == "ben-exam" and y.json["id"] != x.json["id"], y)
    for k, (n, body) in enumerate((("wrong password", {"username": "ana-exam", "password": "other-word"}), ("nobody", {"username": "no-one", "password": "examination-1"}), ("no password", {"username": "ana-exam"}))):
        x = c("POST", "/api/token/", body)
        rec("login", f"{n} is refused", lambda: x.status == 400 and "token" not in x.json, x)
    for n, body, member in (("taken", {"username": "ana-exam", "password": "examination-1", "email": "e@example.org"}, "username"), ("short", {"username": "cy", "password": "abc", "email": "e@example.org"}, "password"),
                            ("no mail", {"username": "dy", "password": "examination-1"}, "email"), ("odd mail", {"username": "ey", "password": "examination-1", "email": "odd"}, "email")):
        x = c("POST", "/api/accounts/", body)
        rec("validation", f"account {n}", lambda: x.status == 400 and list(x.json) == [member] and isinstance(x.json[member], list), x)
    ids = []
    for k in range(5):
        sent = {"code": f"exam-{k}", "title": f"{A[k]} {N[9 - k]} {k}", "stage": ["idea", "active"][k % 2]}
        n0 = c("GET", P, headers=a).json
        x = c("POST", P, sent, headers=a)
        rec("create", f"created, {k}", lambda: x.status == 201 and all(x.json[q] == v for q, v in sent.items()) and x.json["owner"] == "ana-exam" and x.json["task_count"] == 0, x)
        i = x.json.get("id") if isinstance(x.json, dict) else None
        rec("create", f"a new id, {k}", lambda: isinstance(i, int) and i not in ids, i)
        ids.append(i)
        item = f"{P}{i}/"
        x = c("GET", item, headers=a)
        rec("read your write", f"item, {k}", lambda: x.status == 200 and all(x.json[q] == v for q, v in sent.items()) and x.json["id"] == i, x)
        x = c("GET", P, headers=a)
        rec("in the list", f"counted, {k}", lambda: x.json["count"] == n0["count"] + 1, (n0["count"], x))
        x = c("GET", P + f"?search={sent['title'].split()[0]}", headers=a)
        rec("in the list", f"found, {k}", lambda: [y for y in rows(x) if y["id"] == i][0]["title"] == sent["title"], x)
        x = c("POST", P, {**sent, "title": "Twice"}, headers=a)
        rec("conflict", f"the code is taken, {k}", lambda: x.status == 400 and list(x.json) == ["code"], x)
        x = c("PATCH", item, {"title": f"Patched {k}"}, headers=a)
        rec("update", f"patch answers the whole, {k}", lambda: x.status == 200 and x.json["title"] == f"Patched {k}" and x.json["code"] == sent["code"], x)
        x = c("GET", item, headers=a)
        rec("update", f"patched, {k}", lambda: x.json["title"] == f"Patched {k}" and x.json["code"] == sent["code"] and x.json["stage"] == sent["stage"], x)
        x = c("PATCH", item, {"title": "Ben's"}, headers=b)
        rec("owner", f"ben may not write, {k}", lambda: x.status == 403 and "detail" in x.json, x)
        x = c("GET", item, headers=b)
        rec("owner", f"ben reads, {k}", lambda: x.status == 200 and x.json["title"] == f"Patched {k}" and x.json["owner"] == "ana-exam", x)
        x = c("GET", item)
        rec("auth", f"nobody does not, {k}", lambda: x.status == 401, x)
        x = c("GET", item, headers={"Authorization": f"Token {R.randbytes(20).hex()}"})
        rec("auth", f"forged does not, {k}", lambda: x.status == 401, x)
        x = c("GET", P, headers=a)
        rec("auth", f"ana lists, {k}", lambda: x.status == 200 and len(rows(x)) == min(10, x.json["count"]), x)
    for k, i in enumerate(ids):
        base = f"{P}{i}/tasks/"
        tasks = []
        for t in range(3):
            x = c("POST", base, {"title": f"task {t} of {k}", "priority": 1 + (k + 2 * t) % 5}, headers=a)
            tasks.append(x.json.get("id") if isinstance(x.json, dict) else None)
            if t == 0:
                rec("child", f"created, {k}", lambda: x.status == 201 and x.json["project"] == i and x.json["done"] is False and x.json["title"] == f"task 0 of {k}", x)
        x = c("GET", f"{base}{tasks[1]}/", headers=a)
        rec("child", f"item, {k}", lambda: x.status == 200 and x.json["title"] == f"task 1 of {k}" and x.json["project"] == i, x)
        x = c("GET", base, headers=a)
        rec("child", f"listed, {k}", lambda: [y["id"] for y in rows(x)] == tasks and x.json["count"] == 3, x)
        x = c("GET", f"{P}{i}/", headers=a)
        rec("child", f"counted in the parent, {k}", lambda: x.json["task_count"] == 3, x)
        x = c("POST", f"{base}{tasks[0]}/finish/", headers=a)
        rec("action", f"finished, {k}", lambda: x.status == 200 and x.json["done"] is True and x.json["title"] == f"task 0 of {k}", x)
        x = c("POST", f"{base}{tasks[0]}/finish/", headers=a)
        rec("action", f"not twice, {k}", lambda: x.status == 409, x)
        x = c("GET", f"{base}{tasks[0]}/", headers=a)
        rec("action", f"stays finished, {k}", lambda: x.status == 200 and x.json["done"] is True, x)
        x = c("GET", f"{base}?done=true", headers=a)
        rec("filter", f"done, {k}", lambda: [y["id"] for y in rows(x)] == tasks[:1] and x.json["count"] == 1, x)
        x = c("GET", f"{base}?priority={1 + (k + 2) % 5}", headers=a)
        rec("filter", f"priority, {k}", lambda: [y["id"] for y in rows(x)] == tasks[1:2], x)
        x = c("GET", f"{base}?ordering=-priority", headers=a)
        rec("sort", f"priority down, {k}", lambda: [y["priority"] for y in rows(x)] == sorted((1 + (k + 2 * t) % 5 for t in range(3)), reverse=True), x)
        x = c("PUT", f"{base}{tasks[1]}/", {"title": f"put {k}", "priority": 5}, headers=a)
        y = c("GET", f"{base}{tasks[1]}/", headers=a)
        rec("update", f"task put, {k}", lambda: x.status == 200 and y.json["title"] == f"put {k}" and y.json["priority"] == 5 and y.json["project"] == i, y)
        x = c("POST", base, [{"priority": 2}, {"title": "x", "priority": 9}, {"title": "x", "priority": "high"}, {"title": "", "priority": 1}][k % 4], headers=a)
        rec("validation", f"task refused, {k}", lambda: x.status == 400 and list(x.json) == [["title"], ["priority"], ["priority"], ["title"]][k % 4], x)
        x = c("DELETE", f"{base}{tasks[2]}/", headers=a)
        rec("delete", f"task deleted, {k}", lambda: x.status == 204 and not x.body, x)
        x = c("GET", f"{base}{tasks[2]}/", headers=a)
        rec("delete", f"task gone, {k}", lambda: x.status == 404, x)
        x = c("GET", f"{P}{i}/", headers=a)
        rec("delete", f"counted less, {k}", lambda: x.json["task_count"] == 2, x)
        x = c("DELETE", f"{base}{tasks[2]}/", headers=a)
        rec("delete", f"not twice, {k}", lambda: x.status == 404, x)
    for n, body, member in (("no title", {"code": "q1"}, "title"), ("no code", {"title": "q"}, "code"), ("odd code", {"code": "q q", "title": "q"}, "code"), ("odd stage", {"code": "q2", "title": "q", "stage": "never"}, "stage")):
        x = c("POST", P, body, headers=a)
        rec("validation", f"project {n}", lambda: x.status == 400 and list(x.json) == [member], x)
    x = c("POST", P, {"code": "q3", "title": "q"}, headers=a)
    rec("validation", "project without stage passes", lambda: x.status == 201 and x.json["stage"] == "idea", x)
    for k in range(3):
        x = c("POST", f"{P}{ids[k]}/close/", headers=a)
        rec("action", f"project closed, {k}", lambda: x.status == 200 and x.json["stage"] == "closed", x)
        x = c("POST", f"{P}{ids[k]}/close/", headers=a)
        rec("action", f"project not twice, {k}", lambda: x.status == 409, x)
        x = c("GET", f"{P}{6000 + R.randint(0, 99)}/", headers=a)
        rec("unknown id", f"project, {k}", lambda: x.status == 404, x)
        x = c("GET", f"{P}{6000 + R.randint(0, 99)}/tasks/", headers=a)
        rec("unknown id", f"tasks of an unknown project, {k}", lambda: x.status == 404, x)
    for stage in ("closed", "active", "idea"):
        x = walk(c, a, f"&stage={stage}")
        rec("filter", f"stage {stage}", lambda: x and all(y["stage"] == stage for y in x) and (stage != "closed" or set(ids[:3]) <= {y["id"] for y in x}), len(x))
    for key in ("title", "-code"):
        x = walk(c, a, f"&ordering={key}")
        v = [y[key.lstrip("-")] for y in x]
        rec("sort", f"projects by {key}", lambda: len(v) > 5 and v == sorted(v, reverse=key[0] == "-"), v[:9])
    x = walk(c, a)
    n = c("GET", P, headers=a)
    rec("pages", "a walk sees all once", lambda: len(x) == len({y["id"] for y in x}) == n.json["count"] and set(ids) <= {y["id"] for y in x}, (len(x), n))
    x = c("GET", f"{P}?page=80", headers=a)
    rec("pages", "no page behind the last", lambda: x.status == 404, x)
    x = c("DELETE", f"{P}{ids[4]}/", headers=b)
    rec("owner", "ben may not delete", lambda: x.status == 403, x)
    x = c("DELETE", f"{P}{ids[4]}/", headers=a)
    rec("delete", "project", lambda: x.status == 204, x)
    x = c("GET", f"{P}{ids[4]}/tasks/", headers=a)
    rec("delete", "its tasks are gone", lambda: x.status == 404, x)
    x = c("POST", P, {"code": "exam-4", "title": "free again"}, headers=a)
    rec("conflict", "the code is free again", lambda: x.status == 201, x)


PARTNERS = {
    ("login", "me is"): [("login", "me is"), ("login", "wrong password")], "login": [("login", "me is ana")], ("create", "a new id"): [("create", "created")], "read your write": [("create", "created")],
    "in the list": [("read your write", "item")], "conflict": [("create", "created")], "update": [("read your write", "item")], ("update", "task put"): [("child", "item")],
    "owner": [("owner", "ben")], "auth": [("auth", "")], "child": [("create", "created")], "action": [("action", "")], "filter": [("child", "listed")], "sort": [("child", "listed")],
    ("validation", "account"): [("login", "me is ana")], ("validation", "task"): [("child", "created")], ("validation", "project"): [("validation", "project without stage")],
    "delete": [("child", "item"), ("delete", "task deleted")], ("unknown id", "project"): [("read your write", "item")], ("unknown id", "tasks"): [("child", "listed")], "pages": [("create", "created")],
}

"""The sample shop of the project itself: users, products, orders, a login."""
import os
import random
from common import HOST, Process, free_port, wait_http

NAME = "demo"
GIVEN = "Ada Grace Linus Edsger Barbara Ken Margaret Alan Joan Dennis".split()
FAMILY = "Stone Field Hill Marsh Ford Lake Wood Dale West North".split()

class Server(Process):
    def __init__(self, folder):
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__([os.environ["DEMO_BINARY"], "demo", "--backend-only", "--listen", f"{HOST}:{self.port}"], log=f"{folder}/server.log")
        wait_http(self.base, "/users/1")

def person(R):
    g, f = R.choice(GIVEN), R.choice(FAMILY)
    return {"name": f"{g} {f}", "email": f"{g}.{f}{R.randint(1000,9999)}@example.org".lower(), "phone": None}

def train(make, rounds=12):
    R = random.Random(11)
    c = make("train")
    for n in range(rounds):
        p = person(R)
        u = c("POST", "/users", p).json or {}
        i = u.get("id", 1)
        c("POST", "/users", {**p, "email": "nowhere"})
        c("POST", "/users", {**p, "name": ""})
        c("POST", "/users", {"name": p["name"]}) if n % 2 else c("POST", "/users", {})
        c("GET", f"/users/{i}")
        c("GET", f"/users?page=13&per_page=10")
        c("PATCH", f"/users/{i}", {"active": False})
        c("GET", f"/users/{i}")
        c("PATCH", f"/users/{i}", {"email": "bad"})
        c("PUT", f"/users/{i}", {**p, "name": "Changed Name"})
        c("PUT", f"/users/{i}", {**p, "email": "bad"})
        c("GET", f"/users/{i}")
        c("GET", f"/users/{R.randint(5000, 9999)}")
        if n % 2:
            c("DELETE", f"/users/{i}")
            c("GET", f"/users/{i}")
            c("DELETE", f"/users/{R.randint(5000, 9999)}")
        # login
        page = R.randint(1, 12)
        rows = c("GET", f"/users?page={page}&per_page=10").json["items"]
        who = R.choice(rows)
        token = (c("POST", "/login", {"email": who["email"], "password": "double"}).json or {}).get("token")
        c("POST", "/login", {"email": who["email"], "password": "guess"})
        c("POST", "/login", {"email": f"nobody{n}@example.org", "password": "double"})
        c("POST", "/login", {"email": who["email"]})
        c("GET", "/me", headers={"Authorization": f"Bearer {token}"})
        c("GET", "/me")
        c("GET", "/me", headers={"Authorization": "Bearer sess_9_" + "%032x" % R.getrandbits(128)})
        prods = c("GET", f"/products?page={R.randint(1,6)}").json["items"]
        items = [{"product_id": R.choice(prods)["id"], "quantity": R.randint(1, 3)} for _ in range(R.randint(1, 3))]
        o = c("POST", "/orders", {"user_id": who["id"], "items": items}).json or {}
        c("POST", "/orders", {"user_id": who["id"], "items": []})
        c("POST", "/orders", {"items": items})
        c("GET", f"/orders/{o.get('id')}")
        c("PATCH", f"/orders/{o.get('id')}", {"status": R.choice(["paid", "paid", "delivered"])})
        c("GET", f"/orders/{o.get('id')}")
        if n % 3 == 0:
            c("DELETE", f"/orders/{o.get('id')}")
            c("GET", f"/orders/{o.get('id')}")
        c("GET", f"/users/{who['id']}/orders")
        for _ in range(6):
            c("GET", f"/products?page={R.randint(1,6)}")
            p = R.choice(prods)
            a = c("GET", f"/products/{p['id']}")
            c("GET", f"/products/{p['id']}", headers={"If-None-Match": a.headers.get("etag", "x")})
            c("GET", f"/users/{R.randint(1, 120)}")
            c("GET", f"/users?page={R.randint(1, 12)}&per_page=10")
            c("GET", f"/search?q={R.choice(['oak','ada','zzz','steel'])}")
        c("GET", "/products/" + "%08x-0000-4000-8000-000000000000" % R.getrandbits(32))

def exam(make, rec):
    R = random.Random(77)
    c = make("ana")
    ids = []
    for k in range(6):
        p = person(R)
        a = c("POST", "/users", p)
        rec("create", f"created, {k}", lambda: a.status == 201 and all(a.json[x] == y for x, y in p.items()) and a.json["id"] not in ids, a)
        i = a.json.get("id") if isinstance(a.json, dict) else None
        ids.append(i)
        a = c("GET", f"/users/{i}")
        rec("read your write", f"item, {k}", lambda: a.status == 200 and all(a.json[x] == y for x, y in p.items()) and a.json["id"] == i, a)
        a = c("PATCH", f"/users/{i}", {"active": False})
        rec("update", f"patch, {k}", lambda: a.status == 200 and a.json["active"] is False and a.json["name"] == p["name"], a)
        a = c("GET", f"/users/{i}")
        rec("update", f"patched, {k}", lambda: a.status == 200 and a.json["active"] is False and a.json["name"] == p["name"], a)
        q = {**p, "name": "Other Person"}
        a = c("PUT", f"/users/{i}", q)
        rec("update", f"put, {k}", lambda: a.status == 200 and a.json["name"] == "Other Person" and a.json["active"] is True, a)
        a = c("GET", f"/users/{i}")
        rec("update", f"replaced, {k}", lambda: a.status == 200 and a.json["name"] == "Other Person" and a.json["active"] is True, a)
        a = c("GET", "/users?page=1&per_page=10"); total = (a.json or {}).get("total", 0) if isinstance(a.json, dict) else 0
        a = c("GET", f"/users?page={(total + 9) // 10}&per_page=10")
        rec("in the list", f"listed, {k}", lambda: any(x["id"] == i and x["name"] == "Other Person" for x in a.json["items"]), (total, a))
        a = c("POST", "/users", {**p, "email": "nowhere"})
        rec("validation", f"a bad mail, {k}", lambda: a.status == 422 and [x["field"] for x in a.json["errors"]] == ["email"], a)
        a = c("POST", "/users", {**p, "name": ""})
        rec("validation", f"an empty name, {k}", lambda: a.status == 422 and [x["field"] for x in a.json["errors"]] == ["name"], a)
        a = c("POST", "/users", {})
        rec("validation", f"nothing, {k}", lambda: a.status in (400, 422), a)
        a = c("POST", "/users", person(R))
        rec("validation", f"a good one passes, {k}", lambda: a.status == 201, a)
        a = c("PATCH", f"/users/{i}", {"email": "bad"})
        rec("validation", f"a bad patch, {k}", lambda: a.status == 422, a)
    for k, i in enumerate(ids[:3]):
        a = c("DELETE", f"/users/{i}")
        rec("delete", f"deleted, {k}", lambda: a.status == 204, a)
        a = c("GET", f"/users/{i}")
        rec("delete", f"gone, {k}", lambda: a.status == 404, a)
        a = c("DELETE", f"/users/{i}")
        rec("delete", f"deleted twice, {k}", lambda: a.status == 404, a)
    for k in range(6):
        a = c("GET", f"/users/{R.randint(10000, 99999)}")
        rec("unknown id", f"user, {k}", lambda: a.status == 404, a)
        a = c("GET", f"/users/{R.randint(1, 120)}")
        rec("known id", f"user, {k}", lambda: a.status == 200, a)
    for k in range(6):
        a = c("GET", f"/users?page={k + 1}&per_page=10")
        who = a.json["items"][k] if a.status == 200 and isinstance(a.json, dict) else {}
        rec("pages", f"page {k}", lambda: a.status == 200 and len(a.json["items"]) == 10 and a.json["items"][0]["id"] == k * 10 + 1, a)
        a = c("POST", "/login", {"email": who.get("email"), "password": "double"})
        rec("auth", f"login, {k}", lambda: a.status == 200 and a.json["token"] and a.json["user"]["id"] == who["id"], a)
        token = a.json.get("token") if isinstance(a.json, dict) else None
        a = c("POST", "/login", {"email": who.get("email"), "password": "guess"})
        rec("auth", f"a wrong password, {k}", lambda: a.status == 401, a)
        a = c("POST", "/login", {"email": who.get("email")})
        rec("auth", f"no password, {k}", lambda: a.status == 422, a)
        a = c("GET", "/me")
        rec("auth", f"no token, {k}", lambda: a.status == 401 and "www-authenticate" in a.headers, a)
        a = c("GET", "/me", headers={"Authorization": f"Bearer {token}"})
        rec("auth", f"good token, {k}", lambda: a.status == 200 and a.json["id"] == who["id"], a)
        a = c("GET", "/me", headers={"Authorization": "Bearer sess_9_" + "%032x" % R.getrandbits(128)})
        rec("auth", f"forged token, {k}", lambda: a.status == 401, a)
        a = c("GET", "/products?page=1"); prods = a.json["items"] if isinstance(a.json, dict) else [{"id": 1}]
        items = [{"product_id": prods[k]["id"], "quantity": 2}]
        a = c("POST", "/orders", {"user_id": who.get("id"), "items": items})
        rec("create", f"order, {k}", lambda: a.status == 201 and a.json["user_id"] == who["id"], a)
        o = a.json.get("id") if isinstance(a.json, dict) else None
        a = c("GET", f"/orders/{o}")
        rec("read your write", f"order, {k}", lambda: a.status == 200 and a.json["id"] == o, a)
        a = c("GET", f"/users/{who.get('id')}/orders")
        rec("in the list", f"order of the user, {k}", lambda: a.status == 200 and any(x["id"] == o for x in a.json["items"]), a)
        a = c("POST", "/orders", {"user_id": who.get("id"), "items": []})
        rec("validation", f"an order of nothing, {k}", lambda: a.status in (400, 422), a)
        a = c("POST", "/orders", {"items": items})
        rec("validation", f"an order of nobody, {k}", lambda: a.status in (400, 422), a)
        a = c("PATCH", f"/orders/{o}", {"status": "paid"})
        rec("action", f"paid, {k}", lambda: a.status == 200 and a.json["status"] == "paid", a)
        a = c("GET", f"/orders/{o}")
        rec("action", f"is paid, {k}", lambda: a.status == 200 and a.json["status"] == "paid", a)
        a = c("GET", f"/products/{prods[k]['id']}")
        e = a.headers.get("etag")
        rec("conditional", f"never 304 unasked, {k}", lambda: a.status == 200 and a.json["id"] == prods[k]["id"], a)
        a = c("GET", f"/products/{prods[k]['id']}", headers={"If-None-Match": e or '"x"'})
        rec("conditional", f"same tag: 304, {k}", lambda: e and a.status == 304, a)
        a = c("GET", "/products/" + "%08x-0000-4000-8000-000000000000" % R.getrandbits(32))
        rec("unknown id", f"product, {k}", lambda: a.status == 404, a)

"""FastAPI (PyPI): registration gates everything, slugs, drafts that only their author sees, versions, comments counted in their article, bulk, search by POST."""
import random
from servers import PythonServer, of

NAME = "blog"
A = "salt copper linen cedar marble velvet willow ginger hazel coral".split()
N = "kitchen voyage letter morning bakery theatre canal meadow clockmaker orchestra".split()
TAGS = ["food", "travel", "craft", "music"]


class Server(PythonServer):
    def __init__(self, folder):
        super().__init__(folder, "blog_app.py", ["fastapi", "uvicorn", "pyjwt"], "/me")


def join(c, name, word):
    x = c("POST", "/register", {"email": f"{name}@example.org", "password": word, "name": name.title()})
    return {"Authorization": f"Bearer {of(x, 'access_token')}"}, x


def train(make):
    R = random.Random(47)
    c = make("train")
    for n in range(6):
        name, word = f"writer{n}{R.randint(10, 99)}", f"word-of-{n}{n}{n}"
        a, _ = join(c, name, word)
        b, _ = join(c, f"reader{n}{R.randint(10, 99)}", word)
        c("POST", "/register", {"email": f"{name}@example.org", "password": word, "name": "Again"})
        for body in ({"email": f"q{n}@example.org", "password": "short", "name": "Q"}, {"email": "no-mail", "password": word, "name": "Q"}, {"email": f"q{n}@example.org", "password": word}):
            c("POST", "/register", body)
        c("POST", "/login", {"email": f"{name}@example.org", "password": word})
        c("POST", "/login", {"email": f"{name}@example.org", "password": "wrong-word"})
        c("POST", "/login", {"email": f"none{n}@example.org", "password": "wrong-word"})
        c("POST", "/login", {"email": f"{name}@example.org"})
        c("GET", "/me", headers=a)
        c("GET", "/me")
        c("GET", "/me", headers={"Authorization": f"Bearer {R.randbytes(20).hex()}"})
        slugs = []
        for k in range(6):
            title = f"{R.choice(A).title()} {R.choice(N).title()} {n}{k}"
            x = c("POST", "/articles", {"title": title, "text": f"{R.choice(A)} and {R.choice(N)}", "tags": R.sample(TAGS, R.randint(0, 2))}, headers=a)
            s = of(x, "slug")
            slugs.append(s)
            c("GET", f"/articles/{s}", headers=a)
            c("GET", f"/articles/{s}", headers=b)                                   # a draft
            c("GET", f"/articles/{s}")
            c("GET", "/articles", headers=a)
            c("GET", "/articles", headers=b)
            c("POST", "/articles", {"title": title, "text": "again"}, headers=a)    # taken
            c("POST", "/articles", [{"title": "No text"}, {"text": "no title"}, {"title": "x", "text": "short"}][k % 3], headers=a)
            c("POST", "/articles", {"title": f"Nobody {n}{k}", "text": "x"})
            c("POST", f"/articles/{s}/comments", {"text": "too early"}, headers=a)
            c("PUT", f"/articles/{s}", {"title": title + " Two", "text": "second", "version": 1}, headers=a)
            c("PUT", f"/articles/{s}", {"title": title, "text": "late", "version": 1}, headers=a)
            c("GET", f"/articles/{s}", headers=a)
            c("GET", "/me", headers=a)
            if k % 3:
                c("POST", f"/articles/{s}/publish", headers=b)
                c("POST", f"/articles/{s}/publish", headers=a)
                c("POST", f"/articles/{s}/publish", headers=a)
                c("GET", f"/articles/{s}", headers=b)
                c("GET", "/articles", headers=b)
                c("PUT", f"/articles/{s}", {"title": "Not mine", "text": "x", "version": 3}, headers=b)
                ids = []
                for t in range(2):
                    y = c("POST", f"/articles/{s}/comments", {"text": f"{R.choice(A)} {t}"}, headers=[a, b][t])
                    ids.append(of(y, "id", 0))
                    c("GET", f"/articles/{s}", headers=a)
                c("POST", f"/articles/{s}/comments", {"text": ""}, headers=b)
                c("GET", f"/articles/{s}/comments", headers=b)
                c("DELETE", f"/articles/{s}/comments/{ids[0]}", headers=b)
                c("DELETE", f"/articles/{s}/comments/{ids[0]}", headers=a)
                c("DELETE", f"/articles/{s}/comments/{ids[0]}", headers=a)
                c("GET", f"/articles/{s}/comments", headers=a)
                c("GET", f"/articles/{s}", headers=a)
            c("GET", f"/articles/none-{R.randint(100, 999)}", headers=a)
            key = R.choice(["theme", "size", "order", "zone"]) + str(k)
            c("GET", f"/prefs/{key}", headers=a)
            c("PUT", f"/prefs/{key}", {"value": R.randint(1, 99)}, headers=a)
            c("PUT", f"/prefs/{key}", {"value": R.randint(1, 99)}, headers=a)
            c("GET", f"/prefs/{key}", headers=a)
            c("GET", f"/prefs/{key}", headers=b)
            c("GET", "/prefs", headers=a)
            c("GET", "/prefs", headers=b)
            if k % 2:
                c("DELETE", f"/prefs/{key}", headers=a)
                c("DELETE", f"/prefs/{key}", headers=a)
                c("GET", f"/prefs/{key}", headers=a)
        c("POST", "/articles/bulk", [{"title": f"Bulk One {n}", "text": "x", "tags": ["food"]}, {"title": f"Bulk Two {n}", "text": "y"}], headers=a)
        c("GET", f"/articles/bulk-one-{n}", headers=a)
        c("POST", "/articles/bulk", [{"title": f"Bulk One {n}", "text": "x"}, {"title": f"Bulk Three {n}", "text": "y"}], headers=a)
        c("GET", f"/articles/bulk-three-{n}", headers=a)
        for k in range(6):
            c("GET", f"/articles?page={R.randint(1, 4)}", headers=a)
            c("GET", f"/articles?per_page={R.choice([2, 3, 10])}", headers=a)
            c("GET", f"/articles?tag={R.choice(TAGS)}", headers=a)
            c("GET", f"/articles?status={R.choice(['draft', 'published'])}", headers=a)
            c("POST", "/articles/search", {"tag": R.choice(TAGS)}, headers=a)
            c("POST", "/articles/search", {"status": R.choice(["draft", "published"])}, headers=a)
        c("POST", "/articles/search", {"status": "lost"}, headers=a)
        c("GET", "/articles?page=60", headers=a)
        for s in slugs[:2]:
            c("DELETE", f"/articles/{s}", headers=b)
            c("DELETE", f"/articles/{s}", headers=a)
            c("GET", f"/articles/{s}", headers=a)
            c("GET", f"/articles/{s}/comments", headers=a)
            c("DELETE", f"/articles/{s}", headers=a)


def exam(make, rec):
    R = random.Random(83)
    c = make("ana")
    (a, x), (b, y) = join(c, "ana.exam", "examination1"), join(c, "ben.exam", "examination2")
    rec("login", "registered", lambda: x.status == 201 and x.json["user"]["name"] == "Ana.Exam" and x.json["user"]["id"] != y.json["user"]["id"], x)
    ana = (x.json or {}).get("user", {}).get("id") if isinstance(x.json, dict) else None
    x = c("POST", "/register", {"email": "ana.exam@example.org", "password": "examination3", "name": "Again"})
    rec("login", "not twice", lambda: x.status == 409 and x.json["detail"]["code"] == "email_taken", x)
    for n, body in (("short password", {"email": "q@example.org", "password": "abc", "name": "Q"}), ("odd mail", {"email": "odd", "password": "examination1", "name": "Q"}), ("no name", {"email": "q@example.org", "password": "examination1"})):
        x = c("POST", "/register", body)
        rec("validation", f"register: {n}", lambda: x.status == 422 and x.json["detail"][0]["loc"] == ["body", {"s": "password", "o": "email", "n": "name"}[n[0]]], x)
    x = c("POST", "/login", {"email": "ana.exam@example.org", "password": "examination1"})
    rec("login", "right password", lambda: x.status == 200 and x.json["user"]["email"] == "ana.exam@example.org", x)
    a = {"Authorization": f"Bearer {of(x, 'access_token')}"}
    x = c("POST", "/login", {"email": "ana.exam@example.org", "password": "wrong-word"})
    rec("login", "wrong password", lambda: x.status == 401, x)
    x = c("GET", "/me", headers=a)
    rec("login", "me", lambda: x.status == 200 and x.json["email"] == "ana.exam@example.org" and x.json["articles_count"] == 0, x)
    slugs = []
    for k in range(6):
        title = f"{A[k].title()} {N[9 - k].title()} Exam {k}"
        s = title.lower().replace(" ", "-")
        sent = {"title": title, "text": f"text {k}", "tags": [TAGS[k % 4]]}
        x = c("POST", "/articles", sent, headers=a)
        rec("create", f"created, {k}", lambda: x.status == 201 and all(x.json[q] == v for q, v in sent.items()) and x.json["slug"] == s and x.json["status"] == "draft" and x.json["version"] == 1 and x.json["author"] == ana and x.json["comments_count"] == 0, x)
        slugs.append(s)
        item = f"/articles/{s}"
        x = c("GET", item, headers=a)
        rec("read your write", f"item, {k}", lambda: x.status == 200 and all(x.json[q] == v for q, v in sent.items()) and x.json["url"] == item, x)
        x = c("GET", "/me", headers=a)
        rec("computed", f"counted in me, {k}", lambda: x.json["articles_count"] == k + 1, x)
        x = c("GET", item, headers=b)
        rec("draft", f"ben sees no draft, {k}", lambda: x.status == 404, x)
        x = c("GET", f"/articles?author={ana}&per_page=50", headers=b)
        y = c("GET", "/articles?status=draft&per_page=50", headers=a)
        rec("draft", f"nor in his list, {k}", lambda: s not in [q["slug"] for q in x.json["items"]] and s in [q["slug"] for q in y.json["items"]], (x, y))
        x = c("GET", item)
        rec("auth", f"nobody, {k}", lambda: x.status == 401, x)
        x = c("GET", item, headers={"Authorization": f"Bearer {R.randbytes(20).hex()}"})
        rec("auth", f"forged, {k}", lambda: x.status == 401, x)
        x = c("POST", "/articles", {"title": title, "text": "again"}, headers=a)
        rec("conflict", f"slug taken, {k}", lambda: x.status == 409, x)
        x = c("PUT", item, {"title": f"{title} B", "text": "second", "version": 1}, headers=a)
        rec("revision", f"current: passes, {k}", lambda: x.status == 200 and x.json["version"] == 2 and x.json["text"] == "second" and x.json["slug"] == s, x)
        x = c("PUT", item, {"title": title, "text": "late", "version": 1}, headers=a)
        rec("revision", f"old: conflict, {k}", lambda: x.status == 409, x)
        x = c("GET", item, headers=a)
        rec("update", f"kept, {k}", lambda: x.json["text"] == "second" and x.json["title"] == f"{title} B" and x.json["version"] == 2 and x.json["tags"] == sent["tags"], x)
        x = c("GET", f"/articles/absent-{R.randint(100, 999)}", headers=a)
        rec("unknown id", f"article, {k}", lambda: x.status == 404, x)
    for k, s in enumerate(slugs[:4]):
        item = f"/articles/{s}"
        x = c("POST", f"{item}/comments", {"text": "early"}, headers=a)
        rec("action", f"no comment on a draft, {k}", lambda: x.status == 409, x)
        x = c("POST", f"{item}/publish", headers=a)
        rec("action", f"published, {k}", lambda: x.status == 200 and x.json["status"] == "published" and x.json["version"] == 3 and x.json["published_at"], x)
        x = c("POST", f"{item}/publish", headers=a)
        rec("action", f"not twice, {k}", lambda: x.status == 409, x)
        x = c("GET", item, headers=b)
        rec("draft", f"ben sees it published, {k}", lambda: x.status == 200 and x.json["text"] == "second" and x.json["status"] == "published", x)
        x = c("PUT", item, {"title": "Ben's", "text": "x", "version": 3}, headers=b)
        rec("owner", f"ben may not edit, {k}", lambda: x.status == 403, x)
        x = c("POST", f"{item}/comments", {"text": f"remark {k}"}, headers=a)
        i = of(x, "id", 0)
        rec("child", f"created, {k}", lambda: x.status == 201 and x.json["article"] == s and x.json["author"] == ana and x.json["text"] == f"remark {k}", x)
        y = c("POST", f"{item}/comments", {"text": f"answer {k}"}, headers=b)
        x = c("GET", f"{item}/comments", headers=b)
        rec("child", f"listed, {k}", lambda: [q["id"] for q in x.json] == [i, y.json["id"]] and x.json[1]["text"] == f"answer {k}", x)
        x = c("GET", item, headers=a)
        rec("child", f"counted, {k}", lambda: x.json["comments_count"] == 2, x)
        x = c("DELETE", f"{item}/comments/{i}", headers=b)
        rec("owner", f"ben may not unsay, {k}", lambda: x.status == 403, x)
        x = c("DELETE", f"{item}/comments/{i}", headers=a)
        rec("delete", f"comment, {k}", lambda: x.status == 204, x)
        x = c("DELETE", f"{item}/comments/{i}", headers=a)
        rec("delete", f"comment not twice, {k}", lambda: x.status == 404, x)
        x = c("GET", item, headers=a)
        rec("delete", f"counted less, {k}", lambda: x.json["comments_count"] == 1, x)
        x = c("GET", f"/prefs/colour{k}", headers=a)
        rec("upsert", f"not yet, {k}", lambda: x.status == 404, x)
        x = c("PUT", f"/prefs/colour{k}", {"value": k}, headers=a)
        rec("upsert", f"new, {k}", lambda: x.status == 201 and x.json == {"key": f"colour{k}", "value": k}, x)
        x = c("PUT", f"/prefs/colour{k}", {"value": k + 10}, headers=a)
        rec("upsert", f"again, {k}", lambda: x.status == 200 and x.json["value"] == k + 10, x)
        x = c("GET", "/prefs", headers=a)
        rec("upsert", f"listed, {k}", lambda: [q for q in x.json["items"] if q["key"] == f"colour{k}"] == [{"key": f"colour{k}", "value": k + 10}] and len(x.json["items"]) == k + 1, x)
        x = c("GET", f"/prefs/colour{k}", headers=b)
        rec("upsert", f"not ben's, {k}", lambda: x.status == 404, x)
        x = c("GET", "/prefs", headers=b)
        rec("upsert", f"nor in his list, {k}", lambda: x.json["items"] == [], x)
    for k, body in enumerate(({"title": "No text"}, {"text": "no title"}, {"title": "x", "text": "short"})):
        x = c("POST", "/articles", body, headers=a)
        rec("validation", f"article refused, {k}", lambda: x.status == 422 and x.json["detail"][0]["loc"][-1] == ["text", "title", "title"][k], x)
    x = c("POST", "/articles/bulk", [{"title": "Exam Bulk One", "text": "x", "tags": ["music"]}, {"title": "Exam Bulk Two", "text": "y"}], headers=a)
    y = c("GET", "/articles/exam-bulk-two", headers=a)
    rec("bulk", "both", lambda: x.status == 207 and x.json["results"] == [{"status": 201, "slug": "exam-bulk-one"}, {"status": 201, "slug": "exam-bulk-two"}] and y.json["text"] == "y", (x, y))
    x = c("POST", "/articles/bulk", [{"title": "Exam Bulk Two", "text": "again"}, {"title": "Exam Bulk Three", "text": "z"}], headers=a)
    rec("bulk", "one refused", lambda: x.status == 207 and x.json["results"] == [{"status": 409, "error": "slug_taken"}, {"status": 201, "slug": "exam-bulk-three"}], x)
    for k, tag in enumerate(TAGS):
        x, y = c("GET", f"/articles?tag={tag}&per_page=50", headers=a), c("POST", "/articles/search", {"tag": tag}, headers=a)
        mine = {s for j, s in enumerate(slugs) if j % 4 == k}
        rec("filter", f"tag, {k}", lambda: mine <= {q["slug"] for q in x.json["items"]} and all(tag in q["tags"] for q in x.json["items"]) and x.json["total"] == len(x.json["items"]), x)
        rec("query", f"tag by POST, {k}", lambda: mine <= {q["slug"] for q in y.json["hits"]} and all(tag in q["tags"] for q in y.json["hits"]), y)
    for k, status in enumerate(("draft", "published")):
        x = c("POST", "/articles/search", {"status": status}, headers=a)
        rec("query", f"status by POST, {k}", lambda: x.json["hits"] and all(q["status"] == status for q in x.json["hits"]), x)
    seen, page = [], 1
    while page < 30:
        x = c("GET", f"/articles?page={page}", headers=a)
        seen += [q["slug"] for q in x.json["items"]] if isinstance(x.json, dict) and "items" in x.json else []
        page += 1
        if not isinstance(x.json, dict) or page > x.json.get("pages", 0):
            break
    rec("pages", "a walk sees all once", lambda: len(seen) == len(set(seen)) == x.json["total"] and set(slugs) <= set(seen), (len(seen), x))
    x = c("GET", "/articles?page=70", headers=a)
    rec("pages", "nothing behind the last", lambda: x.status == 200 and x.json["items"] == [] and x.json["total"] == len(seen), x)
    for k, s in enumerate(slugs[3:5]):
        x = c("DELETE", f"/articles/{s}", headers=a)
        rec("delete", f"article, {k}", lambda: x.status == 204, x)
        x = c("GET", f"/articles/{s}", headers=a)
        rec("delete", f"article gone, {k}", lambda: x.status == 404, x)
        x = c("DELETE", f"/articles/{s}", headers=a)
        rec("delete", f"article not twice, {k}", lambda: x.status == 404, x)
        x = c("GET", f"/articles/{s}/comments", headers=a)
        rec("delete", f"comments gone, {k}", lambda: x.status == 404, x)
    x = c("POST", "/articles", {"title": f"{A[4].title()} {N[5].title()} Exam 4", "text": "free again"}, headers=a)
    rec("conflict", "the slug is free again", lambda: x.status == 201 and x.json["text"] == "free again", x)


PARTNERS = {
    "login": [("login", "")], ("validation", "register"): [("login", "registered")], ("validation", "article"): [("create", "created")], "create": [("login", "me")], "read your write": [("create", "created")],
    "computed": [("read your write", "item")], "draft": [("read your write", "item")], "auth": [("read your write", "item"), ("auth", "")], "conflict": [("create", "created")], "revision": [("revision", "")], "update": [("revision", "")],
    "unknown id": [("read your write", "item")], "action": [("action", "")], "owner": [("owner", ""), ("child", "created")], "child": [("child", "created")], "delete": [("delete", "comment,"), ("delete", "article,")],
    "upsert": [("upsert", "new")], "bulk": [("bulk", "")], "filter": [("create", "created")], "query": [("create", "created")], "pages": [("create", "created")],
}

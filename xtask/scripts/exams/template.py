"""FastAPI with SQLModel (PyPI) as its full-stack template does it: password login by form, JWT, a superuser, lists of one's own as data and count, 422 details."""
import random
import uuid
from pathlib import Path
from urllib.parse import urlencode
from servers import PythonServer, of

NAME = "template"
V = "/api/v1"
I, L, U = f"{V}/items/", f"{V}/loans/", f"{V}/users/"
FIRST = "Anna Bela Carl Dora Egon Fred Gesa Hans Ines Jana Kira Lars Maja Nils Olga".split()
LAST = "Adler Busch Conrad Dorn Ebert Fuchs Graf Hahn Iffland Jung Kuhn Lang".split()
ADJ = "old heavy small folding electric spare wooden green rusty silent".split()
NOUN = "ladder drill tent kayak projector saw bicycle grill scanner trolley".split()
CONDITIONS = ["new", "used", "broken"]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Server(PythonServer):
    def __init__(self, folder):
        packages = ["fastapi", "sqlmodel", "uvicorn", "pyjwt", "python-multipart", "email-validator"]
        super().__init__(folder, "fastapi_app.py", packages, f"{V}/utils/health-check/", [Path(folder).resolve()])


def login(c, name, password, **more):
    fields = {"grant_type": "password", "username": name, "password": password, **more}
    return c("POST", f"{V}/login/access-token", raw=urlencode({k: v for k, v in fields.items() if v is not None}).encode(), headers=FORM)


def bearer(x):
    return {"Authorization": f"Bearer {of(x, 'access_token')}"}


def join(c, name, password, full=None):
    """Registers and logs in: the header, the user, the token's answer."""
    x = c("POST", f"{U}signup", {"email": name, "password": password, **({"full_name": full} if full else {})})
    y = login(c, name, password)
    return bearer(y), x, y


def forged(R, header):
    """The same token with another signature."""
    body = header["Authorization"].rsplit(".", 1)[0]
    return {"Authorization": f"{body}.{''.join(R.choices('abcdefghijkmnopqrstuvwxyzABCDEFGH23456789_-', k=43))}"}


def an_item(R, k):
    body = {"title": f"{R.choice(ADJ)} {R.choice(NOUN)}"}
    if k % 3 != 1:
        body["description"] = f"{R.choice(ADJ)} one, kept in the {R.choice(['cellar', 'attic', 'shed', 'garage'])}"
    if k % 2 == 0:
        body["condition"] = R.choice(CONDITIONS)
    if k % 4 != 3:
        body["price"] = round(R.uniform(1, 90), 2)
    return body


def train(make):
    R = random.Random(61)
    new = lambda: str(uuid.UUID(int=R.getrandbits(128), version=4))  # noqa: E731
    c = make("train")
    admin = bearer(login(c, "admin@example.com", "changethis"))
    c("GET", f"{U}me", headers=admin)
    other, _, _ = join(c, "zita.zorn@mail.example", "zitas-secret-1", "Zita Zorn")
    third, _, _ = join(c, "yann.yard@mail.example", "yanns-secret-1", "Yann Yard")
    for h in (other, third):
        c("GET", L, headers=h)                                                                  # none yet
    for n in range(5):
        first, last = R.choice(FIRST), R.choice(LAST)
        mail, word = f"{first}.{last}{n}@mail.example".lower(), f"{R.choice(NOUN)}-{R.randint(1000, 9999)}"
        a, x, _ = join(c, mail, word, f"{first} {last}" if n % 3 else None)
        me = of(x, "id")
        c("POST", f"{U}signup", {"email": mail, "password": word})                              # taken
        for body in ({"email": f"short{n}@mail.example", "password": "abc"}, {"email": f"no mail {n}", "password": word}, {"email": f"nopass{n}@mail.example"}, {"password": word}):
            c("POST", f"{U}signup", body)
        for k in range(2):
            login(c, mail, f"wrong-{R.randint(1000, 9999)}")
            login(c, f"nobody{n}{k}@mail.example", word)
        login(c, mail, None)
        login(c, mail, word)
        c("POST", f"{V}/login/test-token", headers=a)
        c("GET", f"{U}me", headers=a)
        c("GET", f"{U}me")
        c("GET", f"{U}me", headers=forged(R, a))
        c("GET", f"{U}me", headers={"Authorization": f"Bearer {R.randbytes(24).hex()}"})
        c("GET", f"{U}{me}", headers=a)
        c("GET", f"{U}{me}", headers=other)                                                     # 403
        c("GET", f"{U}{me}", headers=admin)
        c("GET", f"{U}{new()}", headers=admin)                                                  # 404
        c("GET", U, headers=a)                                                                  # 403
        c("GET", U, headers=admin)
        c("GET", f"{U}?skip={R.randint(0, 4)}&limit={R.randint(2, 5)}", headers=admin)
        c("PATCH", f"{U}me", {"full_name": f"{first} {R.choice(LAST)}"}, headers=a)
        c("GET", f"{U}me", headers=a)
        c("PATCH", f"{U}me", {"email": "zita.zorn@mail.example"}, headers=a)                    # 409
        c("PATCH", f"{U}me", {"email": f"not a mail {n}"}, headers=a)
        c("PATCH", f"{U}me/password", {"current_password": f"not-this-{n}{n}", "new_password": f"{word}-b"}, headers=a)
        c("PATCH", f"{U}me/password", {"current_password": word, "new_password": word}, headers=a)
        c("PATCH", f"{U}me/password", {"current_password": word, "new_password": "abc"}, headers=a)
        c("PATCH", f"{U}me/password", {"current_password": word, "new_password": f"{word}-b"}, headers=a)
        login(c, mail, word)                                                                    # the old one no more
        a = bearer(login(c, mail, f"{word}-b"))
        c("GET", I, headers=a)                                                                  # none yet
        ids = []
        for k in range(6):
            x = c("POST", I, an_item(R, n + k), headers=a)
            i = of(x, "id")
            ids.append(i)
            item = f"{I}{i}"
            c("GET", item, headers=a)
            c("GET", I, headers=a)
            if k % 2 == 0:
                c("POST", I, {"title": "no token"})
                c("GET", item)
                c("GET", I)
                c("GET", item, headers=forged(R, a))
                c("GET", I, headers=forged(R, a))
                c("GET", item, headers=admin)
            c("GET", item, headers=other)                                                       # 403
            c("POST", I, [{"description": "no title"}, {"title": ""}, {"title": "t", "price": -R.randint(1, 9)}, {"title": "t", "price": "cheap"}, {"title": "t", "condition": R.choice(["lost", "fine", "sold"])}, {"title": R.randint(3, 99)}][(n + k) % 6], headers=a)
            c("POST", I, [{"title": "", "price": 3}, {"title": "u", "price": "dear"}, {"title": "u", "condition": R.choice(["odd", "bent"])}, {}, {"title": "u", "price": -R.randint(10, 19)}, {"price": 4}][(n + k) % 6], headers=a)
            c("PUT", item, [{"title": f"{R.choice(ADJ)} {R.choice(NOUN)}"}, {"price": round(R.uniform(1, 90), 2), "condition": R.choice(CONDITIONS)}, {"description": f"now {R.choice(ADJ)}"}][k % 3], headers=a)
            c("GET", item, headers=a)
            c("PUT", item, [{"title": ""}, {"price": "none"}, {"condition": "gone"}][k % 3], headers=a)
            c("PUT", item, {"title": "not mine"}, headers=other)                                # 403
            c("GET", f"{I}{new()}", headers=a)                                                  # 404
            c(["PUT", "DELETE"][k % 2], f"{I}{new()}", None if k % 2 else {"title": "nothing"}, headers=a)
            if k % 2:
                c("GET", f"{I}{R.randint(1, 99)}", headers=a)                                   # 422
            # loans
            who = [other, third][(n + k) // 2 % 2]
            x = c("POST", L, {"item_id": i, **({"days": R.randint(1, 40)} if k % 3 else {}), **({"note": f"for the {R.choice(ADJ)} party"} if k % 2 else {})}, headers=who)
            j = of(x, "id")
            c("POST", L, {"item_id": i, "days": 3}, headers=who)                              # 409
            c("POST", L, [{"item_id": i, "days": R.randint(61, 99)}, {"days": 4}, {"item_id": new()}, {"item_id": f"item {k}"}, {"item_id": i, "days": "many"}, {"item_id": i, "days": 0}][(n + k) % 6], headers=who)
            c("GET", f"{item}/loans", headers=a)
            c("GET", L, headers=who)
            if k % 2:
                c("POST", f"{L}{j}/return", headers=a)                                          # 403
                c("POST", f"{L}{j}/return", headers=who)
                c("POST", f"{L}{j}/return", headers=who)                                      # 409
                c("GET", f"{item}/loans", headers=a)
                c("POST", L, {"item_id": i, "days": R.randint(1, 40)}, headers=who)           # lent again
                c("POST", f"{L}{new()}/return", headers=who)                                  # 404
            c("GET", f"{L}?returned={['true', 'false'][k % 2]}", headers=who)
            c("GET", f"{I}?condition={R.choice(CONDITIONS)}", headers=a)
            c("GET", f"{I}?q={R.choice(ADJ + NOUN)}", headers=a)
        for size in (2, 4):
            for skip in (0, size, 2 * size):
                c("GET", f"{I}?skip={skip}&limit={size}", headers=a)
        c("GET", f"{I}?skip=40&limit=5", headers=a)
        for limit in (0, R.randint(101, 999), "all"):
            c("GET", f"{I}?limit={limit}", headers=a)
        c("GET", f"{I}?condition={['odd', 'lost'][n % 2]}", headers=a)
        for i in ids[:2]:
            c("DELETE", f"{I}{i}", headers=other)                                               # 403
            c("DELETE", f"{I}{i}", headers=a)
            c("GET", f"{I}{i}", headers=a)
            c("DELETE", f"{I}{i}", headers=a)
            c("GET", I, headers=a)
        # the superuser
        guest = f"guest{n}.{R.choice(LAST)}@mail.example".lower()
        x = c("POST", U, {"email": guest, "password": word, "full_name": f"Guest {n}"}, headers=admin)
        g = of(x, "id")
        c("POST", U, {"email": guest, "password": word}, headers=admin)                         # 400
        c("POST", U, {"email": f"x{n}@mail.example", "password": word}, headers=a)              # 403
        c("POST", U, {"email": f"x{n}@mail.example"}, headers=admin)
        c("GET", f"{U}{g}", headers=admin)
        b = bearer(login(c, guest, word))
        c("GET", f"{U}me", headers=b)
        c("PATCH", f"{U}{g}", {"full_name": f"Guest {R.choice(LAST)}"}, headers=admin)
        c("PATCH", f"{U}{g}", {"full_name": "Me too"}, headers=a)                               # 403
        c("PATCH", f"{U}{new()}", {"full_name": "None"}, headers=admin)                         # 404
        c("GET", f"{U}{g}", headers=admin)
        c("PATCH", f"{U}{g}", {"is_active": False}, headers=admin)
        login(c, guest, word)                                                                   # inactive
        c("GET", f"{U}me", headers=b)                                                           # inactive
        c("DELETE", f"{U}{g}", headers=a)                                                       # 403
        c("DELETE", f"{U}{g}", headers=admin)
        c("GET", f"{U}{g}", headers=admin)                                                      # 404
        c("DELETE", f"{U}{g}", headers=admin)
        login(c, guest, word)
        c("GET", U, headers=admin)
        if n % 2:
            c("DELETE", f"{U}me", headers=a)
            c("GET", f"{U}me", headers=a)                                                       # 404
            login(c, mail, f"{word}-b")
        c("DELETE", f"{U}me", headers=admin)                                                    # 403


def data(x):
    return x.json["data"]


def walk(c, a, size):
    seen = []
    for page in range(30):
        x = c("GET", f"{I}?skip={page * size}&limit={size}", headers=a)
        rows = x.json.get("data") if isinstance(x.json, dict) else None
        if x.status != 200 or not rows:
            break
        seen += [y.get("id") for y in rows if isinstance(y, dict)]
    return seen


def exam(make, rec):
    R = random.Random(83)
    new = lambda: str(uuid.UUID(int=R.getrandbits(128), version=4))  # noqa: E731
    c = make("ana")
    detail = lambda x, status, text: x.status == status and x.json == {"detail": text}  # noqa: E731
    bad = lambda x, kind, *loc: x.status == 422 and [(d["type"], d["loc"]) for d in x.json["detail"]] == [(kind, list(loc))]  # noqa: E731
    taken = "The user with this email already exists in the system"
    a, x, y = join(c, "ana.exam@test.example", "examination-1", "Ana Exam")
    ana = of(x, "id")
    rec("login", "registered", lambda: x.status == 200 and x.json["email"] == "ana.exam@test.example" and x.json["full_name"] == "Ana Exam" and x.json["is_active"] is True and x.json["is_superuser"] is False and "password" not in x.json, x)
    rec("login", "right password", lambda: y.status == 200 and y.json["token_type"] == "bearer" and y.json["access_token"].count(".") == 2, y)
    b, x2, y2 = join(c, "ben.exam@test.example", "examination-2")
    rec("login", "no name given", lambda: x2.status == 200 and x2.json["full_name"] is None and x2.json["id"] != ana, x2)
    rec("login", "another token", lambda: y2.json["access_token"] != y.json["access_token"], y2)
    x = c("GET", f"{U}me", headers=a)
    rec("login", "me is ana", lambda: x.status == 200 and x.json["id"] == ana and x.json["email"] == "ana.exam@test.example", x)
    x = c("GET", f"{U}me", headers=b)
    rec("login", "me is ben", lambda: x.status == 200 and x.json["email"] == "ben.exam@test.example" and x.json["full_name"] is None, x)
    x = c("POST", f"{V}/login/test-token", headers=b)
    rec("login", "the token is ben's", lambda: x.status == 200 and x.json["email"] == "ben.exam@test.example", x)
    x = login(c, "ana.exam@test.example", "not-examined")
    rec("login", "wrong password", lambda: detail(x, 400, "Incorrect email or password"), x)
    x = login(c, "ona.exam@test.example", "examination-1")
    rec("login", "nobody", lambda: detail(x, 400, "Incorrect email or password"), x)
    x = login(c, "ana.exam@test.example", None)
    rec("login", "no password", lambda: bad(x, "missing", "body", "password"), x)
    x = c("POST", f"{U}signup", {"email": "ana.exam@test.example", "password": "examination-3"})
    rec("conflict", "registered twice", lambda: detail(x, 400, taken), x)
    for n, body, kind, member in (("short password", {"email": "cy.exam@test.example", "password": "abc"}, "string_too_short", "password"), ("odd mail", {"email": "exam odd", "password": "examination-1"}, "value_error", "email"),
                                  ("no password", {"email": "dy.exam@test.example"}, "missing", "password"), ("no mail", {"password": "examination-1"}, "missing", "email")):
        x = c("POST", f"{U}signup", body)
        rec("validation", f"account {n}", lambda: bad(x, kind, "body", member), x)
    x = c("GET", f"{U}{ana}", headers=a)
    rec("known id", "ana by id", lambda: x.status == 200 and x.json["id"] == ana and x.json["full_name"] == "Ana Exam", x)
    x = c("GET", f"{U}{ana}", headers=b)
    rec("owner", "ana's account is not ben's", lambda: detail(x, 403, "The user doesn't have enough privileges"), x)
    x = c("PATCH", f"{U}me", {"full_name": "Ana Renamed"}, headers=a)
    y = c("GET", f"{U}me", headers=a)
    rec("update", "her name", lambda: x.json["full_name"] == y.json["full_name"] == "Ana Renamed" and y.json["email"] == "ana.exam@test.example", (x, y))
    x = c("PATCH", f"{U}me", {"email": "ben.exam@test.example"}, headers=a)
    rec("conflict", "ben's mail is ben's", lambda: detail(x, 409, "User with this email already exists"), x)
    x = c("GET", I, headers=a)
    rec("in the list", "none yet", lambda: x.status == 200 and x.json == {"data": [], "count": 0}, x)
    ids, sent = [], []
    for k in range(6):
        body = {"title": f"{ADJ[k]} {NOUN[9 - k]} of ana {k}", "price": 10.5 + 7 * k}
        if k % 2:
            body["description"] = f"exam description {k}"
        if k % 3:
            body["condition"] = CONDITIONS[k % 3]
        full = {"description": None, "condition": "new", **body}
        x = c("POST", I, body, headers=a)
        i = of(x, "id")
        rec("create", f"created, {k}", lambda: x.status == 200 and all(x.json[q] == v for q, v in full.items()) and x.json["owner_id"] == ana and len(i) == 36 and i not in ids, x)
        ids.append(i)
        sent.append(full)
        item = f"{I}{i}"
        y = c("GET", item, headers=a)
        rec("read your write", f"item, {k}", lambda: y.status == 200 and y.json == x.json and y.json["title"] == body["title"], y)
        x = c("GET", I, headers=a)
        rec("in the list", f"newest first, {k}", lambda: [q["id"] for q in data(x)] == ids[::-1] and data(x)[0] == y.json, x)
        rec("counts", f"one more, {k}", lambda: x.json["count"] == k + 1, x)
        x = c("GET", item, headers=b)
        rec("owner", f"not ben's to read, {k}", lambda: detail(x, 403, "Not enough permissions"), x)
        x = c("PUT", item, {"title": "Ben's now"}, headers=b)
        rec("owner", f"not ben's to write, {k}", lambda: detail(x, 403, "Not enough permissions"), x)
        x = c("GET", item)
        rec("auth", f"no token, {k}", lambda: detail(x, 401, "Not authenticated"), x)
        x = c("GET", item, headers=forged(R, a))
        rec("forged token", f"forged, {k}", lambda: detail(x, 403, "Could not validate credentials"), x)
        change = [{"title": f"renamed {k}"}, {"price": 99.25 + k, "condition": "broken"}, {"description": f"described anew {k}"}][k % 3]
        x = c("PUT", item, change, headers=a)
        sent[k].update(change)
        rec("update", f"answers the whole, {k}", lambda: x.status == 200 and x.json["id"] == i and all(x.json[q] == v for q, v in sent[k].items()), x)
        y = c("GET", item, headers=a)
        rec("update", f"kept, {k}", lambda: y.status == 200 and y.json == x.json and all(y.json[q] == v for q, v in sent[k].items()) and y.json["owner_id"] == ana, y)
        x = c("GET", f"{I}{new()}", headers=a)
        rec("unknown id", f"item, {k}", lambda: detail(x, 404, "Item not found"), x)
    x = c("GET", I, headers=b)
    rec("in the list", "ben's is empty", lambda: x.status == 200 and x.json == {"data": [], "count": 0}, x)
    x = c("GET", I, headers=a)
    rec("in the list", "hers is as it was put", lambda: [(q["id"], q["title"], q["price"]) for q in data(x)] == [(i, s["title"], s["price"]) for i, s in zip(ids, sent)][::-1], x)
    x = c("GET", I)
    rec("auth", "the list", lambda: detail(x, 401, "Not authenticated"), x)
    x = c("POST", I, {"title": "by nobody"})
    rec("auth", "create", lambda: detail(x, 401, "Not authenticated"), x)
    x = c("GET", f"{U}me", headers=forged(R, b))
    rec("forged token", "me", lambda: detail(x, 403, "Could not validate credentials"), x)
    x = c("GET", f"{I}4711", headers=a)
    rec("unknown id", "no uuid", lambda: bad(x, "uuid_parsing", "path", "item_id"), x)
    for n, body, kind, member in (("no title", {"description": "q"}, "missing", "title"), ("empty title", {"title": ""}, "string_too_short", "title"), ("negative price", {"title": "q", "price": -77}, "greater_than_equal", "price"),
                                  ("price in words", {"title": "q", "price": "a fortune"}, "float_parsing", "price"), ("odd condition", {"title": "q", "condition": "mint"}, "enum", "condition"), ("title a number", {"title": 4711}, "string_type", "title")):
        x = c("POST", I, body, headers=a)
        rec("validation", f"item {n}", lambda: bad(x, kind, "body", member), x)
        if member in body:
            rec("validation", f"item {n} is quoted", lambda: x.json["detail"][0]["input"] == body[member], x)
    x = c("PUT", f"{I}{ids[0]}", {"price": "unknown"}, headers=a)
    y = c("GET", f"{I}{ids[0]}", headers=a)
    rec("validation", "put refused and not kept", lambda: bad(x, "float_parsing", "body", "price") and y.json["price"] == sent[0]["price"], (x, y))
    # loans
    loans = []
    for k, i in enumerate(ids[:4]):
        body = {"item_id": i, **({"days": 11 + k} if k % 2 else {}), **({"note": f"exam note {k}"} if k > 1 else {})}
        x = c("POST", L, body, headers=b)
        j = of(x, "id")
        rec("child", f"lent, {k}", lambda: x.status == 201 and x.json == {"id": j, "item_id": i, "borrower_id": x2.json["id"], "days": body.get("days", 7), "note": body.get("note"), "returned": False} and j not in loans, x)
        loans.append(j)
        y = c("GET", f"{I}{i}/loans", headers=a)
        rec("child", f"under its item, {k}", lambda: y.status == 200 and y.json == {"data": [x.json], "count": 1}, y)
        y = c("GET", L, headers=b)
        rec("child", f"among ben's, {k}", lambda: [q["id"] for q in data(y)] == loans and y.json["count"] == len(loans), y)
        x = c("POST", L, {"item_id": i, "days": 5}, headers=b)
        rec("conflict", f"on loan already, {k}", lambda: detail(x, 409, "Item is already on loan"), x)
        if k % 2:
            x = c("POST", f"{L}{j}/return", headers=a)
            rec("owner", f"ana may not return, {k}", lambda: detail(x, 403, "Not enough permissions"), x)
            x = c("POST", f"{L}{j}/return", headers=b)
            rec("action", f"returned, {k}", lambda: x.status == 200 and x.json["returned"] is True and x.json["id"] == j and x.json["item_id"] == i, x)
            x = c("POST", f"{L}{j}/return", headers=b)
            rec("action", f"not twice, {k}", lambda: detail(x, 409, "Loan is already returned"), x)
            x = c("POST", L, {"item_id": i, "days": 21}, headers=b)
            rec("action", f"free to lend again, {k}", lambda: x.status == 201 and x.json["days"] == 21 and x.json["returned"] is False and x.json["id"] not in loans, x)
            loans.append(of(x, "id"))
            y = c("GET", f"{I}{i}/loans", headers=a)
            rec("action", f"two under its item, {k}", lambda: [q["id"] for q in data(y)] == loans[-2:] and [q["returned"] for q in data(y)] == [True, False], y)
    for flag in ("true", "false"):
        x = c("GET", f"{L}?returned={flag}", headers=b)
        rec("filter", f"returned {flag}", lambda: len(data(x)) == x.json["count"] == {"true": 2, "false": 4}[flag] and all(q["returned"] is (flag == "true") for q in data(x)), x)
    x = c("POST", L, {"item_id": new()}, headers=b)
    rec("unknown id", "lend what is not", lambda: detail(x, 404, "Item not found"), x)
    x = c("POST", f"{L}{new()}/return", headers=b)
    rec("unknown id", "return what is not", lambda: detail(x, 404, "Loan not found"), x)
    for n, body, kind, member in (("too long", {"item_id": ids[5], "days": 75}, "less_than_equal", "days"), ("no item", {"days": 9}, "missing", "item_id"), ("days in words", {"item_id": ids[5], "days": "several"}, "int_parsing", "days")):
        x = c("POST", L, body, headers=b)
        rec("validation", f"loan {n}", lambda: bad(x, kind, "body", member), x)
    # lists
    for k, condition in enumerate(CONDITIONS):
        mine = [i for i, s in zip(ids, sent) if s["condition"] == condition][::-1]
        x = c("GET", f"{I}?condition={condition}", headers=a)
        rec("filter", f"condition, {k}", lambda: [q["id"] for q in data(x)] == mine and x.json["count"] == len(mine), x)
    x = c("GET", f"{I}?condition=mint", headers=a)
    rec("validation", "odd condition in the query", lambda: bad(x, "enum", "query", "condition"), x)
    x = c("GET", f"{I}?q=renamed", headers=a)
    rec("search", "renamed", lambda: [q["id"] for q in data(x)] == [ids[3], ids[0]] and x.json["count"] == 2, x)
    x = c("GET", f"{I}?q=of+ana+2", headers=a)
    rec("search", "of ana 2", lambda: [q["id"] for q in data(x)] == [ids[2]], x)
    x = c("GET", f"{I}?q=zeppelin", headers=a)
    rec("search", "none", lambda: x.status == 200 and x.json == {"data": [], "count": 0}, x)
    for size in (2, 4):
        seen = walk(c, a, size)
        rec("pages", f"walk by {size}", lambda: seen == ids[::-1], seen)
    x = c("GET", f"{I}?skip=1&limit=3", headers=a)
    rec("pages", "three from the second", lambda: [q["id"] for q in data(x)] == ids[::-1][1:4] and x.json["count"] == 6, x)
    x = c("GET", f"{I}?skip=60&limit=5", headers=a)
    rec("pages", "behind the last", lambda: x.status == 200 and x.json == {"data": [], "count": 6}, x)
    x = c("GET", f"{I}?limit=900", headers=a)
    rec("validation", "limit too large", lambda: bad(x, "less_than_equal", "query", "limit"), x)
    # delete
    for k, i in enumerate((ids[1], ids[4])):
        x = c("DELETE", f"{I}{i}", headers=b)
        rec("owner", f"ben may not delete, {k}", lambda: detail(x, 403, "Not enough permissions"), x)
        x = c("DELETE", f"{I}{i}", headers=a)
        rec("delete", f"deleted, {k}", lambda: x.status == 200 and x.json == {"message": "Item deleted successfully"}, x)
        x = c("GET", f"{I}{i}", headers=a)
        rec("delete", f"gone, {k}", lambda: detail(x, 404, "Item not found"), x)
        x = c("DELETE", f"{I}{i}", headers=a)
        rec("delete", f"not twice, {k}", lambda: detail(x, 404, "Item not found"), x)
        x = c("GET", I, headers=a)
        rec("delete", f"out of the list, {k}", lambda: i not in [q["id"] for q in data(x)] and ids[0] in [q["id"] for q in data(x)] and x.json["count"] == 5 - k, x)
    # passwords
    x = c("PATCH", f"{U}me/password", {"current_password": "examination-9", "new_password": "examination-4"}, headers=a)
    rec("password", "the current one is wrong", lambda: detail(x, 400, "Incorrect password"), x)
    x = c("PATCH", f"{U}me/password", {"current_password": "examination-1", "new_password": "examination-1"}, headers=a)
    rec("password", "the same again", lambda: detail(x, 400, "New password cannot be the same as the current one"), x)
    x = c("PATCH", f"{U}me/password", {"current_password": "examination-1", "new_password": "examination-4"}, headers=a)
    rec("password", "changed", lambda: x.status == 200 and x.json == {"message": "Password updated successfully"}, x)
    x = login(c, "ana.exam@test.example", "examination-1")
    rec("password", "the old one opens no more", lambda: detail(x, 400, "Incorrect email or password"), x)
    x = login(c, "ana.exam@test.example", "examination-4")
    a = bearer(x)
    y = c("GET", f"{U}me", headers=a)
    rec("password", "the new one opens", lambda: x.status == 200 and y.status == 200 and y.json["id"] == ana, (x, y))
    # the superuser
    x = login(c, "admin@example.com", "changethis")
    admin = bearer(x)
    y = c("GET", f"{U}me", headers=admin)
    rec("admin", "logs in", lambda: x.status == 200 and y.json["is_superuser"] is True and y.json["email"] == "admin@example.com", (x, y))
    x = c("GET", f"{I}{ids[0]}", headers=admin)
    rec("admin", "reads ana's item", lambda: x.status == 200 and x.json["title"] == sent[0]["title"], x)
    x = c("GET", f"{U}{ana}", headers=admin)
    rec("admin", "reads ana's account", lambda: x.status == 200 and x.json["full_name"] == "Ana Renamed", x)
    x = c("GET", U, headers=admin)
    rec("admin", "lists both", lambda: {"ana.exam@test.example", "ben.exam@test.example"} <= {q["email"] for q in data(x)} and x.json["count"] == len(data(x)), x)
    n0 = of(x, "count", 0)
    x = c("GET", U, headers=a)
    rec("admin", "ana lists none", lambda: detail(x, 403, "The user doesn't have enough privileges"), x)
    for k in range(2):
        mail, word = f"guest{k}.exam@test.example", f"examination-g{k}"
        x = c("POST", U, {"email": mail, "password": word, "full_name": f"Exam Guest {k}"}, headers=admin)
        g = of(x, "id")
        rec("admin", f"creates, {k}", lambda: x.status == 200 and x.json["email"] == mail and x.json["full_name"] == f"Exam Guest {k}" and x.json["is_active"] is True, x)
        x = c("GET", U, headers=admin)
        rec("counts", f"users, {k}", lambda: x.json["count"] == n0 + 1, (n0, x.json))
        x = login(c, mail, word)
        h = bearer(x)
        y = c("GET", f"{U}me", headers=h)
        rec("admin", f"the guest logs in, {k}", lambda: x.status == 200 and y.json["id"] == g and y.json["email"] == mail, (x, y))
        x = c("PATCH", f"{U}{g}", {"full_name": f"Renamed Guest {k}"}, headers=admin)
        y = c("GET", f"{U}me", headers=h)
        rec("admin", f"renames, {k}", lambda: x.status == 200 and y.json["full_name"] == f"Renamed Guest {k}", (x, y))
        x = c("PATCH", f"{U}{g}", {"is_active": False}, headers=admin)
        y, z = login(c, mail, word), c("GET", f"{U}me", headers=h)
        rec("admin", f"locks, {k}", lambda: x.json["is_active"] is False and detail(y, 400, "Inactive user") and detail(z, 400, "Inactive user"), (x, y, z))
        x = c("DELETE", f"{U}{g}", headers=a)
        rec("admin", f"ana may not delete, {k}", lambda: detail(x, 403, "The user doesn't have enough privileges"), x)
        x = c("DELETE", f"{U}{g}", headers=admin)
        y = c("GET", f"{U}{g}", headers=admin)
        rec("delete", f"user, {k}", lambda: x.status == 200 and x.json == {"message": "User deleted successfully"} and detail(y, 404, "User not found"), (x, y))
    x = c("DELETE", f"{U}me", headers=b)
    y, z = c("GET", f"{U}me", headers=b), login(c, "ben.exam@test.example", "examination-2")
    rec("delete", "ben himself", lambda: x.status == 200 and detail(y, 404, "User not found") and detail(z, 400, "Incorrect email or password"), (x, y, z))


PARTNERS = {
    ("login", "no name"): [("login", "registered")], "login": [("login", "right"), ("login", "wrong"), ("login", "me is")], ("conflict", "on loan"): [("child", "lent")], "conflict": [("login", "registered"), ("login", "no name")],
    ("validation", "account"): [("login", "registered")], ("validation", "loan"): [("child", "lent")], ("validation", "odd condition"): [("filter", "condition")], ("validation", "limit"): [("pages", "three")], "validation": [("create", "created")],
    "create": [("login", "me is ana")], "read your write": [("create", "created")], ("in the list", "ben's"): [("in the list", "hers")], "in the list": [("create", "created")], ("counts", "one"): [("create", "created")], ("counts", "users"): [("admin", "creates")],
    "known id": [("owner", "ana's account")], ("unknown id", "return"): [("action", "returned")], ("unknown id", "lend"): [("child", "lent")], "unknown id": [("read your write", "item")], ("update", "her"): [("login", "me is ana")], "update": [("read your write", "item")],
    ("owner", "ana's account"): [("known id", "ana")], ("owner", "not ben's"): [("read your write", "item")], ("owner", "ben may"): [("delete", "deleted")], ("owner", "ana may"): [("action", "returned")], "auth": [("read your write", "item")], "forged token": [("read your write", "item")],
    "child": [("child", "lent")], "action": [("action", "")], ("filter", "returned"): [("filter", "returned")], "filter": [("create", "created")], "search": [("search", "")], "pages": [("create", "created")], ("delete", "user"): [("admin", "reads ana's account"), ("admin", "the guest")],
    ("delete", "ben"): [("login", "me is ben")], ("delete", "not twice"): [("delete", "deleted")], "delete": [("delete", "deleted")], "password": [("password", "")], ("admin", "ana"): [("admin", "lists")], "admin": [("admin", "logs in")],
}


def iso_write(c, n):
    a, _, _ = join(c, f"iso{n}.exam@test.example", "isolation-1")
    mark = f"mark {n} of {c.extra['X-Mock-Session']}"
    return c("POST", I, {"title": mark}, headers=a).status == 200, (mark, a)


def iso_sees(c, mark):
    text, a = mark
    x = c("GET", I, headers=a)
    return x.status == 200 and text in x.body.decode(errors="replace")

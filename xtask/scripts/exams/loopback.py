"""LoopBack 3 (npm): login by access token, owners by ACL, the filter as JSON in the query, counts, upserts, a nested resource, an action that refuses when done."""
import json
import random
import subprocess
from pathlib import Path
from urllib.parse import quote
from servers import of
from common import HOST, Process, free_port, wait_http

NAME = "loopback"
PACKAGES = ["loopback@3", "strong-error-handler@3"]
APP = r"""





const loopback = require('loopback');
const app = loopback();
app.set('aclErrorStatus', 403);
app.dataSource('db', {connector: 'memory'});
const db = app.dataSources.db;
for (const m of ['AccessToken', 'ACL', 'Role', 'RoleMapping']) app.model(loopback[m], {dataSource: 'db', public: false});
const Member = app.registry.createModel({name: 'Member', base: 'User', plural: 'Members', properties: {city: 'string'},
  relations: {accessTokens: {type: 'hasMany', model: 'AccessToken', foreignKey: 'userId', options: {disableInclude: true}}, workshops: {type: 'hasMany', model: 'Workshop', foreignKey: 'ownerId'}},
  acls: [{principalType: 'ROLE', principalId: '$owner', permission: 'ALLOW', property: ['__get__workshops']}]});
app.model(Member, {dataSource: 'db', public: true});
loopback.AccessToken.belongsTo(Member, {as: 'user', foreignKey: 'userId'});
const Workshop = app.registry.createModel({name: 'Workshop', base: 'PersistedModel', plural: 'Workshops',
  properties: {title: {type: 'string', required: true}, code: {type: 'string', required: true}, level: {type: 'string', default: 'beginner'}, seats: {type: 'number', default: 10}, city: 'string', tags: ['string'], createdAt: {type: 'date', defaultFn: 'now'}},
  relations: {owner: {type: 'belongsTo', model: 'Member', foreignKey: 'ownerId'}, bookings: {type: 'hasMany', model: 'Booking', foreignKey: 'workshopId'}},
  acls: [
    {principalType: 'ROLE', principalId: '$everyone', permission: 'DENY', accessType: '*'},
    {principalType: 'ROLE', principalId: '$everyone', permission: 'ALLOW', accessType: 'READ'},
    {principalType: 'ROLE', principalId: '$authenticated', permission: 'ALLOW', property: ['create', 'replaceOrCreate', 'patchOrCreate', 'upsertWithWhere', 'updateAll', '__create__bookings']},
    {principalType: 'ROLE', principalId: '$unauthenticated', permission: 'DENY', property: ['__get__bookings', '__findById__bookings', '__count__bookings']},
    {principalType: 'ROLE', principalId: '$owner', permission: 'ALLOW', accessType: 'WRITE'}]});
Workshop.validatesLengthOf('title', {min: 3, max: 60, message: {min: 'is too short', max: 'is too long'}});
Workshop.validatesInclusionOf('level', {in: ['beginner', 'middle', 'expert'], message: 'is not a level'});
Workshop.validatesNumericalityOf('seats', {int: true});
Workshop.validatesUniquenessOf('code', {message: 'is taken'});
Workshop.observe('before save', async ctx => {
  const t = ctx.options && ctx.options.accessToken;
  if (ctx.instance && t && !ctx.instance.ownerId) ctx.instance.ownerId = t.userId;
});
app.model(Workshop, {dataSource: 'db', public: true});
const Booking = app.registry.createModel({name: 'Booking', base: 'PersistedModel', plural: 'Bookings',
  properties: {name: {type: 'string', required: true}, email: {type: 'string', required: true}, seats: {type: 'number', default: 1}, status: {type: 'string', default: 'open'}, workshopId: 'number'},
  relations: {workshop: {type: 'belongsTo', model: 'Workshop', foreignKey: 'workshopId'}},
  acls: [
    {principalType: 'ROLE', principalId: '$everyone', permission: 'DENY', accessType: '*'},
    {principalType: 'ROLE', principalId: '$authenticated', permission: 'ALLOW', accessType: '*'}]});
Booking.validatesFormatOf('email', {with: /^\S+@\S+\.\S+$/, message: 'is no e-mail address'});
Booking.validatesInclusionOf('status', {in: ['open', 'confirmed', 'cancelled'], message: 'is not a status'});
Booking.prototype.confirm = async function() {
  if (this.status !== 'open') throw Object.assign(new Error('The booking is ' + this.status), {statusCode: 409, code: 'BOOKING_NOT_OPEN'});
  return this.updateAttributes({status: 'confirmed'});
};
Booking.remoteMethod('prototype.confirm', {http: {verb: 'post', path: '/confirm'}, returns: {arg: 'data', type: 'Booking', root: true}});
app.model(Booking, {dataSource: 'db', public: true});
app.enableAuth({dataSource: 'db'});
app.use(loopback.token({model: app.models.AccessToken, currentUserLiteral: 'me', bearerTokenBase64Encoded: false}));
app.set('remoting', {errorHandler: {debug: false, log: false}, rest: {handleErrors: true}});
app.use('/api', loopback.rest());
app.use(loopback.urlNotFound());
app.use(require('strong-error-handler')({debug: false, log: false}));
app.listen(+process.argv[2], '127.0.0.1');
"""
M, S, B = "/api/Members", "/api/Workshops", "/api/Bookings"
A = "rustic modern gentle spicy woven carved glazed folded painted stitched".split()
N = "pottery baskets lanterns bread paper leather candles soap kites masks".split()
CITIES = ["Ulm", "Bern", "Graz", "Trier", "Basel"]
LEVELS = ["beginner", "middle", "expert"]
FIRST = "Jo Mia Lea Tom Ida Max Eva Ben Uta Kai".split()


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


def js(x):
    return quote(json.dumps(x, separators=(",", ":")), safe="!'()*")


def f(path, **filter_):
    return f"{path}?filter={js(filter_)}"


def w(path, **where):
    return f"{path}?where={js(where)}"


def join(c, name, word, city):
    x = c("POST", M, {"email": f"{name}@example.org", "password": word, "city": city})
    y = c("POST", f"{M}/login", {"email": f"{name}@example.org", "password": word})
    return {"Authorization": str(of(y, "id"))}, x, y


def train(make):
    R = random.Random(59)
    c = make("train")
    for n in range(4):
        name, word = f"maker{n}{R.randint(10, 99)}", f"clay-word-{n}{n}"
        a, x, _ = join(c, name, word, R.choice(CITIES))
        me = of(x, "id", 1)
        b, x, _ = join(c, f"guest{n}{R.randint(10, 99)}", f"kiln-{R.randint(100, 999)}", R.choice(CITIES))
        guest = of(x, "id", 2)
        for k in range(3):
            c("POST", M, {"email": f"{name}@example.org", "password": word})
            c("POST", M, {"email": f"no-mail-{n}{k}", "password": word})
            c("POST", M, {"email": f"blank{n}{k}@example.org"})
            c("POST", f"{M}/login", {"email": f"{name}@example.org", "password": f"wrong-{k}"})
            c("POST", f"{M}/login", {"email": f"{name}@example.org", "password": word})
            c("POST", f"{M}/login", {"email": f"nobody{n}{k}@example.org", "password": word})
            c("POST", f"{M}/login", {"password": word})
            c("GET", f"{M}/me", headers=[a, b][k % 2])
            c("GET", f"{M}/me")
            c("GET", f"{M}/{me}", headers=a)
            c("GET", f"{M}/{me}", headers=b)                                    # 403
            c("GET", f"{M}/{guest}", headers={"Authorization": R.randbytes(32).hex()})
            if k < 2:
                c("PATCH", f"{M}/{me}", {"city": R.choice(CITIES)}, headers=a)
                c("GET", f"{M}/me", headers=a)
        ids = []
        for k in range(5 - n // 2):
            code = f"{R.choice(N)[:3].upper()}-{n}{k}{R.randint(10, 99)}"
            body = {"title": f"{R.choice(A).title()} {R.choice(N)}", "code": code, "city": R.choice(CITIES), "seats": R.randint(4, 20), "tags": R.sample(A, R.randint(0, 2))}
            if k != 2:
                body["level"] = R.choice(LEVELS)
            x = c("POST", S, body, headers=a)
            i = of(x, "id", 1)
            ids.append(i)
            item = f"{S}/{i}"
            c("GET", item)
            c("GET", f"{S}/count")
            c("GET", S)
            c("GET", f"{item}/exists")
            c("POST", S, {"title": "Again", "code": code}, headers=a)                # taken
            if k % 2 == 0:
                c("POST", S, {"title": "No token", "code": f"T{n}{k}"})
            bads = [{"title": "Xy", "code": f"S{n}{k}"}, {"title": f"Lost {n}", "code": f"L{n}{k}", "level": R.choice(["master", "child", "pro"])}, {"title": f"No code {n}"}, {"code": f"N{n}{k}"}, {"title": f"Half {n}", "code": f"H{n}{k}", "seats": 2.5}]
            for t in (0, 1, 3):
                c("POST", S, bads[(k + t) % 5], headers=a)
            c("PATCH", item, [{"seats": R.randint(21, 40)}, {"title": f"{R.choice(A).title()} {R.choice(N)}"}, {"city": R.choice(CITIES), "seats": R.randint(21, 40)}][k % 3], headers=a)
            c("GET", item)
            c("PATCH", item, {"seats": 1}, headers=b)                                # 403
            c("PATCH", item, {"seats": 1})
            if k % 2 == 0:
                c("PATCH", item, {"level": "guru"}, headers=a)
                c("PUT", item, {"title": f"{R.choice(A).title()} {R.choice(N)}", "code": code, "city": R.choice(CITIES)}, headers=a)
                c("PUT", item, {"title": "Ab", "code": code}, headers=a)
                c("GET", item)
            if k % 2 == 0:
                c("GET", f"{S}/{R.randint(500, 999)}")
                c("GET", f"{S}/{R.randint(500, 999)}/exists")
            c("GET", f"{item}/bookings", headers=a)
            bs = []
            for t in range(2):
                y = c("POST", f"{item}/bookings", {"name": R.choice(FIRST), "email": f"{R.choice(FIRST).lower()}{n}{k}{t}@example.org", "seats": R.randint(1, 4)}, headers=[b, a][t])
                bs.append(of(y, "id", 1))
            c("GET", f"{B}/{bs[0]}", headers=b)
            for t in range(1 + k // 4):
                c("POST", f"{item}/bookings", [{"name": "Odd", "email": f"odd{n}{k}"}, {"email": f"x{n}{k}@example.org"}][(k + t) % 2], headers=b)
            c("GET", f"{item}/bookings", headers=b)
            if k % 2 == 0:
                c("POST", f"{item}/bookings", {"name": "Nobody", "email": "nobody@example.org"})
                c("GET", f"{item}/bookings")
            c("GET", f"{item}/bookings/count", headers=a)
            c("GET", f"{item}/bookings/{bs[0]}", headers=a)
            c("GET", f"{B}/{bs[1]}/workshop", headers=a)
            c("GET", f"{B}/{bs[0]}")
            c("POST", f"{B}/{bs[0]}/confirm", headers=a)
            c("GET", f"{B}/{bs[0]}", headers=a)
            c("POST", f"{B}/{bs[0]}/confirm", headers=a)                             # 409
            if k % 2 == 0:
                c("POST", f"{S}/{R.randint(500, 999)}/bookings", {"name": "Late", "email": "late@example.org"}, headers=b)
                c("GET", f"{S}/{R.randint(500, 999)}/bookings", headers=b)
                c("GET", f"{B}/{R.randint(500, 999)}", headers=a)
                c("DELETE", f"{B}/{bs[1]}", headers=a)
                c("DELETE", f"{B}/{bs[1]}", headers=a)                               # count 0
                c("GET", f"{B}/{bs[1]}", headers=a)
                c("GET", f"{item}/bookings", headers=a)
                c("GET", f"{item}/bookings/count", headers=a)
                c("GET", f(S, where={"id": i}, include="bookings"), headers=a)
        for k in range(3):
            code = f"UP-{n}{k}"
            full = {"title": f"{R.choice(A).title()} {R.choice(N)}", "code": code, "level": R.choice(LEVELS), "city": R.choice(CITIES)}
            x = c("PUT", S, full, headers=a)
            c("PUT", S, {**full, "id": of(x, "id", 1), "title": f"{R.choice(A).title()} again"}, headers=a)
            c("GET", f"{S}/{of(x, 'id', 1)}")
            c("PATCH", S, {"id": of(x, "id", 1), "seats": R.randint(4, 20)}, headers=a)
            c("GET", f"{S}/{of(x, 'id', 1)}")
            c("POST", w(f"{S}/update", code=code), {"city": R.choice(CITIES)}, headers=a)
            c("GET", f"{S}/{of(x, 'id', 1)}")
            c("POST", w(f"{S}/update", code=f"ZZ-{n}{k}"), {"city": R.choice(CITIES)}, headers=a)
            c("GET", f(f"{S}/findOne", where={"code": code}))
            c("GET", f(f"{S}/findOne", where={"code": f"ZZ-{n}{k}"}))
        for k in range(3):
            c("GET", f(S, where={"city": R.choice(CITIES)}))
            c("GET", f(S, where={"level": R.choice(LEVELS), "city": R.choice(CITIES)}))
            c("GET", f(S, where={"seats": {"gt": R.randint(8, 30)}}))
            c("GET", f(S, where={"city": {"inq": R.sample(CITIES, 2)}}))
            c("GET", f(S, order=R.choice(["title ASC", "title DESC", "seats ASC", "seats DESC"])))
            c("GET", f(S, limit=R.choice([2, 3, 5]), skip=R.choice([0, 2, 4]), order="id ASC"))
            c("GET", f(S, where={"city": R.choice(CITIES)}, order="seats DESC", limit=3))
            c("GET", w(f"{S}/count", city=R.choice(CITIES)))
            c("GET", f(B, where={"status": R.choice(["open", "confirmed"])}), headers=a)
        c("GET", f(S, limit=5, skip=400, order="id ASC"))
        c("GET", f(S, where={"city": "Nowhere"}))
        c("GET", f(S, fields={"id": True, "title": True}, limit=3))
        c("GET", f"{S}?filter=%7Bcity%3A")
        c("GET", f"{S}?filter=city")
        c("GET", f"{S}?filter={n}%7B%7D")
        c("GET", f"{M}/{me}/workshops", headers=a)
        for i in ids[:3]:
            c("DELETE", f"{S}/{i}", headers=b)                                       # 403
            c("DELETE", f"{S}/{i}")
            c("DELETE", f"{S}/{i}", headers=a)
            c("GET", f"{S}/{i}")
            c("GET", f"{S}/{i}/exists")
            c("GET", f"{S}/count")
            c("GET", S)
            c("DELETE", f"{S}/{i}", headers=a)                                       # 403: nobody owns it
        for t in (b, a):
            c("POST", f"{M}/logout", headers=t)
            c("GET", f"{M}/me", headers=t)


def exam(make, rec):
    R = random.Random(97)
    c = make("ana")
    err = lambda x, s, code: x.status == s and x.json["error"]["statusCode"] == s and x.json["error"].get("code") == code  # noqa: E731
    bad = lambda x, member, code: x.status == 422 and x.json["error"]["details"]["codes"] == {member: [code]}  # noqa: E731
    (a, x, y), (b, x2, _) = join(c, "ana.exam", "examination1", "Linz"), join(c, "ben.exam", "examination2", "Chur")
    ana = of(x, "id", 1)
    rec("login", "registered", lambda: x.status == 200 and x.json["email"] == "ana.exam@example.org" and x.json["city"] == "Linz" and "password" not in x.json and ana != x2.json["id"], x)
    rec("login", "right password", lambda: y.status == 200 and y.json["userId"] == ana and len(y.json["id"]) == 64, y)
    rec("login", "the token lives two weeks", lambda: y.json["ttl"] == 1209600, y)
    x = c("POST", M, {"email": "ana.exam@example.org", "password": "examination3"})
    rec("login", "not registered twice", lambda: bad(x, "email", "uniqueness"), x)
    x = c("POST", f"{M}/login", {"email": "ana.exam@example.org", "password": "not-hers"})
    rec("login", "wrong password", lambda: err(x, 401, "LOGIN_FAILED"), x)
    x = c("POST", f"{M}/login", {"email": "ona.exam@example.org", "password": "examination1"})
    rec("login", "unknown user", lambda: err(x, 401, "LOGIN_FAILED"), x)
    x = c("POST", f"{M}/login", {"password": "examination1"})
    rec("login", "no e-mail", lambda: err(x, 400, "USERNAME_EMAIL_REQUIRED"), x)
    x = c("GET", f"{M}/me", headers=a)
    rec("login", "me", lambda: x.status == 200 and x.json["id"] == ana and x.json["email"] == "ana.exam@example.org", x)
    x = c("GET", f"{M}/me", headers=b)
    rec("login", "ben is another", lambda: x.status == 200 and x.json["email"] == "ben.exam@example.org", x)
    x = c("GET", f"{M}/{ana}", headers=a)
    rec("login", "herself by id", lambda: x.status == 200 and x.json["city"] == "Linz", x)
    x = c("PATCH", f"{M}/{ana}", {"city": "Thun"}, headers=a)
    y = c("GET", f"{M}/me", headers=a)
    rec("update", "her city", lambda: x.json["city"] == y.json["city"] == "Thun" and y.json["email"] == "ana.exam@example.org", (x, y))
    x = c("GET", f"{M}/{ana}", headers=b)
    rec("owner", "not her account by ben", lambda: err(x, 403, "ACCESS_DENIED"), x)
    for k, (body, m, code) in enumerate((({"email": "exam-no-mail", "password": "examination1"}, "email", "custom.email"), ({"email": "exam.q@example.org"}, "password", "presence"))):
        x = c("POST", M, body)
        rec("validation", f"member refused, {k}", lambda: bad(x, m, code), x)
    items, sent = [], []
    for k in range(5):
        body = {"title": f"{A[k].title()} {N[9 - k]} exam", "code": f"EXAM-{k}", "city": ["Linz", "Chur"][k % 2], "seats": 50 + 7 * ((5 * k) % 6), "tags": [A[9 - k]]}
        if k % 3:
            body["level"] = LEVELS[k % 3]
        n0 = of(c("GET", f"{S}/count"), "count", 0)
        x = c("POST", S, body, headers=a)
        full = {"level": "beginner", **body}
        rec("create", f"created, {k}", lambda: x.status == 200 and all(x.json[q] == v for q, v in full.items()) and x.json["ownerId"] == ana and x.json["createdAt"].endswith("Z") and x.json["id"] not in items, x)
        i = of(x, "id", 0)
        items.append(i)
        sent.append(full)
        item = f"{S}/{i}"
        y = c("GET", item)
        rec("read your write", f"item, {k}", lambda: y.status == 200 and y.json == x.json and y.json["title"] == body["title"], y)
        x = c("GET", f"{S}/count")
        rec("counts", f"one more, {k}", lambda: x.json == {"count": n0 + 1}, (n0, x))
        x = c("GET", S)
        rec("in the list", f"listed, {k}", lambda: [q for q in x.json if q["id"] == i] == [y.json] and set(items) <= {q["id"] for q in x.json}, x)
        x = c("GET", f"{item}/exists")
        rec("known id", f"exists, {k}", lambda: x.status == 200 and x.json == {"exists": True}, x)
        u = R.randint(2000, 2999)
        x = c("GET", f"{S}/{u}/exists")
        rec("unknown id", f"does not exist, {k}", lambda: x.status == 200 and x.json == {"exists": False}, x)
        x = c("GET", f"{S}/{u}")
        rec("unknown id", f"workshop, {k}", lambda: err(x, 404, "MODEL_NOT_FOUND") and str(u) in x.json["error"]["message"], x)
        x = c("POST", S, {"title": "Once more", "code": f"EXAM-{k}"}, headers=a)
        rec("conflict", f"code taken, {k}", lambda: bad(x, "code", "uniqueness") and f"EXAM-{k}" in x.json["error"]["message"], x)
        x = c("PATCH", item, {"title": f"{body['title']} B"}, headers=a)
        rec("update", f"patched, {k}", lambda: x.status == 200 and x.json["title"] == f"{body['title']} B" and x.json["seats"] == body["seats"] and x.json["id"] == i, x)
        sent[k]["title"] += " B"
        if k < 3:
            x = c("PATCH", item, {"seats": 3}, headers=b)
            rec("owner", f"not by ben, {k}", lambda: err(x, 403, "ACCESS_DENIED"), x)
            x = c("PATCH", item, {"seats": 3})
            rec("auth", f"not by nobody, {k}", lambda: err(x, 401, "AUTHORIZATION_REQUIRED"), x)
            x = c("PATCH", item, {"seats": 3}, headers={"Authorization": R.randbytes(32).hex()})
            rec("auth", f"not by a forged token, {k}", lambda: err(x, 401, "AUTHORIZATION_REQUIRED"), x)
        x = c("GET", item)
        rec("update", f"kept, {k}", lambda: x.status == 200 and all(x.json[q] == v for q, v in sent[k].items()), x)
    for k, (body, m, code) in enumerate((({"title": "Ok", "code": "E-1"}, "title", "length.min"), ({"title": "Fine one", "code": "E-2", "level": "wizard"}, "level", "inclusion"), ({"title": "Fine two"}, "code", "presence"),
                                         ({"title": "Fine three", "code": "E-4", "seats": 7.5}, "seats", "numericality.int"))):
        x = c("POST", S, body, headers=a)
        rec("validation", f"workshop refused, {k}", lambda: bad(x, m, code), x)
    x = c("PATCH", f"{S}/{items[0]}", {"level": "titan"}, headers=a)
    y = c("GET", f"{S}/{items[0]}")
    rec("validation", "patch refused and not kept", lambda: bad(x, "level", "inclusion") and y.json["level"] == "beginner", (x, y))
    for k, i in enumerate(items[:2]):
        item = f"{S}/{i}"
        x = c("GET", f"{item}/bookings", headers=a)
        rec("child", f"none yet, {k}", lambda: x.status == 200 and x.json == [], x)
        x = c("POST", f"{item}/bookings", {"name": f"Rosa {k}", "email": f"rosa{k}@exam.org", "seats": k + 2}, headers=b)
        j = of(x, "id", 1)
        rec("child", f"created, {k}", lambda: x.status == 200 and x.json == {"name": f"Rosa {k}", "email": f"rosa{k}@exam.org", "seats": k + 2, "status": "open", "workshopId": i, "id": j}, x)
        y = c("POST", f"{item}/bookings", {"name": f"Emil {k}", "email": f"emil{k}@exam.org"}, headers=a)
        rec("child", f"defaults, {k}", lambda: y.status == 200 and y.json["seats"] == 1 and y.json["workshopId"] == i, y)
        j2 = of(y, "id", 2)
        z = c("GET", f"{item}/bookings", headers=a)
        rec("child", f"listed, {k}", lambda: z.json == [x.json, y.json], z)
        x = c("GET", f"{item}/bookings/count", headers=a)
        rec("counts", f"bookings, {k}", lambda: x.json == {"count": 2}, x)
        x = c("GET", f"{B}/{j}/workshop", headers=a)
        rec("child", f"its workshop, {k}", lambda: x.status == 200 and x.json["id"] == i and x.json["title"] == sent[k]["title"], x)
        x = c("GET", f"{item}/bookings/{j}", headers=a)
        rec("child", f"by the nested path, {k}", lambda: x.status == 200 and x.json["name"] == f"Rosa {k}", x)
        x = c("GET", f"{item}/bookings")
        rec("auth", f"bookings by nobody, {k}", lambda: err(x, 401, "AUTHORIZATION_REQUIRED"), x)
        x = c("POST", f"{item}/bookings", [{"name": "Odd", "email": "exam.odd"}, {"email": "exam@example.org"}][k % 2], headers=b)
        rec("validation", f"booking refused, {k}", lambda: bad(x, *[("email", "format"), ("name", "presence")][k % 2]), x)
        x = c("POST", f"{S}/{R.randint(2000, 2999)}/bookings", {"name": "Lost", "email": "lost@exam.org"}, headers=b)
        rec("unknown id", f"no booking there, {k}", lambda: err(x, 404, "MODEL_NOT_FOUND"), x)
        x = c("POST", f"{B}/{j}/confirm", headers=a)
        y = c("GET", f"{B}/{j}", headers=b)
        rec("action", f"confirmed, {k}", lambda: x.status == 200 and x.json["status"] == y.json["status"] == "confirmed" and y.json["name"] == f"Rosa {k}", (x, y))
        x = c("POST", f"{B}/{j}/confirm", headers=a)
        rec("action", f"not twice, {k}", lambda: err(x, 409, "BOOKING_NOT_OPEN"), x)
        x = c("GET", f(S, where={"id": i}, include="bookings"), headers=a)
        rec("child", f"included, {k}", lambda: x.json[0]["title"] == sent[k]["title"] and [q["status"] for q in x.json[0]["bookings"]] == ["confirmed", "open"], x)
        x = c("DELETE", f"{B}/{j2}", headers=a)
        y = c("GET", f"{B}/{j2}", headers=a)
        rec("delete", f"booking, {k}", lambda: x.status == 200 and x.json == {"count": 1} and err(y, 404, "MODEL_NOT_FOUND"), (x, y))
        x = c("DELETE", f"{B}/{j2}", headers=a)
        rec("delete", f"booking not twice, {k}", lambda: x.status == 200 and x.json == {"count": 0}, x)
        x = c("GET", f"{item}/bookings/count", headers=a)
        rec("delete", f"counted less, {k}", lambda: x.json == {"count": 1}, x)
    x = c("GET", f(B, where={"status": "confirmed"}), headers=a)
    rec("filter", "confirmed bookings", lambda: all(q["status"] == "confirmed" for q in x.json) and {"Rosa 0", "Rosa 1"} <= {q["name"] for q in x.json}, x)
    for k, city in enumerate(("Linz", "Chur")):
        mine = {i for j, i in enumerate(items) if j % 2 == k}
        x = c("GET", f(S, where={"city": city}))
        rec("filter", f"city, {k}", lambda: {q["id"] for q in x.json} == mine, x)
        x = c("GET", w(f"{S}/count", city=city))
        rec("counts", f"city, {k}", lambda: x.json == {"count": 3 - k}, x)
        x = c("GET", f(S, where={"level": LEVELS[1 - k], "city": city}))
        rec("filter", f"level and city, {k}", lambda: {q["id"] for q in x.json} == {i for j, i in enumerate(items) if j % 2 == k and sent[j]["level"] == LEVELS[1 - k]}, x)
        x = c("GET", f(S, where={"city": city}, order="seats DESC", limit=2))
        rec("sort", f"the largest two, {k}", lambda: [q["seats"] for q in x.json] == sorted((v["seats"] for v in sent if v["city"] == city), reverse=True)[:2] and {q["id"] for q in x.json} <= mine, x)
    x = c("GET", f(S, where={"seats": {"gt": 60}}))
    rec("filter", "seats above", lambda: {q["id"] for q in x.json} == {i for i, v in zip(items, sent) if v["seats"] > 60}, x)
    x = c("GET", f(S, where={"seats": {"gt": 80}}))
    rec("filter", "seats above still", lambda: {q["id"] for q in x.json} == {i for i, v in zip(items, sent) if v["seats"] > 80}, x)
    x = c("GET", f(S, where={"city": {"inq": ["Linz", "Chur"]}}))
    rec("filter", "one of two cities", lambda: {q["id"] for q in x.json} == set(items), x)
    x = c("GET", f(S, where={"city": "Atlantis"}))
    rec("filter", "no such city", lambda: x.status == 200 and x.json == [], x)
    x = c("GET", f(S, fields={"id": True, "title": True}, limit=4))
    rec("filter", "two members", lambda: len(x.json) == 4 and all(set(q) == {"id", "title"} for q in x.json), x)
    for k, (order, m, down) in enumerate((("title ASC", "title", False), ("title DESC", "title", True), ("seats ASC", "seats", False), ("seats DESC", "seats", True))):
        x = c("GET", f(S, order=order))
        rec("sort", f"order, {k + 10}", lambda: [q[m] for q in x.json] == sorted((q[m] for q in x.json), reverse=down) and set(items) <= {q["id"] for q in x.json}, x)
    total = of(c("GET", f"{S}/count"), "count", 0)
    seen = []
    for page in range(30):
        x = c("GET", f(S, limit=4, skip=4 * page, order="id ASC"))
        rows = x.json if isinstance(x.json, list) else []
        if page == 0:
            rec("pages", "four", lambda: len(rows) == 4, x)
        seen += [q["id"] for q in rows]
        if len(rows) < 4:
            break
    rec("pages", "a walk sees all once", lambda: seen == sorted(set(seen)) and len(seen) == total and set(items) <= set(seen), (total, seen))
    x = c("GET", f(S, limit=4, skip=900, order="id ASC"))
    rec("pages", "nothing behind the last", lambda: x.status == 200 and x.json == [], x)
    x = c("GET", f"{S}?filter=%7Blevel%3A")
    rec("validation", "no JSON in the filter", lambda: x.status == 400, x)
    x = c("GET", f(f"{S}/findOne", where={"code": "EXAM-4"}))
    rec("filter", "the one of a code", lambda: x.status == 200 and x.json["id"] == items[4], x)
    x = c("GET", f(f"{S}/findOne", where={"code": "EXAM-44"}))
    rec("unknown id", "none of a code", lambda: err(x, 404, "MODEL_NOT_FOUND"), x)
    for k in range(2):
        full = {"title": f"{N[k].title()} upserted", "code": f"EXAM-UP-{k}", "level": "expert", "city": "Zug"}
        x = c("PUT", S, full, headers=a)
        i = of(x, "id", 1)
        rec("upsert", f"new, {k}", lambda: x.status == 200 and x.json["title"] == full["title"] and x.json["seats"] == 10 and i not in items, x)
        x = c("PUT", S, {**full, "id": i, "title": "Second thoughts"}, headers=a)
        y = c("GET", f"{S}/{i}")
        rec("upsert", f"again, {k}", lambda: x.json["id"] == y.json["id"] == i and y.json["title"] == "Second thoughts" and y.json["level"] == "expert", (x, y))
        x = c("PATCH", S, {"id": i, "seats": 33 + k}, headers=a)
        y = c("GET", f"{S}/{i}")
        rec("upsert", f"patched, {k}", lambda: y.json["seats"] == 33 + k and y.json["title"] == "Second thoughts" and y.json["id"] == i, (x, y))
        x = c("POST", w(f"{S}/update", code=f"EXAM-UP-{k}"), {"city": "Olten"}, headers=a)
        y = c("GET", f"{S}/{i}")
        rec("upsert", f"updated by where, {k}", lambda: x.json == {"count": 1} and y.json["city"] == "Olten" and y.json["seats"] == 33 + k, (x, y))
        x = c("POST", w(f"{S}/update", code=f"EXAM-NO-{k}"), {"city": "Olten"}, headers=a)
        rec("upsert", f"none to update, {k}", lambda: x.status == 200 and x.json == {"count": 0}, x)
    x = c("PUT", f"{S}/{items[1]}", {"title": "Put anew", "code": "EXAM-1", "city": "Linz"}, headers=a)
    y = c("GET", f"{S}/{items[1]}")
    rec("update", "replaced", lambda: x.status == 200 and y.json["title"] == "Put anew" and y.json["seats"] == 10 and y.json["level"] == "beginner" and y.json["city"] == "Linz" and y.json["id"] == items[1] and "tags" not in y.json, (x, y))
    x = c("GET", f"{M}/{ana}/workshops", headers=a)
    rec("in the list", "hers", lambda: set(items) <= {q["id"] for q in x.json} and all(q["ownerId"] == ana for q in x.json), x)
    for k, i in enumerate(items[3:5]):
        n0 = of(c("GET", f"{S}/count"), "count", 0)
        x = c("DELETE", f"{S}/{i}", headers=b)
        rec("owner", f"no delete by ben, {k}", lambda: err(x, 403, "ACCESS_DENIED"), x)
        x = c("DELETE", f"{S}/{i}", headers=a)
        rec("delete", f"workshop, {k}", lambda: x.status == 200 and x.json == {"count": 1}, x)
        x = c("GET", f"{S}/{i}")
        rec("delete", f"workshop gone, {k}", lambda: err(x, 404, "MODEL_NOT_FOUND"), x)
        x = c("GET", f"{S}/{i}/exists")
        rec("delete", f"exists no more, {k}", lambda: x.json == {"exists": False}, x)
        y, x = c("GET", S), c("GET", f"{S}/count")
        rec("delete", f"out of the list, {k}", lambda: i not in [q["id"] for q in y.json] and items[0] in [q["id"] for q in y.json], y)
        rec("counts", f"one less, {k}", lambda: x.json == {"count": n0 - 1}, (n0, x))
    x = c("POST", S, {"title": "Free again", "code": "EXAM-3"}, headers=a)
    rec("conflict", "the code is free again", lambda: x.status == 200 and x.json["code"] == "EXAM-3", x)
    x = c("POST", f"{M}/logout", headers=b)
    y, z = c("GET", f"{M}/me", headers=b), c("GET", f"{M}/me", headers=a)
    rec("login", "logged out", lambda: x.status == 204 and y.status == 401 and z.status == 200, (x, y, z))


PARTNERS = {
    "login": [("login", "registered"), ("login", "right"), ("login", "wrong")], ("validation", "member"): [("login", "registered")], ("validation", "booking"): [("child", "created")], "validation": [("create", "created")], "create": [("login", "me")], "read your write": [("create", "created")],
    "in the list": [("read your write", "item")], "known id": [("unknown id", "does not")], ("unknown id", "does not"): [("known id", "exists")], ("unknown id", "none"): [("filter", "the one")], ("unknown id", "no booking"): [("child", "created")],
    "unknown id": [("read your write", "item")], "conflict": [("create", "created")], ("update", "her"): [("login", "me")], "update": [("read your write", "item")], ("owner", "not her"): [("login", "herself")], ("owner", "no delete"): [("delete", "workshop,")],
    "owner": [("update", "patched")], ("auth", "bookings"): [("child", "listed")], "auth": [("update", "patched")], ("counts", "bookings"): [("child", "created")], "child": [("child", "created")], "action": [("action", "")],
    ("delete", "booking"): [("child", "defaults")], ("delete", "counted"): [("delete", "booking,")], "delete": [("delete", "workshop,")], "filter": [("create", "created")], "sort": [("create", "created")], "counts": [("create", "created")], "pages": [("create", "created")], "upsert": [("upsert", "new")],
}

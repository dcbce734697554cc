"""Feathers 5 (npm) over Koa with its memory adapter and TypeBox schemas: `$limit`, `$skip`, `$sort`, operators, local and JWT login, records made and removed by many."""
import random
import subprocess
from pathlib import Path
from servers import of
from common import HOST, Process, free_port, wait_http

NAME = "feathers"
PACKAGES = ["feathers", "koa", "authentication", "authentication-local", "schema", "typebox", "memory", "errors"]
APP = r"""
// Projects, tickets and comments, as the Feathers generator lays services out; in one file.
const { feathers } = require('@feathersjs/feathers')
const { koa, rest, bodyParser, errorHandler, parseAuthentication } = require('@feathersjs/koa')
const { AuthenticationService, JWTStrategy, authenticate } = require('@feathersjs/authentication')
const { LocalStrategy, passwordHash } = require('@feathersjs/authentication-local')
const { hooks: s, resolve, virtual, Ajv } = require('@feathersjs/schema')
const { Type, StringEnum, querySyntax, getValidator } = require('@feathersjs/typebox')
const { MemoryService } = require('@feathersjs/memory')
const { Conflict, Forbidden, BadRequest } = require('@feathersjs/errors')
const addFormats = require('ajv-formats').default
const crypto = require('crypto')

const dataValidator = addFormats(new Ajv({}), ['date-time', 'email'])
const queryValidator = addFormats(new Ajv({ coerceTypes: true }), ['date-time', 'email'])
let counter = crypto.randomInt(1 << 23)
const machine = crypto.randomBytes(5).toString('hex')
const objectId = async () => Math.floor(Date.now() / 1000).toString(16) + machine + (counter++ & 0xffffff).toString(16).padStart(6, '0')
const now = async () => Date.now()
const me = async (_v, _d, ctx) => ctx.params.user._id
const strict = { additionalProperties: false }
const app = koa(feathers())
app.set('authentication', {
  entity: 'user', service: 'users', secret: 'examexamexamexamexamexam', authStrategies: ['jwt', 'local'],
  jwtOptions: { header: { typ: 'access' }, audience: 'https://exam.example', algorithm: 'HS256', expiresIn: '1d' },
  local: { usernameField: 'email', passwordField: 'password', hashSize: 4 }
})
app.use(errorHandler())
app.use(parseAuthentication())
app.use(bodyParser())
app.configure(rest())
const store = (multi = false) => new MemoryService({ id: '_id', multi, paginate: { default: 10, max: 50 } })
const METHODS = { methods: ['find', 'get', 'create', 'patch', 'remove'] }

// One data schema for create, its partial for patch, a query schema of all members.
function layOut (name, full, data, { create = {}, patch = {}, query = {}, result = {}, external = {}, around, before = {}, multi } = {}) {
  app.use(name, store(multi), METHODS)
  const picked = Type.Pick(full, data, strict)
  const dv = getValidator(picked, dataValidator)
  const pv = getValidator(Type.Partial(picked, strict), dataValidator)
  const qv = getValidator(Type.Intersect([querySyntax(full), Type.Object({}, strict)], strict), queryValidator)
  app.service(name).hooks({
    around: around || { all: [authenticate('jwt'), s.resolveExternal(resolve(external)), s.resolveResult(resolve(result))] },
    before: {
      all: [s.validateQuery(qv), s.resolveQuery(resolve(query))],
      create: [s.validateData(dv), ...(before.create || []), s.resolveData(resolve({ _id: objectId, ...create, createdAt: now }))],
      patch: [s.validateData(pv), ...(before.patch || []), s.resolveData(resolve(patch))],
      remove: before.remove || []
    }
  })
}
const all = (name, query) => app.service(name).find({ query, paginate: false })
const unique = (name, member) => async ctx => {
  if (ctx.data[member] === undefined) return
  const [other] = await all(name, { [member]: ctx.data[member] })
  if (other && other._id !== ctx.id) throw new Conflict(`${member}: value already exists.`, { errors: { [member]: ctx.data[member] } })
}
const owned = async ctx => {
  const record = await ctx.service.get(ctx.id)
  if (ctx.params.user && record.ownerId !== ctx.params.user._id) throw new Forbidden('You do not own this project')
}
// Anyone signed in finds and gets; only one's own is changed: of others there is "No record found".
const own = member => async (value, _d, ctx) => ctx.params.user && !['find', 'get'].includes(ctx.method) ? ctx.params.user._id : value

const user = Type.Object({ _id: Type.String(), email: Type.String({ format: 'email' }), name: Type.String({ minLength: 2 }), password: Type.String({ minLength: 8 }), createdAt: Type.Number() }, strict)
const noPassword = { password: async () => undefined }
const userAround = [s.resolveExternal(resolve(noPassword)), s.resolveResult(resolve({}))]
layOut('users', user, ['email', 'name', 'password'], {
  create: { password: passwordHash({ strategy: 'local' }) }, patch: { password: passwordHash({ strategy: 'local' }) },
  query: { _id: async (value, _d, ctx) => ctx.params.user && ctx.method !== 'create' ? ctx.params.user._id : value },
  around: { all: userAround, find: [authenticate('jwt')], get: [authenticate('jwt')], patch: [authenticate('jwt')], remove: [authenticate('jwt')] },
  before: { create: [unique('users', 'email')], patch: [unique('users', 'email')] }
})
const brief = async id => { const [u] = await all('users', { _id: id }); return u && { _id: u._id, name: u.name } }

const project = Type.Object({ _id: Type.String(), name: Type.String({ minLength: 3, maxLength: 60 }), key: Type.String({ pattern: '^[A-Z]{2,6}$' }), description: Type.Optional(Type.String()), archived: Type.Boolean(), ownerId: Type.String(), createdAt: Type.Number() }, strict)
layOut('projects', project, ['name', 'key', 'description'], {
  create: { archived: async () => false, ownerId: me },
  result: { owner: virtual(async p => brief(p.ownerId)), ticketCount: virtual(async p => (await all('tickets', { projectId: p._id })).length) },
  before: { create: [unique('projects', 'key')], patch: [owned, unique('projects', 'key')], remove: [owned] }
})

const STATUS = ['open', 'doing', 'done']
const ticket = Type.Object({
  _id: Type.String(), number: Type.Integer(), title: Type.String({ minLength: 3 }), text: Type.Optional(Type.String()), status: StringEnum(STATUS), priority: Type.Integer({ minimum: 1, maximum: 5 }),
  labels: Type.Array(Type.String()), projectId: Type.String(), authorId: Type.String(), createdAt: Type.Number(), updatedAt: Type.Number()
}, strict)
const dataOf = { title: ticket.properties.title, text: Type.Optional(Type.String()), status: Type.Optional(StringEnum(STATUS)), priority: Type.Optional(ticket.properties.priority), labels: Type.Optional(Type.Array(Type.String())), projectId: Type.String() }
app.use('tickets', store(), METHODS)
app.service('tickets').hooks({
  around: { all: [authenticate('jwt'), s.resolveExternal(resolve({})), s.resolveResult(resolve({ author: virtual(async t => brief(t.authorId)), commentCount: virtual(async t => (await all('comments', { ticketId: t._id })).length) }))] },
  before: {
    all: [s.validateQuery(getValidator(Type.Intersect([querySyntax(ticket), Type.Object({}, strict)], strict), queryValidator)), s.resolveQuery(resolve({ authorId: own('authorId') }))],
    create: [s.validateData(getValidator(Type.Object(dataOf, strict), dataValidator)), async ctx => {
      for (const t of [].concat(ctx.data)) if (!(await all('projects', { _id: t.projectId })).length) throw new BadRequest('Unknown project', { projectId: t.projectId })
    }, s.resolveData(resolve({
      _id: objectId, number: async (_v, t) => (await all('tickets', { projectId: t.projectId })).length + 1, status: async v => v || 'open', priority: async v => v || 3, labels: async v => v || [], authorId: me, createdAt: now, updatedAt: now
    }))],
    patch: [s.validateData(getValidator(Type.Partial(Type.Omit(Type.Object(dataOf), ['projectId']), strict), dataValidator)), async ctx => {
      const [t] = await all('tickets', { _id: ctx.id, authorId: ctx.params.user._id })
      if (t && t.status === 'done' && !ctx.data.status) throw new Conflict('The ticket is done', { status: t.status })
    }, s.resolveData(resolve({ updatedAt: now }))]
  }
})

const comment = Type.Object({ _id: Type.String(), text: Type.String({ minLength: 1, maxLength: 300 }), ticketId: Type.String(), userId: Type.String(), createdAt: Type.Number() }, strict)
layOut('comments', comment, ['text', 'ticketId'], {
  multi: ['create', 'remove'], create: { userId: me }, query: { userId: own('userId') }, result: { user: virtual(async c => brief(c.userId)) }
})

class Strategy extends LocalStrategy {}
const authentication = new AuthenticationService(app)
authentication.register('jwt', new JWTStrategy())
authentication.register('local', new Strategy())
app.use('authentication', authentication)
app.listen(+process.argv[2], '127.0.0.1')
"""
A = "dusty eager frosty grand humble ivory jolly keen lunar mellow".split()
N = "compass engine fountain glacier hammer island kettle lattice mirror needle".split()
FIRST = "Ada Bo Cleo Dan Elsa Finn Gina Hank Iris Joel Kaya Liam".split()
LABELS = "bug idea docs urgent later ui".split()
STATUS = ["open", "doing", "done"]


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        if not (folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", *(f"@feathersjs/{p}@5" for p in PACKAGES), "ajv-formats@2"], check=True, stdout=subprocess.DEVNULL)
        (folder / "app.js").write_text(APP)
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__(["node", "app.js", str(self.port)], cwd=folder, log=str(folder / "server.log"))
        wait_http(self.base, "/projects")


def login(c, email, password):
    return c("POST", "/authentication", {"strategy": "local", "email": email, "password": password})


def bearer(x):
    return {"Authorization": f"Bearer {of(x, 'accessToken')}"}


def join(c, email, password, name):
    x = c("POST", "/users", {"email": email, "password": password, "name": name})
    y = login(c, email, password)
    return bearer(y), x, y


def forged(R, header):
    return {"Authorization": f"{header['Authorization'].rsplit('.', 1)[0]}.{''.join(R.choices('abcdefghijkmnopqrstuvwxyzABCDEFGH23456789_-', k=43))}"}


def idof(x):
    return of(x, "_id")


def object_id(R):
    return "65" + R.randbytes(11).hex()


def train(make):
    R = random.Random(71)
    c = make("train")
    other, _, _ = join(c, "zeno.zapf@mail.example", "zenos-secret-1", "Zeno")
    for n in range(5):
        name = R.choice(FIRST)
        mail, word = f"{name.lower()}{n}{R.randint(10, 99)}@mail.example", f"{R.choice(N)}-{R.randint(1000, 9999)}"
        a, x, _ = join(c, mail, word, name)
        me = idof(x)
        c("POST", "/users", {"email": mail, "password": word, "name": name})                       # 409
        for body in ({"email": f"s{n}@mail.example", "password": "abc", "name": name}, {"email": f"odd mail {n}", "password": word, "name": name}, {"email": f"n{n}@mail.example", "name": name}, {"password": word, "name": name}, {"email": f"l{n}@mail.example", "password": word, "name": name, "admin": True}):
            c("POST", "/users", body)
        for k in range(2):
            login(c, mail, f"wrong-{R.randint(1000, 9999)}")
            login(c, f"nobody{n}{k}@mail.example", word)
        c("POST", "/authentication", {"strategy": "local", "email": mail})
        c("POST", "/authentication", {"strategy": "magic", "email": mail, "password": word})
        c("GET", "/users", headers=a)
        c("GET", f"/users/{me}", headers=a)
        c("GET", f"/users/{me}", headers=other)                                                    # 404: not oneself
        c("GET", "/users")
        c("PATCH", f"/users/{me}", {"name": R.choice(FIRST)}, headers=a)
        c("GET", f"/users/{me}", headers=a)
        c("PATCH", f"/users/{me}", {"email": "zeno.zapf@mail.example"}, headers=a)                 # 409
        c("PATCH", f"/users/{me}", {"name": "x"}, headers=a)
        ps = []
        for k in range(3):
            key = "".join(R.choices("ABCDEFGHKLMNPRSTUVWZ", k=R.randint(4, 6)))
            x = c("POST", "/projects", {"name": f"{R.choice(A)} {R.choice(N)}", "key": key, **({"description": f"about the {R.choice(N)}"} if k % 2 else {})}, headers=a)
            p = idof(x)
            ps.append(p)
            c("GET", f"/projects/{p}", headers=a)
            c("GET", f"/projects/{p}", headers=other)
            c("GET", "/projects", headers=a)
            c("GET", f"/projects/{p}")
            c("GET", "/projects", headers=forged(R, a))
            c("POST", "/projects", {"name": "Again", "key": key}, headers=a)                       # 409
            for t in range(2):
                c("POST", "/projects", [{"key": key}, {"name": "No key"}, {"name": "ab", "key": "ABAB"}, {"name": "Odd key", "key": f"k{n}"}, {"name": "More", "key": "MORE", "colour": "red"}, {"name": R.randint(100, 999), "key": "NUMB"}][(n + 2 * k + t) % 6], headers=a)
            c("POST", "/projects", {"name": "No token", "key": "NOTOK"})
            c("PATCH", f"/projects/{p}", [{"name": f"{R.choice(A)} {R.choice(N)}"}, {"description": f"now a {R.choice(N)}"}][k % 2], headers=a)
            c("GET", f"/projects/{p}", headers=a)
            c("PATCH", f"/projects/{p}", {"name": "not mine"}, headers=other)                      # 403
            c("PATCH", f"/projects/{p}", {"name": "q"}, headers=a)
            c("PUT", f"/projects/{p}", {"name": "put", "key": key}, headers=a)                     # 405
            c("GET", f"/projects/{object_id(R)}", headers=a)
            c("PATCH", f"/projects/{object_id(R)}", {"name": "nothing there"}, headers=a)
            c("GET", f"/projects?key={key}", headers=a)
            ts = []
            for t in range(4):
                who = [a, a, other][t % 3]
                body = {"title": f"{R.choice(A)} {R.choice(N)}", "projectId": p}
                if t % 2:
                    body.update(priority=R.randint(1, 5), labels=R.sample(LABELS, R.randint(0, 2)))
                if t == 2:
                    body["text"] = f"when the {R.choice(N)} is {R.choice(A)}"
                if t == 3:
                    body["status"] = R.choice(STATUS[:2])
                x = c("POST", "/tickets", body, headers=who)
                i = idof(x)
                ts.append(i)
                c("GET", f"/tickets/{i}", headers=a)
                c("GET", f"/projects/{p}", headers=a)
                c("GET", f"/tickets?projectId={p}", headers=a)
                if t % 2:
                    c("GET", f"/tickets/{i}")
            for t in range(2):
                c("POST", "/tickets", [{"projectId": p}, {"title": "No project"}, {"title": "x", "projectId": p}, {"title": "Odd priority", "projectId": p, "priority": R.randint(6, 9)}, {"title": "Odd status", "projectId": p, "status": R.choice(["lost", "new", "shut"])}, {"title": "Nowhere", "projectId": object_id(R)}][(n + 2 * k + t) % 6], headers=a)
            i = ts[0]
            c("PATCH", f"/tickets/{i}", [{"priority": R.randint(1, 5)}, {"title": f"{R.choice(A)} {R.choice(N)}", "labels": R.sample(LABELS, 1)}, {"status": "doing"}][k % 3], headers=a)
            c("GET", f"/tickets/{i}", headers=a)
            c("PATCH", f"/tickets/{i}", [{"priority": "high"}, {"status": "gone"}, {"projectId": p}][k % 3], headers=a)
            c("PATCH", f"/tickets/{i}", {"title": "not mine"}, headers=other)                      # 404
            c("PATCH", f"/tickets/{i}", {"status": "done"}, headers=a)
            c("GET", f"/tickets/{i}", headers=a)
            c("PATCH", f"/tickets/{i}", {"title": f"too late {n}{k}"}, headers=a)                  # 409
            if k % 2:
                c("PATCH", f"/tickets/{i}", {"status": "open"}, headers=a)
                c("PATCH", f"/tickets/{i}", {"title": f"{R.choice(A)} again {n}{k}"}, headers=a)
                c("GET", f"/tickets/{i}", headers=a)
            c("GET", f"/tickets/{object_id(R)}", headers=a)
            cs = []
            for t in range(2):
                x = c("POST", "/comments", {"text": f"{R.choice(A)} {R.choice(N)}!", "ticketId": i}, headers=[a, other][t])
                cs.append(idof(x))
                c("GET", f"/comments?ticketId={i}", headers=a)
                c("GET", f"/tickets/{i}", headers=a)
            c("POST", "/comments", [{"text": f"first of many {n}{k}", "ticketId": ts[1]}, {"text": f"second of many {n}{k}", "ticketId": ts[1]}][:1 + (k < 2)], headers=a)
            c("GET", f"/comments?ticketId={ts[1]}", headers=a)
            c("POST", "/comments", [{"text": ""}, {"text": "", "ticketId": i}, {"ticketId": i}][k % 3], headers=a)
            c("DELETE", f"/comments/{cs[1]}", headers=a)                                           # 404: zeno's
            c("DELETE", f"/comments/{cs[0]}", headers=a)
            c("GET", f"/comments/{cs[0]}", headers=a)
            c("GET", f"/comments?ticketId={i}", headers=a)
            c("GET", f"/tickets/{i}", headers=a)
            c("DELETE", f"/comments?ticketId={ts[1]}", headers=a)                                  # all of one's own there
            c("GET", f"/comments?ticketId={ts[1]}", headers=a)
            c("GET", f"/tickets?projectId={p}&status={R.choice(STATUS)}", headers=a)
            c("GET", f"/tickets?projectId={p}&priority[$gt]={R.randint(1, 4)}", headers=a)
            c("GET", f"/tickets?projectId={p}&$sort[priority]={R.choice([1, -1])}", headers=a)
            c("GET", f"/tickets?projectId={p}&$sort[title]={R.choice([1, -1])}&$limit={R.randint(2, 3)}", headers=a)
            c("GET", f"/tickets?projectId={p}&status[$in][]=open&status[$in][]={R.choice(STATUS[1:])}", headers=a)
            c("GET", f"/tickets?projectId={p}&status[$ne]={R.choice(STATUS)}", headers=a)
            c("GET", f"/tickets?projectId={p}&$limit=0", headers=a)
            c("GET", f"/tickets?authorId={me}&$limit=3&$skip={R.randint(0, 3)}", headers=a)
            c("DELETE", f"/tickets/{ts[1]}", headers=other)                                        # 404
            c("DELETE", f"/tickets/{ts[1]}", headers=a)
            c("GET", f"/tickets/{ts[1]}", headers=a)
            c("DELETE", f"/tickets/{ts[1]}", headers=a)
            c("GET", f"/tickets?projectId={p}", headers=a)
            c("GET", f"/projects/{p}", headers=a)
        for k in range(4):
            c("GET", f"/tickets?$limit=4&$skip={4 * k}&$sort[createdAt]=1", headers=a)
            c("GET", f"/tickets?status={R.choice(STATUS)}", headers=a)
            c("GET", f"/tickets?$sort[{R.choice(['priority', 'title'])}]={R.choice([1, -1])}", headers=a)
            c("GET", f"/projects?$limit={R.randint(2, 4)}&$sort[name]={R.choice([1, -1])}", headers=a)
        c("GET", "/tickets?$limit=5&$skip=500&$sort[createdAt]=1", headers=a)
        c("GET", "/tickets?$limit=80", headers=a)
        c("GET", f"/tickets?$select[]=title&$select[]=status&$limit={R.randint(2, 4)}", headers=a)
        for q in ("colour=red", "$limit=-1", "priority=high", "$sort[weight]=1", f"status={R.choice(['gone', 'new'])}"):
            c("GET", f"/tickets?{q}", headers=a)
        c("DELETE", f"/projects/{ps[0]}", headers=other)                                           # 403
        c("DELETE", f"/projects/{ps[0]}", headers=a)
        c("GET", f"/projects/{ps[0]}", headers=a)
        c("DELETE", f"/projects/{ps[0]}", headers=a)
        c("GET", "/projects?$limit=50", headers=a)
        c("GET", f"/{R.choice(['boards', 'people', 'labels'])}", headers=a)
        if n % 2:
            c("DELETE", f"/users/{me}", headers=a)
            login(c, mail, word)
            c("GET", "/projects", headers=a)                                                       # 401: the user is no more


def data(x):
    return x.json["data"]


def exam(make, rec):
    R = random.Random(89)
    c = make("ana")
    err = lambda x, code, name, text=None: x.status == code and x.json["code"] == code and x.json["name"] == name and (text is None or x.json["message"] == text)  # noqa: E731
    bad = lambda x, keyword, path=None: err(x, 400, "BadRequest", "validation failed") and x.json["data"][0]["keyword"] == keyword and path in (None, x.json["data"][0]["instancePath"])  # noqa: E731
    lacks = lambda x, member: bad(x, "required") and member in [d["params"]["missingProperty"] for d in x.json["data"]]  # noqa: E731
    none = lambda x, i: err(x, 404, "NotFound", f"No record found for id '{i}'")  # noqa: E731
    a, x, y = join(c, "ana.exam@test.example", "examination-1", "Ana Exam")
    b, x2, y2 = join(c, "ben.exam@test.example", "examination-2", "Ben Exam")
    ana, ben = idof(x), idof(x2)
    rec("login", "registered", lambda: x.status == 201 and x.json["email"] == "ana.exam@test.example" and x.json["name"] == "Ana Exam" and "password" not in x.json and len(ana) == 24 and ana != ben, x)
    rec("login", "right password", lambda: y.status == 201 and y.json["authentication"]["strategy"] == "local" and y.json["user"]["_id"] == ana and y.json["user"]["name"] == "Ana Exam" and y.json["accessToken"].count(".") == 2, y)
    rec("login", "ben's own", lambda: y2.status == 201 and y2.json["user"]["_id"] == ben and y2.json["accessToken"] != y.json["accessToken"], y2)
    x = login(c, "ana.exam@test.example", "not-examined")
    rec("login", "wrong password", lambda: err(x, 401, "NotAuthenticated", "Invalid login"), x)
    x = login(c, "ona.exam@test.example", "examination-1")
    rec("login", "nobody", lambda: err(x, 401, "NotAuthenticated", "Invalid login"), x)
    x = c("POST", "/authentication", {"strategy": "local", "email": "ana.exam@test.example"})
    rec("login", "no password", lambda: err(x, 401, "NotAuthenticated"), x)
    x = c("POST", "/authentication", {"strategy": "magic", "email": "ana.exam@test.example", "password": "examination-1"})
    rec("login", "unknown strategy", lambda: err(x, 401, "NotAuthenticated"), x)
    x = c("POST", "/users", {"email": "ana.exam@test.example", "password": "examination-3", "name": "Twice"})
    rec("conflict", "registered twice", lambda: err(x, 409, "Conflict"), x)
    x = c("POST", "/users", {"email": "cy.exam@test.example", "password": "abc", "name": "Cy"})
    rec("validation", "account short password", lambda: bad(x, "minLength", "/password"), x)
    x = c("POST", "/users", {"email": "exam odd", "password": "examination-1", "name": "Odd"})
    rec("validation", "account odd mail", lambda: bad(x, "format", "/email"), x)
    x = c("POST", "/users", {"email": "dy.exam@test.example", "name": "Dy"})
    rec("validation", "account no password", lambda: lacks(x, "password"), x)
    x = c("POST", "/users", {"email": "ey.exam@test.example", "name": "Ey", "password": "examination-1", "admin": True})
    rec("validation", "account a member too many", lambda: bad(x, "additionalProperties"), x)
    x = c("GET", f"/users/{ana}", headers=a)
    rec("known id", "ana by id", lambda: x.status == 200 and x.json["_id"] == ana and x.json["email"] == "ana.exam@test.example", x)
    x = c("GET", f"/users/{ana}", headers=b)
    rec("owner", "ana is not ben's to see", lambda: none(x, ana), x)
    x = c("GET", "/users", headers=b)
    rec("owner", "ben sees himself alone", lambda: x.json["total"] == 1 and [q["_id"] for q in data(x)] == [ben] and data(x)[0]["name"] == "Ben Exam", x)
    x = c("PATCH", f"/users/{ana}", {"name": "Ana Renamed"}, headers=a)
    y = c("GET", f"/users/{ana}", headers=a)
    rec("update", "her name", lambda: x.json["name"] == y.json["name"] == "Ana Renamed" and y.json["email"] == "ana.exam@test.example", (x, y))
    x = c("PATCH", f"/users/{ana}", {"email": "ben.exam@test.example"}, headers=a)
    rec("conflict", "ben's mail is ben's", lambda: err(x, 409, "Conflict"), x)
    ps, sent = [], []
    for k in range(4):
        body = {"name": f"{A[k]} {N[9 - k]} exam {k}", "key": f"EX{'ABCD'[k]}M", **({"description": f"of the examination {k}"} if k % 2 else {})}
        n0 = of(c("GET", "/projects?$limit=0", headers=a), "total", 0)
        x = c("POST", "/projects", body, headers=a)
        p = idof(x)
        rec("create", f"created, {k}", lambda: x.status == 201 and all(x.json[q] == v for q, v in body.items()) and x.json["archived"] is False and x.json["ownerId"] == ana and x.json["owner"] == {"_id": ana, "name": "Ana Renamed"} and x.json["ticketCount"] == 0 and len(p) == 24 and p not in ps, x)
        ps.append(p)
        sent.append(body)
        item = f"/projects/{p}"
        y = c("GET", item, headers=a)
        rec("read your write", f"item, {k}", lambda: y.status == 200 and y.json == x.json and y.json["name"] == body["name"] and ("description" in y.json) == bool(k % 2), y)
        x = c("GET", "/projects?$limit=0", headers=a)
        rec("counts", f"one more, {k}", lambda: x.json == {"total": n0 + 1, "limit": 0, "skip": 0, "data": []}, (n0, x))
        x = c("GET", f"/projects?key={body['key']}", headers=a)
        rec("in the list", f"by its key, {k}", lambda: x.json["total"] == 1 and data(x) == [y.json] and x.json["limit"] == 10 and x.json["skip"] == 0, x)
        x = c("GET", item, headers=b)
        rec("known id", f"ben reads, {k}", lambda: x.status == 200 and x.json["owner"]["_id"] == ana and x.json["name"] == body["name"], x)
        x = c("PATCH", item, {"name": "Ben's now"}, headers=b)
        rec("owner", f"ben may not write, {k}", lambda: err(x, 403, "Forbidden", "You do not own this project"), x)
        x = c("GET", item)
        rec("auth", f"no token, {k}", lambda: err(x, 401, "NotAuthenticated"), x)
        x = c("GET", item, headers=forged(R, a))
        rec("forged token", f"forged, {k}", lambda: err(x, 401, "NotAuthenticated"), x)
        x = c("POST", "/projects", {"name": "Once more", "key": body["key"]}, headers=a)
        rec("conflict", f"key taken, {k}", lambda: err(x, 409, "Conflict", "key: value already exists."), x)
        change = [{"name": f"renamed {N[k]} {k}"}, {"description": f"described anew {k}"}][k % 2]
        x = c("PATCH", item, change, headers=a)
        sent[k].update(change)
        y = c("GET", item, headers=a)
        rec("update", f"patched and kept, {k}", lambda: x.status == 200 and x.json == y.json and all(y.json[q] == v for q, v in sent[k].items()) and y.json["ownerId"] == ana, (x, y))
        i = object_id(R)
        x = c("GET", f"/projects/{i}", headers=a)
        rec("unknown id", f"project, {k}", lambda: none(x, i), x)
    for n, body, keyword, path in (("short name", {"name": "qq", "key": "QQQ"}, "minLength", "/name"), ("odd key", {"name": "query", "key": "q1"}, "pattern", "/key"), ("a number for a name", {"name": 4711, "key": "QQQ"}, "type", "/name"), ("a member too many", {"name": "query", "key": "QQQ", "colour": "blue"}, "additionalProperties", "")):
        x = c("POST", "/projects", body, headers=a)
        rec("validation", f"project {n}", lambda: bad(x, keyword, path), x)
    x = c("POST", "/projects", {"name": "query"}, headers=a)
    rec("validation", "project without key", lambda: lacks(x, "key"), x)
    x = c("POST", "/projects", {"key": "QQQ"}, headers=a)
    rec("validation", "project without name", lambda: lacks(x, "name"), x)
    x = c("PATCH", f"/projects/{ps[0]}", {"name": "z"}, headers=a)
    y = c("GET", f"/projects/{ps[0]}", headers=a)
    rec("validation", "patch refused and not kept", lambda: bad(x, "minLength", "/name") and y.json["name"] == sent[0]["name"], (x, y))
    x = c("PUT", f"/projects/{ps[0]}", {"name": "put anew", "key": "PUT"}, headers=a)
    rec("validation", "no PUT here", lambda: err(x, 405, "MethodNotAllowed"), x)
    x = c("POST", "/projects", {"name": "by nobody", "key": "NOB"})
    rec("auth", "create", lambda: err(x, 401, "NotAuthenticated"), x)
    x = c("GET", "/tickets")
    rec("auth", "the list", lambda: err(x, 401, "NotAuthenticated"), x)
    x = c("GET", "/tickets", headers=forged(R, b))
    rec("forged token", "the list", lambda: err(x, 401, "NotAuthenticated"), x)
    for k, p in enumerate(ps[:2]):
        ts, full = [], []
        base = f"/tickets?projectId={p}"
        x = c("GET", base, headers=a)
        rec("in the list", f"no tickets yet, {k}", lambda: x.status == 200 and x.json == {"total": 0, "limit": 10, "skip": 0, "data": []}, x)
        for t in range(6):
            body = {"title": f"{A[9 - t]} {N[(t + 3 * k) % 10]} of {k}", "projectId": p}
            if t % 2:
                body.update(priority=1 + (2 * t + k) % 5, labels=[LABELS[t]])
            if t == 4:
                body["status"] = "doing"
            x = c("POST", "/tickets", body, headers=[a, b][t == 5])
            ts.append(idof(x))
            full.append({"status": "open", "priority": 3, "labels": [], **body})
            if t in (0, 1, 5):
                who = [(ana, "Ana Renamed"), (ben, "Ben Exam")][t == 5]
                rec("child", f"ticket {t} created, {k}", lambda: x.status == 201 and all(x.json[q] == v for q, v in full[t].items()) and x.json["number"] == t + 1 and x.json["authorId"] == who[0] and x.json["author"] == {"_id": who[0], "name": who[1]} and x.json["commentCount"] == 0, x)
                y = c("GET", f"/tickets/{ts[t]}", headers=b)
                rec("child", f"ticket {t} read, {k}", lambda: y.status == 200 and y.json == x.json and y.json["title"] == body["title"], y)
        x = c("GET", base, headers=a)
        rec("in the list", f"all tickets in order, {k}", lambda: x.json["total"] == 6 and [q["_id"] for q in data(x)] == ts and [q["number"] for q in data(x)] == [1, 2, 3, 4, 5, 6], x)
        x = c("GET", f"/projects/{p}", headers=a)
        rec("counts", f"tickets in the project, {k}", lambda: x.json["ticketCount"] == 6 and x.json["name"] == sent[k]["name"], x)
        x = c("GET", f"{base}&status=doing", headers=a)
        rec("filter", f"doing, {k}", lambda: [q["_id"] for q in data(x)] == [ts[4]] and x.json["total"] == 1, x)
        x = c("GET", f"{base}&priority[$gt]=3", headers=a)
        rec("filter", f"priority above, {k}", lambda: [q["_id"] for q in data(x)] == [i for i, f in zip(ts, full) if f["priority"] > 3], x)
        x = c("GET", f"{base}&status[$ne]=open", headers=a)
        rec("filter", f"not open, {k}", lambda: [q["_id"] for q in data(x)] == [ts[4]], x)
        x = c("GET", f"{base}&authorId={ben}", headers=a)
        rec("filter", f"by ben, {k}", lambda: [q["_id"] for q in data(x)] == [ts[5]], x)
        x = c("GET", f"{base}&status[$in][]=doing&status[$in][]=done", headers=a)
        rec("filter", f"doing or done, {k}", lambda: [q["_id"] for q in data(x)] == [ts[4]] and x.json["total"] == 1, x)
        x = c("GET", f"{base}&$select[]=title&$select[]=status&$limit=2", headers=a)
        rec("select", f"two members, {k}", lambda: len(data(x)) == 2 and all({"_id", "title", "status"} <= set(q) and not {"priority", "labels", "text"} & set(q) for q in data(x)) and [q["title"] for q in data(x)] == [f["title"] for f in full[:2]], x)
        for d in (1, -1):
            x = c("GET", f"{base}&$sort[priority]={d}", headers=a)
            rec("sort", f"by priority {d}, {k}", lambda: [q["priority"] for q in data(x)] == sorted((f["priority"] for f in full), reverse=d < 0) and {q["_id"] for q in data(x)} == set(ts), x)
            x = c("GET", f"{base}&$sort[title]={d}&$limit=3", headers=a)
            rec("sort", f"three by title {d}, {k}", lambda: [q["title"] for q in data(x)] == sorted((f["title"] for f in full), reverse=d < 0)[:3] and x.json["total"] == 6 and x.json["limit"] == 3, x)
        seen = []
        for page in range(6):
            x = c("GET", f"{base}&$limit=4&$skip={4 * page}&$sort[createdAt]=1", headers=a)
            rows = of(x, "data", [])
            if not rows or not isinstance(rows, list):
                break
            seen += [q.get("_id") for q in rows if isinstance(q, dict)]
        rec("pages", f"a walk by four, {k}", lambda: sorted(map(str, seen)) == sorted(ts) and x.json["skip"] == 8, (seen, x))
        x = c("GET", f"{base}&$limit=5&$skip=300&$sort[createdAt]=1", headers=a)
        rec("pages", f"behind the last, {k}", lambda: x.json == {"total": 6, "limit": 5, "skip": 300, "data": []}, x)
        x = c("GET", f"{base}&$limit=0", headers=a)
        rec("counts", f"tickets alone, {k}", lambda: x.json == {"total": 6, "limit": 0, "skip": 0, "data": []}, x)
        i = ts[0]
        change = {"priority": 5, "labels": ["exam"]}
        x = c("PATCH", f"/tickets/{i}", change, headers=a)
        y = c("GET", f"/tickets/{i}", headers=a)
        rec("update", f"ticket patched, {k}", lambda: x.status == 200 and y.json == x.json and y.json["priority"] == 5 and y.json["labels"] == ["exam"] and y.json["title"] == full[0]["title"] and y.json["number"] == 1, (x, y))
        x = c("PATCH", f"/tickets/{i}", {"title": "Ben's"}, headers=b)
        rec("owner", f"ben finds none to write, {k}", lambda: none(x, i), x)
        x = c("PATCH", f"/tickets/{i}", {"status": "done"}, headers=a)
        y = c("GET", f"/tickets/{i}", headers=a)
        rec("state", f"done, {k}", lambda: x.status == 200 and x.json["status"] == y.json["status"] == "done" and y.json["priority"] == 5, (x, y))
        x = c("PATCH", f"/tickets/{i}", {"title": f"late title {k}"}, headers=a)
        rec("state", f"what is done stays, {k}", lambda: err(x, 409, "Conflict", "The ticket is done"), x)
        x = c("GET", f"{base}&status=done", headers=a)
        rec("filter", f"done, {k}", lambda: [q["_id"] for q in data(x)] == [i], x)
        x = c("PATCH", f"/tickets/{i}", {"status": "open"}, headers=a)
        y = c("PATCH", f"/tickets/{i}", {"title": f"reopened title {k}"}, headers=a)
        rec("state", f"reopened, {k}", lambda: x.json["status"] == "open" and y.status == 200 and y.json["title"] == f"reopened title {k}" and y.json["labels"] == ["exam"], (x, y))
        # comments
        x = c("POST", "/comments", {"text": f"a remark by ben {k}", "ticketId": i}, headers=b)
        j = idof(x)
        rec("child", f"comment created, {k}", lambda: x.status == 201 and x.json["text"] == f"a remark by ben {k}" and x.json["ticketId"] == i and x.json["userId"] == ben and x.json["user"] == {"_id": ben, "name": "Ben Exam"}, x)
        y = c("POST", "/comments", [{"text": f"bulk one {k}", "ticketId": i}, {"text": f"bulk two {k}", "ticketId": i}], headers=a)
        rec("bulk", f"two at once, {k}", lambda: y.status == 201 and [q["text"] for q in y.json] == [f"bulk one {k}", f"bulk two {k}"] and all(q["userId"] == ana and len(q["_id"]) == 24 for q in y.json), y)
        z = c("GET", f"/comments?ticketId={i}", headers=a)
        rec("bulk", f"all three in the list, {k}", lambda: data(z) == [x.json, *y.json] and z.json["total"] == 3, z)
        x = c("GET", f"/tickets/{i}", headers=a)
        rec("counts", f"comments in the ticket, {k}", lambda: x.json["commentCount"] == 3, x)
        x = c("DELETE", f"/comments/{j}", headers=a)
        rec("owner", f"ben's comment is not ana's, {k}", lambda: none(x, j), x)
        x = c("DELETE", f"/comments?ticketId={i}", headers=a)
        rec("bulk", f"hers removed at once, {k}", lambda: x.status == 200 and [q["text"] for q in x.json] == [f"bulk one {k}", f"bulk two {k}"], x)
        x = c("GET", f"/comments?ticketId={i}", headers=a)
        rec("bulk", f"ben's is left, {k}", lambda: [q["_id"] for q in data(x)] == [j] and x.json["total"] == 1, x)
        x = c("DELETE", f"/comments/{j}", headers=b)
        rec("delete", f"comment answers the record, {k}", lambda: x.status == 200 and x.json["_id"] == j and x.json["text"] == f"a remark by ben {k}", x)
        x = c("GET", f"/comments/{j}", headers=b)
        rec("delete", f"comment gone, {k}", lambda: none(x, j), x)
        i = ts[2]
        x = c("DELETE", f"/tickets/{i}", headers=b)
        rec("owner", f"ben may not delete, {k}", lambda: none(x, i), x)
        x = c("DELETE", f"/tickets/{i}", headers=a)
        rec("delete", f"ticket answers the record, {k}", lambda: x.status == 200 and x.json["_id"] == i and x.json["title"] == full[2]["title"], x)
        x = c("GET", f"/tickets/{i}", headers=a)
        rec("delete", f"ticket gone, {k}", lambda: none(x, i), x)
        x = c("DELETE", f"/tickets/{i}", headers=a)
        rec("delete", f"ticket not twice, {k}", lambda: none(x, i), x)
        x, y = c("GET", base, headers=a), c("GET", f"/projects/{p}", headers=a)
        rec("delete", f"ticket out of the list, {k}", lambda: [q["_id"] for q in data(x)] == ts[:2] + ts[3:] and y.json["ticketCount"] == 5, (x, y))
    p = ps[0]
    for n, body, keyword, path in (("short title", {"title": "q", "projectId": p}, "minLength", "/title"), ("priority too high", {"title": "query", "projectId": p, "priority": 12}, "maximum", "/priority"), ("odd status", {"title": "query", "projectId": p, "status": "asleep"}, "enum", "/status")):
        x = c("POST", "/tickets", body, headers=a)
        rec("validation", f"ticket {n}", lambda: bad(x, keyword, path), x)
    x = c("POST", "/tickets", {"projectId": p}, headers=a)
    rec("validation", "ticket without title", lambda: lacks(x, "title"), x)
    i = object_id(R)
    x = c("POST", "/tickets", {"title": "nowhere at all", "projectId": i}, headers=a)
    rec("unknown id", "ticket for no project", lambda: err(x, 400, "BadRequest", "Unknown project") and x.json["data"] == {"projectId": i}, x)
    x = c("GET", f"/tickets/{i}", headers=a)
    rec("unknown id", "ticket", lambda: none(x, i), x)
    for n, q in (("an unknown member", "shape=round"), ("a negative limit", "$limit=-3"), ("a status that is none", "status=asleep"), ("sorted by no member", "$sort[height]=1")):
        x = c("GET", f"/tickets?{q}", headers=a)
        rec("validation", f"query {n}", lambda: err(x, 400, "BadRequest", "validation failed"), x)
    x = c("GET", "/tickets?$limit=77", headers=a)
    rec("pages", "no more than fifty", lambda: x.status == 200 and x.json["limit"] == 50 and len(data(x)) == min(50, x.json["total"]), x)
    x = c("GET", "/trolleys", headers=a)
    rec("unknown id", "no such service", lambda: err(x, 404, "NotFound", "Path /trolleys not found"), x)
    n0 = of(c("GET", "/projects?$limit=0", headers=a), "total", 0)
    x = c("DELETE", f"/projects/{ps[3]}", headers=b)
    rec("owner", "ben may not delete the project", lambda: err(x, 403, "Forbidden", "You do not own this project"), x)
    x = c("DELETE", f"/projects/{ps[3]}", headers=a)
    y = c("GET", f"/projects/{ps[3]}", headers=a)
    rec("delete", "project", lambda: x.status == 200 and x.json["_id"] == ps[3] and none(y, ps[3]), (x, y))
    x = c("GET", "/projects?$limit=0", headers=a)
    rec("counts", "one project less", lambda: x.json["total"] == n0 - 1, (n0, x))
    x = c("POST", "/projects", {"name": "free again", "key": sent[3]["key"]}, headers=a)
    rec("conflict", "the key is free again", lambda: x.status == 201 and x.json["key"] == sent[3]["key"] and x.json["_id"] not in ps, x)
    x = c("DELETE", f"/users/{ben}", headers=b)
    y, z = c("GET", "/projects", headers=b), login(c, "ben.exam@test.example", "examination-2")
    rec("delete", "ben himself", lambda: x.status == 200 and x.json["_id"] == ben and y.status in (401, 404) and err(z, 401, "NotAuthenticated", "Invalid login"), (x, y, z))


PARTNERS = {
    ("login", "registered"): [("login", "right")], "login": [("login", "right"), ("login", "wrong")], ("conflict", "key"): [("create", "created")], ("conflict", "the key"): [("delete", "project")], "conflict": [("login", "registered")],
    ("validation", "account"): [("login", "registered")], ("validation", "ticket"): [("child", "ticket 0")], ("validation", "query"): [("filter", "doing")], "validation": [("create", "created")], "create": [("login", "right")],
    "read your write": [("create", "created")], ("in the list", "no tickets"): [("in the list", "all tickets")], ("in the list", "all"): [("child", "ticket 0")], "in the list": [("read your write", "item")], ("counts", "one"): [("create", "created")], "counts": [("child", "ticket 0")],
    ("known id", "ana"): [("owner", "ana is")], "known id": [("read your write", "item")], ("unknown id", "ticket"): [("child", "ticket 0")], ("unknown id", "no such"): [("in the list", "all tickets")], "unknown id": [("read your write", "item")],
    ("update", "her"): [("login", "right")], ("update", "ticket"): [("child", "ticket 0 read")], "update": [("read your write", "item")], ("owner", "ana is"): [("known id", "ana")], ("owner", "ben finds"): [("update", "ticket")], ("owner", "ben's comment"): [("child", "comment")],
    ("owner", "ben may not delete the"): [("delete", "project")], ("owner", "ben may not delete"): [("delete", "ticket answers")], ("owner", "ben sees"): [("known id", "ana")], "owner": [("known id", "ben reads"), ("update", "patched")],
    ("auth", "no token"): [("read your write", "item")], "auth": [("create", "created")], ("forged token", "forged"): [("read your write", "item")], "forged token": [("in the list", "all tickets")], "child": [("child", "")], "bulk": [("bulk", "")],
    "filter": [("child", "ticket 0")], "select": [("child", "ticket 0")], "sort": [("child", "ticket 0")], "pages": [("child", "ticket 0")], "state": [("state", "")], ("delete", "comment"): [("child", "comment")], ("delete", "ticket"): [("child", "ticket 0 read"), ("delete", "ticket gone")],
    ("delete", "project"): [("known id", "ben reads")], "delete": [("login", "ben's")],
}


def iso_write(c, n):
    a, _, _ = join(c, f"iso{n}.exam@test.example", "isolation-1", "Iso")
    mark = f"mark {n} of {c.extra['X-Mock-Session']}"
    return c("POST", "/projects", {"name": mark, "key": f"ISO{'ABCDEFGH'[n]}"}, headers=a).status == 201, (mark, f"ISO{'ABCDEFGH'[n]}", a)


def iso_sees(c, mark):
    text, key, a = mark
    x = c("GET", f"/projects?key={key}", headers=a)
    return x.status == 200 and text in x.body.decode(errors="replace")

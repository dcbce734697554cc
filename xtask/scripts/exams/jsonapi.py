"""jsonapi-server (npm) with its memory store: JSON:API documents, relationships, include, filter operators, sparse fields, offset pages; a key in X-API-Auth."""
import random
import subprocess
import uuid
from pathlib import Path
from urllib.parse import quote
from common import HOST, Process, free_port, wait_http

NAME = "jsonapi"
APP = r"""
// Articles, people, comments by jsonapi-server with its memory store. Keys in X-API-Auth; a reader may not write.
const express = require('express')
const j = require('jsonapi-server')
const J = j.Joi
const port = +process.argv[2]
const app = express()
app.disable('x-powered-by')
j.setConfig({ base: 'rest', protocol: 'http', hostname: '127.0.0.1', port, router: app, meta: { copyright: 'Exam Press' } })
const KEYS = { 'key-ana-4711': 'editor', 'key-ben-0815': 'editor', 'key-rea-1234': 'reader' }
j.authenticate((q, done) => done(KEYS[q.headers['x-api-auth']] ? null : 'An API key is needed'))

// The memory store filters after it has cut the page; stores for SQL and Mongo filter before, and so does this one.
const may = q => KEYS[q.headers['x-api-auth']] === 'editor' ? null : { status: '403', code: 'EREADER', title: 'Not allowed', detail: 'A reader may not write' }
class Store extends j.MemoryHandler {
  create (q, r, done) { const e = may(q); return e ? done(e) : super.create(q, r, done) }
  update (q, r, done) { const e = may(q); return e ? done(e) : super.update(q, r, done) }
  delete (q, done) { const e = may(q); return e ? done(e) : super.delete(q, done) }
  search (q, done) {
    const page = q.params.page
    delete q.params.page
    super.search(q, (e, rows) => {
      q.params.page = page
      if (e) return done(e)
      const f = q.processedFilter || {}
      const by = { '>': (a, b) => a > b, '<': (a, b) => a < b, '~': (a, b) => a.toLowerCase() === b.toLowerCase(), ':': (a, b) => a.toLowerCase().includes(b.toLowerCase()) }
      rows = rows.filter(r => Object.keys(f).every(k => f[k].some(t => {
        const v = r[k] === undefined || r[k] === null ? [] : [].concat(r[k]).map(x => x.id || x)
        return v.some(x => t.operator ? by[t.operator](x, t.value) : x === t.value)
      })))
      done(null, page ? rows.slice(page.offset, page.offset + page.limit) : rows, rows.length)
    })
  }
}
const P = n => `00000000-0000-4000-8000-0000000000a${n}`
const A = n => `00000000-0000-4000-8000-0000000000b${n}`
j.define({
  resource: 'people', handlers: new Store(),
  attributes: {
    firstname: J.string().alphanum().required(), lastname: J.string().alphanum(), email: J.string().email().required(),
    articles: J.belongsToMany({ resource: 'articles', as: 'author' })
  },
  examples: [1, 2, 3].map(n => ({ id: P(n), type: 'people', firstname: ['Oli', 'Pedro', 'Rahul'][n - 1], lastname: ['Rumbelow', 'Romano', 'Patel'][n - 1], email: `p${n}@example.com` }))
})
j.define({
  resource: 'articles', handlers: new Store(),
  attributes: {
    title: J.string().min(3).max(60).required(), content: J.string().required(),
    status: J.string().valid('draft', 'published', 'archived').default('draft'), views: J.number().integer().min(0).default(0),
    author: J.one('people'), reviewers: J.many('people'), comments: J.belongsToMany({ resource: 'comments', as: 'article' })
  },
  examples: [1, 2, 3, 4].map(n => ({ id: A(n), type: 'articles', title: ['NodeJS Best Practices', 'Linux Rocks', 'How to AWS', 'Tea for Beginners'][n - 1], content: 'na', status: n % 2 ? 'published' : 'draft', views: n * 10, author: { type: 'people', id: P(n % 3 + 1) }, reviewers: [] }))
})
j.define({
  resource: 'comments', handlers: new Store(),
  attributes: { body: J.string().max(200).required(), stars: J.number().integer().min(1).max(5), author: J.one('people'), article: J.one('articles') },
  examples: [{ id: '00000000-0000-4000-8000-0000000000c1', type: 'comments', body: 'First!', stars: 4, author: { type: 'people', id: P(1) }, article: { type: 'articles', id: A(1) } }]
})
j.start()
app.listen(port, '127.0.0.1')
"""
MEDIA = "application/vnd.api+json"
FIRST = "Nora Emil Ida Otto Vera Hugo Lena Karl Mina Paul".split()
LAST = "Brandt Keller Lorenz Moser Vogel Winter Ziegler Stein Roth Falk".split()
ADJ = "quiet bright narrow golden hollow distant early broken gentle winding".split()
NOUN = "harbour lantern orchard bridge meadow signal archive journey window market".split()
STATUS = ["draft", "published", "archived"]


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        if not (folder / "node_modules").exists():
            subprocess.run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "jsonapi-server@4.2.0"], check=True, stdout=subprocess.DEVNULL)
        (folder / "app.js").write_text(APP)
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__(["node", "app.js", str(self.port)], cwd=folder, log=str(folder / "server.log"))
        wait_http(self.base, "/rest/articles")


def user(c, key=None):
    """A caller with a key (none: without), who speaks JSON:API."""
    own = {"Accept": MEDIA, **({"X-API-Auth": key} if key else {})}

    def call(method, path, data=None, headers=None, body=None):
        h = {**own, **(headers or {})}
        if data is not None:
            body = {"data": data}
        if body is not None:
            h.setdefault("Content-Type", MEDIA)
        return c(method, "/rest" + path, body, headers=h)
    return call


def ref(kind, i):
    return {"type": kind, "id": i}


def doc(kind, attributes, i=None, **rels):
    return {"type": kind, **({"id": i} if i else {}), "attributes": attributes, **({"relationships": {n: {"data": v} for n, v in rels.items()}} if rels else {})}


def idof(x):
    return x.json["data"]["id"] if isinstance(x.json, dict) and isinstance(x.json.get("data"), dict) and "id" in x.json["data"] else "none"


def new_id(R):
    return str(uuid.UUID(int=R.getrandbits(128), version=4))


def train(make):
    R = random.Random(53)
    c = make("train")
    ana, ben, rea, nobody = user(c, "key-ana-4711"), user(c, "key-ben-0815"), user(c, "key-rea-1234"), user(c)
    people, articles = [], []
    for n in range(5):
        who = [ana, ben][n % 2]
        for k in range(2):
            first, last = R.choice(FIRST), R.choice(LAST)
            x = who("POST", "/people", doc("people", {"firstname": first, "lastname": last, "email": f"{first}.{last}{n}{k}@mail.example".lower()}))
            p = idof(x)
            people.append(p)
            who("GET", f"/people/{p}")
            who("GET", "/people")
            who("POST", "/people", [doc("people", {"firstname": first, "lastname": last, "email": f"no mail {n}"}), doc("people", {"lastname": last, "email": f"a{n}@mail.example"})][k])
            if k:
                who("PATCH", f"/people/{p}", doc("people", {"lastname": R.choice(LAST)}, p))
                who("GET", f"/people/{p}")
                who("PATCH", f"/people/{p}", doc("people", {"email": "gone"}, p))
        for k in range(4):
            author, title, views = R.choice(people[-4:]), f"{R.choice(ADJ)} {R.choice(NOUN)} {n}{k}", R.randint(1, 90)
            by = {"author": ref("people", author)}
            own = {} if (n + k) % 4 == 2 else by                                    # some have no author yet
            x = who("POST", "/articles", doc("articles", {"title": title, "content": f"about a {R.choice(NOUN)}", **({"status": R.choice(STATUS), "views": views} if k % 2 else {})}, **own))
            a = idof(x)
            articles.append(a)
            who("GET", f"/articles/{a}")
            who("GET", f"/articles?filter[author]={author}")
            who("GET", f"/articles/{a}?include=author")
            form = by if (n + k) % 2 else {}
            who("POST", "/articles", doc("articles", [{"content": "no title"}, {"title": title}, {"title": title, "content": "x", "views": "many"}, {"title": title, "content": "x", "status": "lost"}][k], **form))
            if k == 2:
                who("POST", "/articles", body={})
            else:
                who("POST", "/articles", doc("articles", [{"title": "ab", "content": "short"}, {"title": title, "content": "x", "colour": "red"}, {}, {"title": title, "content": "x", "views": -R.randint(1, 9)}][k], **form))
            rea("POST", "/articles", doc("articles", {"title": f"by a reader {n}{k}", "content": "x"}, **form))
            if k < 2:
                rea("GET", f"/articles/{a}")
            nobody("GET", f"/articles/{a}")
            user(c, f"key-bad-{R.randint(1000, 9999)}")("GET", "/articles")
            who("PATCH", f"/articles/{a}", doc("articles", {"title": f"{R.choice(ADJ)} {R.choice(NOUN)} {n}{k} b"} if k % 2 else {"status": R.choice(STATUS), "views": R.randint(1, 90)}, a))
            who("PATCH", f"/articles/{a}", doc("articles", [{"views": "none"}, {"status": "sold"}, {"title": "a"}, {"shape": "round"}][k], a))
            who("GET", f"/articles/{a}")
            if k < 2:
                rea("PATCH", f"/articles/{a}", doc("articles", {"views": 7} if k else {"title": "not mine"}, a))
                rea("DELETE", f"/articles/{a}")
                who("PATCH", f"/articles/{a}", doc("articles", {}, a, author=ref("people", R.choice(people))))
                who("GET", f"/articles/{a}/author")
            i = new_id(R)
            if k % 2:
                who("POST", "/articles", doc("articles", {"title": f"own id {n}{k}", "content": "x"}, i, author=ref("people", author)))
                who("GET", f"/articles/{i}")
                who("POST", "/articles", doc("articles", {"title": f"own id again {n}{k}", "content": "y"}, i, **form))
                who("DELETE", f"/articles/{i}")
                who("POST", "/articles", doc("articles", {"title": f"same id twice {n}{k}", "content": "y"}, a))
            j = new_id(R)
            who("GET", f"/articles/{j}")
            who(["PATCH", "DELETE"][k % 2], f"/articles/{j}", None if k % 2 else doc("articles", {"views": 3}, j))
            # reviewers
            r, s = R.sample(people, 2)
            who("GET", f"/articles/{a}/relationships/reviewers")
            who("POST", f"/articles/{a}/relationships/reviewers", ref("people", r))
            who("POST", f"/articles/{a}/relationships/reviewers", ref("people", s))
            who("GET", f"/articles/{a}/reviewers")
            who("DELETE", f"/articles/{a}/relationships/reviewers", ref("people", r))
            who("DELETE", f"/articles/{a}/relationships/reviewers", ref("people", r))
            who("GET", f"/articles/{a}/relationships/reviewers")
            who("GET", f"/articles/{a}?include=author,reviewers")
            # comments
            made = []
            for t in range(2):
                x = who("POST", "/comments", doc("comments", {"body": f"{R.choice(ADJ)} {R.choice(NOUN)}", "stars": R.randint(1, 5)}, author=ref("people", R.choice(people)), article=ref("articles", a)))
                made.append(idof(x))
                who("GET", f"/comments/{made[-1]}")
                who("GET", f"/comments?filter[article]={a}")
            who("POST", "/comments", doc("comments", [{"body": "x", "stars": 9}, {"stars": 3}, {"body": "x", "stars": "five"}, {"body": ""}][k], article=ref("articles", a)))
            who("GET", f"/comments?filter[article]={a}&include=author")
            who("GET", f"/comments/{made[0]}/article")
            if k % 2:
                who("DELETE", f"/comments/{made[0]}")
                who("GET", f"/comments/{made[0]}")
                who("DELETE", f"/comments/{made[0]}")
                who("GET", f"/comments?filter[article]={a}")
        last, t = articles[-1], f"{R.choice(ADJ)} {R.choice(NOUN)} {n}"             # the same mistakes by another hand
        by = {"author": ref("people", R.choice(people))}
        for body in ({"content": t}, {"title": t}, {"title": t, "content": "z", "views": "few"}, {"title": t, "content": "z", "status": "sent"}, {"title": t[:2], "content": "z"}, {"title": t, "content": "z", "colour": "blue"}, {"title": t, "content": "z", "views": -R.randint(10, 50)}):
            who("POST", "/articles", doc("articles", body, **by))
        who("POST", "/articles", body={})
        for body in ({"views": "some"}, {"status": "lent"}, {"title": t[:1]}, {"shape": "flat"}):
            who("PATCH", f"/articles/{last}", doc("articles", body, last))
        for body in ({"body": t, "stars": R.randint(6, 20)}, {"stars": 2}, {"body": t, "stars": "three"}, {"body": ""}):
            who("POST", "/comments", doc("comments", body, article=ref("articles", last)))
        who("POST", "/people", doc("people", {"firstname": R.choice(FIRST), "email": f"mail of {n}"}))
        who("POST", "/people", doc("people", {"lastname": R.choice(LAST), "email": f"b{n}@mail.example"}))
        who("PATCH", f"/people/{people[-1]}", doc("people", {"email": "none"}, people[-1]))
        for k in range(4):
            who("GET", "/articles")
            who("GET", f"/articles?filter[status]={STATUS[(n + k) % 3]}")
            who("GET", f"/articles?filter[views]={quote('<>'[k % 2])}{R.randint(10, 70)}")
            who("GET", f"/articles?filter[title]=:{R.choice(NOUN)}")
            who("GET", f"/articles?sort={['title', '-views', 'views', '-title'][k]}")
            who("GET", f"/articles?sort=title&page[limit]=5&page[offset]={5 * k}")
            if k % 2:
                who("GET", f"/articles?page[limit]={R.randint(2, 6)}")
            who("GET", f"/articles?fields[articles]={['title', 'title,status', 'views', 'status'][k]}")
            if k < 3:
                for w in ("price", "owner"):
                    who("GET", ["/articles?sort=", "/articles?filter[%s]=", "/articles?include="][k].replace("%s", w) + ("3" if k == 1 else w))
        who("GET", "/articles?page[limit]=5&page[offset]=200")
        for q in (f"/articles?filter[status]=draft,archived&sort=-views", "/articles?include=author&page[limit]=4", "/articles?include=author,reviewers&page[limit]=10", "/people?sort=lastname"):
            who("GET", q)
        for k in range(2):
            who("GET", "/articles", headers={"Accept": ["text/html", "application/xml"][(n + k) % 2]})
            who("POST", "/people", doc("people", {"firstname": "Xaver", "email": f"x{n}{k}@mail.example"}), headers={"Content-Type": MEDIA + "; charset=utf-8"})
        for k in range(2):
            who("GET", f"/{R.choice(['books', 'authors', 'posts'])}")
        for a in articles[-4:-2]:
            who("DELETE", f"/articles/{a}")
            who("GET", f"/articles/{a}")
            who("DELETE", f"/articles/{a}")
            who("PATCH", f"/articles/{a}", doc("articles", {"views": 5}, a))
            who("GET", "/articles?page[limit]=100")


def exam(make, rec):
    R = random.Random(97)
    c = make("ana")
    ana, ben, rea, nobody = user(c, "key-ana-4711"), user(c, "key-ben-0815"), user(c, "key-rea-1234"), user(c)
    d = lambda x: x.json["data"]
    at = lambda x: x.json["data"]["attributes"]
    rel = lambda x, n: x.json["data"]["relationships"][n]["data"]
    ids = lambda x: [q["id"] for q in x.json["data"]]
    err = lambda x: x.json["errors"][0]
    names = [("Thea", "Quandt"), ("Ruben", "Albers"), ("Selma", "Dorn")]
    people = []
    for k, (first, last) in enumerate(names):
        sent = {"firstname": first, "lastname": last, "email": f"{first}@exam.example".lower()}
        x = ana("POST", "/people", doc("people", sent))
        p = idof(x)
        people.append(p)
        rec("create", f"person made, {k}", lambda: x.status == 201 and d(x)["type"] == "people" and at(x) == sent and p in d(x)["links"]["self"], x)
        x = ana("GET", f"/people/{p}")
        rec("read your write", f"person, {k}", lambda: x.status == 200 and d(x)["id"] == p and at(x) == sent, x)
        x = ana("GET", "/people?page[limit]=100")
        rec("in the list", f"person, {k}", lambda: ids(x).count(p) == 1, x)
    articles, sent = [], []
    for k in range(6):
        author = people[k % 3]
        body = {"title": f"{'fedcba'[k]} exam {NOUN[9 - k]}", "content": f"words on {ADJ[k]}", **({"status": STATUS[k // 2], "views": 1000 + 7 * ((5 * k) % 6)} if k % 2 else {})}
        want = {"status": "draft", "views": 0, **body}
        x = ben("POST", "/articles", doc("articles", body, author=ref("people", author)))
        a = idof(x)
        articles.append(a)
        sent.append(want)
        rec("create", f"created, {k}", lambda: x.status == 201 and at(x) == want and rel(x, "author") == ref("people", author) and rel(x, "reviewers") == [], x)
        k > 2 or rec("links", f"self and relationships, {k}", lambda: d(x)["links"]["self"].endswith(f"/rest/articles/{a}") and d(x)["relationships"]["author"]["links"]["self"].endswith(f"/rest/articles/{a}/relationships/author") and d(x)["relationships"]["author"]["links"]["related"].endswith(f"/articles/{a}/author"), x)
        x = ana("GET", f"/articles/{a}")
        rec("read your write", f"item, {k}", lambda: x.status == 200 and d(x)["id"] == a and at(x) == want and rel(x, "author") == ref("people", author), x)
        x = ana("GET", f"/articles?filter[author]={author}")
        rec("in the list", f"of the author, {k}", lambda: ids(x) == articles[k % 3::3] and x.json["meta"]["page"]["total"] == k // 3 + 1, x)
        x = ana("GET", f"/articles/{a}?include=author")
        rec("include", f"author of one, {k}", lambda: [q["id"] for q in x.json["included"]] == [author] and x.json["included"][0]["attributes"]["firstname"] == names[k % 3][0] and at(x)["title"] == want["title"], x)
        x = nobody("GET", f"/articles/{a}")
        rec("auth", f"no key, {k}", lambda: x.status == 401 and err(x)["code"] == "UNAUTHORIZED", x)
        x = user(c, f"key-eve-{R.randint(1000, 9999)}")("GET", f"/articles/{a}")
        rec("auth", f"a wrong key, {k}", lambda: x.status == 401, x)
        j = new_id(R)
        x = ana("GET", f"/articles/{j}")
        k > 3 or rec("unknown id", f"article, {k}", lambda: x.status == 404 and err(x)["code"] == "ENOTFOUND" and j in err(x)["detail"], x)
    for k, a in enumerate(articles[:4]):
        new = {"views": 2000 + 10 * k, **({"title": f"{'wxyz'[k]} renamed {k}"} if k % 2 else {})}
        x = ana("PATCH", f"/articles/{a}", doc("articles", new, a))
        sent[k] = {**sent[k], **new}
        rec("update", f"answered, {k}", lambda: x.status == 200 and at(x) == sent[k] and d(x)["id"] == a, x)
        x = ana("PATCH", f"/articles/{a}", doc("articles", [{"views": "lots"}, {"status": "hidden"}, {"title": "q"}, {"smell": "sweet"}][k], a))
        rec("validation", f"patch refused, {k}", lambda: x.status == 403 and err(x)["detail"][0]["path"] == [["views"], ["status"], ["title"], ["smell"]][k], x)
        x = rea("PATCH", f"/articles/{a}", doc("articles", {"title": "a reader's"}, a))
        rec("owner", f"a reader may not edit, {k}", lambda: x.status == 403 and err(x)["code"] == "EREADER", x)
        x = ana("GET", f"/articles/{a}")
        rec("update", f"kept, {k}", lambda: x.status == 200 and at(x) == sent[k] and rel(x, "author")["id"] == people[k % 3], x)
        x = rea("GET", f"/articles/{a}")
        rec("owner", f"but read, {k}", lambda: x.status == 200 and at(x)["title"] == sent[k]["title"], x)
        j = new_id(R)
        x = ana("PATCH", f"/articles/{j}", doc("articles", {"views": 5}, j))
        k > 1 or rec("unknown id", f"patch, {k}", lambda: x.status == 404, x)
    x = rea("POST", "/articles", doc("articles", {"title": "reader writes", "content": "x"}))
    rec("owner", "a reader may not post", lambda: x.status == 403 and err(x)["code"] == "EREADER", x)
    for k, (body, path) in enumerate((({"content": "no name"}, "title"), ({"title": "words lack"}, "content"), ({"title": "fine one", "content": "y", "views": "heaps"}, "views"), ({"title": "fine two", "content": "y", "status": "torn"}, "status"),
                                      ({"title": "z", "content": "y"}, "title"), ({"title": "fine three", "content": "y", "colour": "blue"}, "colour"), ({"title": "fine four", "content": "y", "views": -33}, "views"))):
        x = ana("POST", "/articles", doc("articles", body))
        rec("validation", f"article refused, {k}", lambda: x.status == 403 and err(x)["title"] == "Param validation failed" and [q["path"] for q in err(x)["detail"]] == [[path]], x)
    for k, body in enumerate(({"firstname": "Kira", "email": "not a mail"}, {"lastname": "Berg", "email": "berg@exam.example"})):
        x = ana("POST", "/people", doc("people", body))
        rec("validation", f"person refused, {k}", lambda: x.status == 403 and err(x)["detail"][0]["path"] == [["email", "firstname"][k]], x)
    x = ana("POST", "/articles", body={})
    rec("validation", "no data", lambda: x.status == 403 and err(x)["title"] == "Request validation failed", x)
    for k in range(2):
        i = new_id(R)
        x = ana("POST", "/articles", doc("articles", {"title": f"with my id {k}", "content": "x", "views": 77}, i, author=ref("people", people[k])))
        rec("conflict", f"an id of the client, {k}", lambda: x.status == 201 and d(x)["id"] == i, x)
        y = ana("POST", "/articles", doc("articles", {"title": f"with that id {k}", "content": "x"}, i))
        z = ana("GET", f"/articles/{i}")
        rec("conflict", f"not twice, {k}", lambda: y.status == 403 and err(y)["title"] == "Requested resource already exists" and at(z)["title"] == f"with my id {k}", (y, z))
        x = ana("DELETE", f"/articles/{i}")
        y = ana("POST", "/articles", doc("articles", {"title": f"id is free {k}", "content": "x"}, i))
        rec("conflict", f"free again, {k}", lambda: x.status == 200 and y.status == 201 and at(y)["title"] == f"id is free {k}", (x, y))
        ana("DELETE", f"/articles/{i}")
    for k, a in enumerate(articles[:2]):
        r, s = people[(k + 1) % 3], people[(k + 2) % 3]
        at_ = f"/articles/{a}/relationships/reviewers"
        x = ana("POST", at_, ref("people", r))
        rec("relation", f"added, {k}", lambda: x.status == 201 and d(x) == [ref("people", r)], x)
        x = ana("POST", at_, ref("people", s))
        y = ana("GET", at_)
        rec("relation", f"both, {k}", lambda: y.status == 200 and d(y) == [ref("people", r), ref("people", s)], (x, y))
        x = ana("GET", f"/articles/{a}")
        rec("relation", f"in the article, {k}", lambda: rel(x, "reviewers") == [ref("people", r), ref("people", s)], x)
        x = ana("GET", f"/articles/{a}/reviewers")
        rec("relation", f"related people, {k}", lambda: {q["id"]: q["attributes"]["firstname"] for q in d(x)} == {people[(k + t) % 3]: names[(k + t) % 3][0] for t in (1, 2)}, x)
        x = ana("GET", f"/articles/{a}?include=author,reviewers")
        rec("include", f"author and reviewers, {k}", lambda: sorted(q["id"] for q in x.json["included"]) == sorted(people), x)
        x = ana("DELETE", at_, ref("people", r))
        y = ana("GET", at_)
        rec("relation", f"taken off, {k}", lambda: x.status == 200 and d(y) == [ref("people", s)], (x, y))
        x = ana("DELETE", at_, ref("people", r))
        rec("relation", f"not twice, {k}", lambda: x.status == 403 and r in err(x)["detail"], x)
        x = ana("GET", f"/articles/{a}/author")
        rec("relation", f"related author, {k}", lambda: x.status == 200 and d(x)["id"] == people[k] and at(x)["lastname"] == names[k][1], x)
    x = ana("PATCH", f"/articles/{articles[5]}", doc("articles", {}, articles[5], author=ref("people", people[0])))
    y = ana("GET", f"/articles/{articles[5]}/author")
    rec("relation", "another author", lambda: x.status == 200 and rel(x, "author")["id"] == people[0] and d(y)["id"] == people[0], (x, y))
    x, y = ana("GET", f"/articles?filter[author]={people[0]}"), ana("GET", f"/articles?filter[author]={people[2]}")
    rec("relation", "changes both lists", lambda: ids(x) == [articles[q] for q in (0, 3, 5)] and ids(y) == [articles[2]], (x, y))
    for k in range(2):
        a, made = articles[k], []
        for t in range(2):
            x = ben("POST", "/comments", doc("comments", {"body": f"exam remark {k}{t}", "stars": 1 + k + t}, author=ref("people", people[t]), article=ref("articles", a)))
            made.append(idof(x))
        rec("child", f"created, {k}", lambda: x.status == 201 and at(x) == {"body": f"exam remark {k}1", "stars": 2 + k} and rel(x, "article") == ref("articles", a), x)
        x = ana("GET", f"/comments?filter[article]={a}&include=author")
        rec("child", f"listed, {k}", lambda: ids(x) == made and [q["attributes"]["body"] for q in d(x)] == [f"exam remark {k}0", f"exam remark {k}1"] and x.json["meta"]["page"]["total"] == 2, x)
        rec("include", f"authors of a list, {k}", lambda: {q["id"] for q in x.json["included"]} == set(people[:2]), x)
        x = ana("GET", f"/comments/{made[0]}/article")
        rec("child", f"its article, {k}", lambda: x.status == 200 and d(x)["id"] == a and at(x)["title"] == sent[k]["title"], x)
        x = ana("DELETE", f"/comments/{made[0]}")
        y = ana("GET", f"/comments/{made[0]}")
        rec("delete", f"comment, {k}", lambda: x.status == 200 and y.status == 404, (x, y))
        x = ana("GET", f"/comments?filter[article]={a}")
        rec("delete", f"comment gone from its list, {k}", lambda: ids(x) == made[1:] and x.json["meta"]["page"]["total"] == 1, x)
    x = ana("POST", "/comments", doc("comments", {"body": "far too good", "stars": 8}, article=ref("articles", articles[0])))
    rec("validation", "comment of eight stars", lambda: x.status == 403 and err(x)["detail"][0]["path"] == ["stars"], x)
    sent[5], now = dict(sent[5]), dict(zip(articles, sent))
    every = ana("GET", "/articles?page[limit]=100")
    rec("in the list", "all articles", lambda: set(articles) <= set(ids(every)) and every.json["meta"]["page"]["total"] == len(ids(every)), every)
    for k, s in enumerate(STATUS):
        x = ana("GET", f"/articles?filter[status]={s}&page[limit]=100")
        rec("filter", f"status, {k}", lambda: {i for i in articles if now[i]["status"] == s} == set(ids(x)) & set(articles) and all(q["attributes"]["status"] == s for q in d(x)), x)
    x = ana("GET", "/articles?filter[status]=published,archived&page[limit]=100")
    rec("filter", "either of two", lambda: {i for i in articles if now[i]["status"] != "draft"} == set(ids(x)) & set(articles) and all(q["attributes"]["status"] != "draft" for q in d(x)), x)
    for k, v in enumerate((500, 1010, 2005)):
        x = ana("GET", f"/articles?filter[views]=%3E{v}")
        rec("filter", f"more views, {k}", lambda: set(ids(x)) == {i for i in articles if now[i]["views"] > v}, x)
    for k, w in enumerate(("exam", "renamed")):
        x = ana("GET", f"/articles?filter[title]=:{w}")
        rec("filter", f"words, {k}", lambda: set(ids(x)) == {i for i in articles if w in now[i]["title"]}, x)
    x = ana("GET", f"/articles?filter[author]={people[0]}&filter[status]=draft")
    rec("filter", "two filters", lambda: ids(x) == [articles[0]], x)
    x = ana("GET", f"/articles?filter[author]={new_id(R)}")
    rec("filter", "nobody's", lambda: x.status == 200 and d(x) == [], x)
    for k, (q, name, back) in enumerate((("title", "title", False), ("-title", "title", True), ("views", "views", False), ("-views", "views", True))):
        x = ana("GET", f"/articles?sort={q}&page[limit]=100")
        rec("sort", f"by {q}, {k}", lambda: [i for i in ids(x) if i in now] == sorted(articles, key=lambda i: now[i][name], reverse=back) and len(ids(x)) == len(ids(every)), x)
    x = ana("GET", f"/articles?filter[author]={people[0]}&sort=-views")
    rec("sort", "within a filter", lambda: ids(x) == sorted([articles[q] for q in (0, 3, 5)], key=lambda i: -now[i]["views"]), x)
    seen, off = [], 0
    while off < 300:
        x = ana("GET", f"/articles?sort=title&page[limit]=4&page[offset]={off}")
        seen += ids(x) if isinstance(x.json, dict) and isinstance(x.json.get("data"), list) else []
        off += 4
        if not isinstance(x.json, dict) or "next" not in x.json.get("links", {}):
            break
    rec("pages", "a walk by next sees all once", lambda: len(seen) == len(set(seen)) and set(seen) == set(ids(every)) and x.json["meta"]["page"]["total"] == len(seen), (len(seen), x))
    x = ana("GET", "/articles?page[limit]=3")
    rec("pages", "the first three", lambda: ids(x) == ids(every)[:3] and x.json["meta"]["page"] == {"offset": 0, "limit": 3, "total": len(ids(every))} and "next" in x.json["links"] and "prev" not in x.json["links"], x)
    x = ana("GET", "/articles?page[limit]=3&page[offset]=3")
    rec("pages", "the next three", lambda: ids(x) == ids(every)[3:6] and x.json["meta"]["page"]["offset"] == 3 and "prev" in x.json["links"], x)
    x = ana("GET", "/articles?page[limit]=3&page[offset]=400")
    rec("pages", "nothing behind the last", lambda: x.status == 200 and d(x) == [] and x.json["meta"]["page"]["total"] == len(ids(every)), x)
    for k, f in enumerate(("title", "title,status")):
        x = ana("GET", f"/articles?filter[author]={people[0]}&fields[articles]={f}")
        rec("fields", f"only those, {k}", lambda: [q["attributes"] for q in d(x)] == [{n: now[articles[i]][n] for n in f.split(",")} for i in (0, 3, 5)], x)
    for k, q in enumerate(("sort=weight", "filter[weight]=9", "include=editor")):
        x = ana("GET", f"/articles?{q}")
        rec("validation", f"query refused, {k}", lambda: x.status == 403 and err(x)["title"] == ["Invalid sort", "Invalid filter", "Invalid inclusion"][k], x)
    x = ana("GET", "/articles", headers={"Accept": "text/html"})
    y = ana("POST", "/people", doc("people", {"firstname": "Yuri", "email": "yuri@exam.example"}), headers={"Content-Type": MEDIA + "; charset=utf-8"})
    rec("media type", "neither accepted", lambda: x.status == 406 and y.status == 415, (x, y))
    x = ana("GET", "/magazines")
    rec("unknown id", "an unknown type", lambda: x.status == 404 and "magazines" in err(x)["detail"], x)
    for k, a in enumerate(articles[:2]):
        x = rea("DELETE", f"/articles/{a}")
        y = ana("GET", f"/articles/{a}")
        rec("owner", f"a reader may not delete, {k}", lambda: x.status == 403 and y.status == 200, (x, y))
        x = ana("DELETE", f"/articles/{a}")
        rec("delete", f"deleted, {k}", lambda: x.status == 200 and "data" not in x.json and "errors" not in x.json, x)
        x = ana("GET", f"/articles/{a}")
        rec("delete", f"gone, {k}", lambda: x.status == 404 and a in err(x)["detail"], x)
        x = ana("DELETE", f"/articles/{a}")
        rec("delete", f"not twice, {k}", lambda: x.status == 404, x)
        x = ana("GET", "/articles?page[limit]=100")
        rec("delete", f"gone from the list, {k}", lambda: set(ids(x)) == set(ids(every)) - set(articles[:k + 1]) and x.json["meta"]["page"]["total"] == len(ids(every)) - k - 1, x)


PARTNERS = {
    ("create", "created"): [("read your write", "item")], ("create", "person"): [("read your write", "person")], ("read your write", "item"): [("create", "created")], ("read your write", "person"): [("create", "person")],
    ("in the list", "person"): [("read your write", "person")], ("in the list", "of"): [("read your write", "item")], ("in the list", "all"): [("create", "created")], "links": [("create", "created")],
    ("include", "author of"): [("read your write", "item")], ("include", "authors"): [("child", "listed")], ("include", "author and"): [("relation", "in the article")],
    "auth": [("auth", ""), ("read your write", "item")], ("unknown id", "article"): [("read your write", "item")], ("unknown id", "patch"): [("update", "answered")], ("unknown id", "an"): [("in the list", "all")],
    "update": [("update", ""), ("read your write", "item")], ("validation", "patch"): [("update", "answered")], ("validation", "article"): [("create", "created")], ("validation", "person"): [("create", "person")],
    ("validation", "comment"): [("child", "created")], ("validation", "query"): [("sort", "by"), ("filter", "status")], ("validation", "no"): [("create", "created")],
    ("owner", "a reader may not edit"): [("owner", "but"), ("update", "answered")], ("owner", "but"): [("owner", "a reader may not edit")], ("owner", "a reader may not post"): [("create", "created")], ("owner", "a reader may not delete"): [("delete", "deleted")],
    "conflict": [("conflict", "")], ("relation", "not"): [("relation", "taken")], "relation": [("relation", "added")], ("relation", "related author"): [("create", "person")], ("relation", "changes"): [("relation", "another")], "child": [("child", "created")],
    ("delete", "comment"): [("child", "created")], "delete": [("delete", "deleted"), ("create", "created")], "filter": [("create", "created")], "sort": [("create", "created")], "pages": [("create", "created")], "fields": [("create", "created")],
    "media type": [("create", "person")],
}

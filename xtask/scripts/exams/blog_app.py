"""The backend of blog.py: FastAPI in one file. Registration gates everything; drafts, slugs, versions, comments counted in their article.

  blog_app.py PORT
"""
import re
import sys
from datetime import datetime, timedelta, timezone
from typing import Literal

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

app, KEY = FastAPI(), "exam-key-of-thirty-two-characters"
users, articles, comments, prefs = {}, {}, {}, {}
counter = {"user": 0, "article": 0, "comment": 0}
bearer = HTTPBearer(auto_error=False)


def number(kind):
    counter[kind] += 1
    return counter[kind]


def now():
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refuse(status, code):
    raise HTTPException(status, {"code": code})


def whoami(c: HTTPAuthorizationCredentials | None = Depends(bearer)):
    try:
        return users[jwt.decode(c.credentials, KEY, "HS256")["sub"]]
    except Exception:
        refuse(401, "not_signed_in")


class Join(BaseModel):
    email: str = Field(pattern=r"^\S+@\S+\.\S+$")
    password: str = Field(min_length=8)
    name: str


class Login(BaseModel):
    email: str
    password: str


class NewArticle(BaseModel):
    title: str = Field(min_length=3)
    text: str
    tags: list[str] = []


class Edit(BaseModel):
    title: str = Field(min_length=3)
    text: str
    version: int


class Remark(BaseModel):
    text: str = Field(min_length=1)


class Search(BaseModel):
    tag: str | None = None
    status: Literal["draft", "published"] | None = None
    limit: int = Field(20, ge=1, le=50)


def session(u):
    token = jwt.encode({"sub": u["email"], "iat": datetime.now(timezone.utc), "exp": datetime.now(timezone.utc) + timedelta(hours=1)}, KEY, "HS256")
    return {"access_token": token, "token_type": "bearer", "user": public(u)}


def public(u):
    return {"id": u["id"], "email": u["email"], "name": u["name"]}


def shown(a):
    return {**a, "comments_count": sum(c["article"] == a["slug"] for c in comments.values()), "url": f"/articles/{a['slug']}"}


def visible(u):
    return [a for a in articles.values() if a["status"] == "published" or a["author"] == u["id"]]


def find(slug, u, own=False):
    a = articles.get(slug)
    if a is None or a not in visible(u):
        refuse(404, "no_article")
    if own and a["author"] != u["id"]:
        refuse(403, "not_the_author")
    return a


def write(body, u):
    slug = re.sub(r"[^a-z0-9]+", "-", body.title.lower()).strip("-")
    if slug in articles:
        refuse(409, "slug_taken")
    articles[slug] = {"id": number("article"), "slug": slug, "title": body.title, "text": body.text, "tags": body.tags, "status": "draft", "author": u["id"], "version": 1, "created_at": now(), "updated_at": now(), "published_at": None}
    return articles[slug]


@app.post("/register", status_code=201)
def register(body: Join):
    if body.email in users:
        refuse(409, "email_taken")
    users[body.email] = {"id": number("user"), **body.model_dump()}
    return session(users[body.email])


@app.post("/login")
def login(body: Login):
    u = users.get(body.email)
    if not u or u["password"] != body.password:
        refuse(401, "bad_login")
    return session(u)


@app.get("/me")
def me(u=Depends(whoami)):
    return {**public(u), "articles_count": sum(a["author"] == u["id"] for a in articles.values())}


@app.get("/articles")
def listed(page: int = Query(1, ge=1), per_page: int = Query(5, ge=1, le=50), tag: str | None = None, author: int | None = None, status: str | None = None, u=Depends(whoami)):
    rows = [a for a in visible(u) if (tag is None or tag in a["tags"]) and (author is None or a["author"] == author) and (status is None or a["status"] == status)]
    return {"items": [shown(a) for a in rows[(page - 1) * per_page:page * per_page]], "total": len(rows), "page": page, "pages": -(-len(rows) // per_page)}


@app.post("/articles", status_code=201)
def create(body: NewArticle, u=Depends(whoami)):
    return shown(write(body, u))


@app.post("/articles/bulk", status_code=207)
def bulk(body: list[NewArticle], u=Depends(whoami)):
    out = []
    for b in body:
        try:
            out.append({"status": 201, "slug": write(b, u)["slug"]})
        except HTTPException as e:
            out.append({"status": e.status_code, "error": e.detail["code"]})
    return {"results": out}


@app.post("/articles/search")
def search(body: Search, u=Depends(whoami)):
    rows = [a for a in visible(u) if (body.tag is None or body.tag in a["tags"]) and (body.status is None or a["status"] == body.status)]
    return {"hits": [shown(a) for a in rows[:body.limit]], "total": len(rows)}


@app.get("/articles/{slug}")
def article(slug: str, u=Depends(whoami)):
    return shown(find(slug, u))


@app.put("/articles/{slug}")
def edit(slug: str, body: Edit, u=Depends(whoami)):
    a = find(slug, u, True)
    if body.version != a["version"]:
        refuse(409, "stale_version")
    a.update(title=body.title, text=body.text, version=a["version"] + 1, updated_at=now())
    return shown(a)


@app.delete("/articles/{slug}", status_code=204)
def remove(slug: str, u=Depends(whoami)):
    find(slug, u, True)
    del articles[slug]
    for i in [i for i, c in comments.items() if c["article"] == slug]:
        del comments[i]


@app.post("/articles/{slug}/publish")
def publish(slug: str, u=Depends(whoami)):
    a = find(slug, u, True)
    if a["status"] == "published":
        refuse(409, "already_published")
    a.update(status="published", published_at=now(), version=a["version"] + 1, updated_at=now())
    return shown(a)


@app.get("/articles/{slug}/comments")
def remarks(slug: str, u=Depends(whoami)):
    find(slug, u)
    return [c for c in comments.values() if c["article"] == slug]


@app.post("/articles/{slug}/comments", status_code=201)
def remark(slug: str, body: Remark, u=Depends(whoami)):
    if find(slug, u)["status"] != "published":
        refuse(409, "not_published")
    i = number("comment")
    comments[i] = {"id": i, "article": slug, "author": u["id"], "text": body.text, "created_at": now()}
    return comments[i]


@app.delete("/articles/{slug}/comments/{i}", status_code=204)
def unsay(slug: str, i: int, u=Depends(whoami)):
    find(slug, u)
    if i not in comments:
        refuse(404, "no_comment")
    if comments[i]["author"] != u["id"]:
        refuse(403, "not_the_author")
    del comments[i]


@app.get("/prefs")
def preferences(u=Depends(whoami)):
    return {"items": list(prefs.get(u["id"], {}).values())}


@app.get("/prefs/{key}")
def preference(key: str, u=Depends(whoami)):
    return prefs.get(u["id"], {}).get(key) or refuse(404, "no_pref")


@app.put("/prefs/{key}")
def prefer(key: str, body: dict, u=Depends(whoami)):
    from fastapi.responses import JSONResponse
    own = prefs.setdefault(u["id"], {})
    new = key not in own
    own[key] = {"key": key, "value": body.get("value")}
    return JSONResponse(own[key], 201 if new else 200)


@app.delete("/prefs/{key}", status_code=204)
def forget(key: str, u=Depends(whoami)):
    if prefs.get(u["id"], {}).pop(key, None) is None:
        refuse(404, "no_pref")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")

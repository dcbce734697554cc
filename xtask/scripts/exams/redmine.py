"""Redmine (Debian), a ticket system on Rails: {"issue": {...}} in and out, updates answered by 204, keys or Basic, roles, {"errors": [...]}, journals, hours summed up, a wiki with versions."""
import base64
import random
import shutil
import subprocess
import time
from pathlib import Path
from common import HOST, Client, Process, free_port

NAME = "redmine"
SHARE = Path("/usr/share/redmine")
SEED = r"""
raise "no default data" unless Role.exists?(3) && Tracker.count == 3 && IssueStatus.count == 6
Setting.rest_api_enabled = '1'
Setting.login_required = '1'
Setting.notified_events = []
Setting.default_language = 'en'
User.find_by_login('admin').update_columns(must_change_passwd: false)
u = User.find_by_login('admin')
u.password = u.password_confirmation = 'admin-secret-1'
u.must_change_passwd = false
u.save!
"""
A = "shaky sticky slow noisy dull faulty missing broken wrong blurry".split()
N = "login export printer calendar invoice header search avatar report sidebar".split()
FIRST = "Alma Bruno Clara Dennis Edda Felix Greta Henri Ida Jonas Karla Leon".split()
LAST = "Amsel Biber Dachs Elster Falke Gans Hase Iltis Kauz Luchs Marder Otter".split()
DAYS = "soon later tomorrow never tonight".split()
HOURS = "many long few some enough".split()
WORDS = "Guide Setup Release Backup Glossary Contacts Support Testing".split()


class Server(Process):
    def __init__(self, folder):
        folder = Path(folder).resolve()
        app = folder / "app"
        if not (folder / "base.sqlite3").exists() or not (app / "Gemfile.local").exists():
            self.lay_out(folder, app)
        (folder / "server.pid").unlink(missing_ok=True)
        shutil.copy(folder / "base.sqlite3", folder / "db.sqlite3")
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        super().__init__(["ruby", "bin/rails", "server", "-u", "webrick", "-e", "production", "-b", HOST, "-p", str(self.port), "-P", str(folder / "server.pid")],
                         cwd=app, env={"REDMINE_INSTANCE": "exam", "RAILS_ENV": "production"}, log=str(folder / "server.log"))
        end = time.time() + 60
        while True:
            try:
                Client(self.base)("GET", "/users/current.json")
                break
            except OSError:
                if self.p.poll() is not None or time.time() > end:
                    self.stop()
                    raise SystemExit(f"redmine does not start: see {folder}/server.log") from None
                time.sleep(0.3)
        (folder / "server.pid").unlink(missing_ok=True)

    @staticmethod
    def lay_out(folder, app):
        """A copy of Debian's tree with a database of its own: migrated, default data, an administrator."""
        if not SHARE.exists():
            subprocess.run(["apt-get", "install", "-qy", "--no-install-recommends", "redmine", "redmine-sqlite", "ruby-webrick"], check=True, timeout=600, stdout=subprocess.DEVNULL, env={"DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        shutil.rmtree(app, ignore_errors=True)
        shutil.copytree(SHARE, app, symlinks=True)
        for link in ("instances", "config/database.yml", "Gemfile.lock"):
            (app / link).unlink(missing_ok=True)
        gems = (app / "Gemfile").read_text().replace("/usr/share/redmine/", f"{app}/")  # the copy's own database.yml names the adapter
        (app / "Gemfile").write_text(gems)
        (app / "Gemfile.local").write_text('gem "webrick"\n')  # no server is among Redmine's gems; Bundler locks Debian's at the first run
        own = app / "instances/exam"
        for name in ("config", "log", "tmp/cache", "files"):
            (own / name).mkdir(parents=True)
        database = f"production:\n  adapter: sqlite3\n  database: {folder}/db.sqlite3\n  encoding: utf8\n"
        (app / "config/database.yml").write_text(database)
        (own / "config/database.yml").write_text(database)
        (app / "config/additional_environment.rb").write_text("config.log_level = :warn\n")
        (own / "config/secret_key.txt").write_text("exam" * 16)
        (folder / "seed.rb").write_text(SEED)
        (folder / "db.sqlite3").unlink(missing_ok=True)
        run = {"cwd": app, "check": True, "timeout": 300, "stdout": subprocess.DEVNULL, "env": {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "RAILS_ENV": "production", "REDMINE_INSTANCE": "exam", "REDMINE_LANG": "en"}}
        for task in ("db:migrate", "redmine:load_default_data"):  # one process each: the first leaves stale columns behind
            subprocess.run(["ruby", "bin/rake", task], **run)
        subprocess.run(["ruby", "bin/rails", "runner", str(folder / "seed.rb")], **run)
        shutil.copy(folder / "db.sqlite3", folder / "base.sqlite3")


def basic(login, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def at(x, *path, other="none"):
    """A member below members of an answer's document, or `other`."""
    v = x.json
    for name in path:
        v = v.get(name) if isinstance(v, dict) else None
    return other if v is None else v


def ids_of(rows, other):
    """The ids of a list, or `other` where it holds fewer."""
    found = [v.get("id") for v in rows if isinstance(v, dict)] if isinstance(rows, list) else []
    return found if len(found) >= len(other) else other


def sign_in(c, login, password):
    """The front end's login: the current user by Basic, whose key serves from then on."""
    x = c("GET", "/users/current.json", headers=basic(login, password))
    return {"X-Redmine-API-Key": str(at(x, "user", "api_key"))}, x


def hire(c, admin, login, first, last, password):
    """A new account by the administrator, who then signs in: header, id, both answers."""
    x = c("POST", "/users.json", {"user": {"login": login, "firstname": first, "lastname": last, "mail": f"{login}@mail.example", "password": password}}, headers=admin)
    h, y = sign_in(c, login, password)
    return h, at(x, "user", "id"), x, y


def train(make):
    R = random.Random(43)
    c = make("train")
    admin, _ = sign_in(c, "admin", "admin-secret-1")
    for path in ("/trackers.json", "/issue_statuses.json", "/enumerations/issue_priorities.json", "/enumerations/time_entry_activities.json", "/roles.json"):
        c("GET", path, headers=admin)
    acts = ids_of(at(c("GET", "/enumerations/time_entry_activities.json", headers=admin), "time_entry_activities"), [8, 9])
    prios = ids_of(at(c("GET", "/enumerations/issue_priorities.json", headers=admin), "issue_priorities"), [1, 2, 3, 4, 5])
    cy, cyid, _, _ = hire(c, admin, "cyrus", "Cyrus", "Zander", "cyrus-secret-1")
    for n in range(5):
        sign_in(c, "admin", "admin-secret-1")
        c("GET", "/users/current.json", headers=admin)
        first, last = R.choice(FIRST), R.choice(LAST)
        login, word = f"{first}.{last}{n}".lower(), f"{R.choice(N)}-{R.randint(1000, 9999)}"
        a, me, _, _ = hire(c, admin, login, first, last, word)
        b, you, _, _ = hire(c, admin, f"rep{n}{R.randint(10, 99)}", R.choice(FIRST), R.choice(LAST), "reporter-9")
        user = {"login": login, "firstname": "Other", "lastname": "Name", "mail": f"other{n}@mail.example", "password": "long-enough-1"}
        for body in (user, {**user, "login": f"s{n}", "password": "abc"}, {**user, "login": f"t{n}", "lastname": ""}, {**user, "login": f"u{n}", "mail": f"odd mail {n}"}, {**user, "login": f"v{n}", "mail": f"{login}@mail.example"}):
            c("POST", "/users.json", {"user": body}, headers=admin)
        c("POST", "/users.json", {"user": {**user, "login": f"w{n}"}}, headers=a)                   # 403
        for k in range(2):
            sign_in(c, login, f"wrong-{R.randint(1000, 9999)}")
            sign_in(c, f"nobody{n}{k}", word)
            c("GET", "/users/current.json", headers=[a, b][k])
        c("GET", "/users/current.json")
        c("GET", "/users/current.json", headers={"X-Redmine-API-Key": R.randbytes(20).hex()})
        c("GET", f"/users/{me}.json", headers=admin)
        c("PUT", f"/users/{me}.json", {"user": {"firstname": R.choice(FIRST)}}, headers=admin)
        c("GET", f"/users/{me}.json", headers=admin)
        c("GET", "/users/current.json", headers=a)
        c("GET", "/users.json", headers=admin)
        c("GET", "/users.json", headers=a)                                                          # 403
        c("GET", f"/users/{R.randint(700, 999)}.json", headers=admin)
        ident = f"{R.choice(N)}-{n}{R.randint(10, 99)}"
        x = c("POST", "/projects.json", {"project": {"name": f"{R.choice(A).title()} {R.choice(N)}", "identifier": ident, "description": f"all about the {R.choice(N)}", "is_public": False}}, headers=admin)
        p = at(x, "project", "id", other=1)
        for body in ({"name": "Again", "identifier": ident}, {"name": "", "identifier": f"blank{n}"}, {"name": "No identifier"}, {"name": "Odd", "identifier": f"Odd {n}"}):
            c("POST", "/projects.json", {"project": body}, headers=admin)
        c("POST", "/projects.json", {"project": {"name": "Not mine", "identifier": f"not{n}"}}, headers=a)   # 403
        c("GET", f"/projects/{ident}.json", headers=admin)
        c("GET", f"/projects/{p}.json", headers=admin)
        c("GET", f"/projects/{ident}.json", headers=a)                                              # 403: not yet a member
        x = c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": me, "role_ids": [3]}}, headers=admin)
        y = c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": you, "role_ids": [5]}}, headers=admin)
        c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": me, "role_ids": [4]}}, headers=admin)  # taken
        c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": cyid, "role_ids": []}}, headers=admin)
        c("GET", f"/memberships/{at(x, 'membership', 'id')}.json", headers=a)
        c("PUT", f"/memberships/{at(y, 'membership', 'id')}.json", {"membership": {"role_ids": [4, 5]}}, headers=a)
        c("GET", f"/memberships/{at(y, 'membership', 'id')}.json", headers=a)
        c("PUT", f"/memberships/{at(y, 'membership', 'id')}.json", {"membership": {"role_ids": [5]}}, headers=a)
        c("GET", f"/projects/{ident}/memberships.json", headers=a)
        for h in (a, b, cy):
            c("GET", f"/projects/{ident}.json", headers=h)
        c("GET", f"/projects/{p}.json", headers=a)
        c("GET", "/projects.json", headers=a)
        c("GET", "/projects.json", headers=cy)
        c("PUT", f"/projects/{ident}.json", {"project": {"description": f"now about the {R.choice(N)}"}}, headers=a)
        c("GET", f"/projects/{ident}.json", headers=a)
        c("PUT", f"/projects/{ident}.json", {"project": {"description": "not mine"}}, headers=b)    # 403
        c("PUT", f"/projects/{ident}.json", {"project": {"name": ""}}, headers=a)
        c("GET", f"/projects/none-{n}{R.randint(100, 999)}.json", headers=a)
        second = f"{R.choice(N)}-{n}{R.randint(10, 99)}-b"                                          # a second one of hers, left empty
        c("POST", "/projects.json", {"project": {"name": f"Second {R.choice(N)} {n}", "identifier": second, "description": f"beside the {R.choice(N)}", "is_public": False}}, headers=admin)
        c("POST", f"/projects/{second}/memberships.json", {"membership": {"user_id": me, "role_ids": [3]}}, headers=admin)
        c("GET", f"/projects/{second}/memberships.json", headers=a)
        c("GET", f"/projects/{second}.json", headers=a)
        c("GET", "/projects.json", headers=a)
        c("GET", f"/issues.json?project_id={second}", headers=a)
        vs = []
        for k in range(3):
            name = f"{n}.{k}.{R.randint(0, 9)}"
            x = c("POST", f"/projects/{ident}/versions.json", {"version": {"name": name, **({"due_date": f"2027-0{k + 1}-1{n}"} if k else {}), **({"description": f"the {R.choice(A)} one"} if k == 1 else {})}}, headers=a)
            v = at(x, "version", "id")
            vs.append(v)
            c("GET", f"/versions/{v}.json", headers=a)
            c("GET", f"/projects/{ident}/versions.json", headers=a)
            c("POST", f"/projects/{ident}/versions.json", {"version": [{"name": name}, {"name": ""}, {"name": f"q{n}", "status": "lost"}][k]}, headers=a)
            c("POST", f"/projects/{ident}/versions.json", {"version": [{"name": f"d{n}", "due_date": R.choice(DAYS)}, {"name": name}, {"description": "no name"}][k]}, headers=a)
            c("POST", f"/projects/{ident}/versions.json", {"version": {"name": f"r{n}{k}"}}, headers=b)     # 403
        c("PUT", f"/versions/{vs[2]}.json", {"version": {"status": R.choice(["locked", "closed"])}}, headers=a)
        c("GET", f"/versions/{vs[2]}.json", headers=a)
        c("DELETE", f"/versions/{vs[2]}.json", headers=a)
        c("GET", f"/versions/{vs[2]}.json", headers=a)
        c("GET", f"/projects/{ident}/versions.json", headers=a)
        x = c("POST", f"/projects/{ident}/issue_categories.json", {"issue_category": {"name": R.choice(N).title()}}, headers=a)
        g = at(x, "issue_category", "id")
        c("POST", f"/projects/{ident}/issue_categories.json", {"issue_category": {"name": at(x, "issue_category", "name")}}, headers=a)
        c("GET", f"/projects/{ident}/issue_categories.json", headers=a)
        ids = []
        for k in range(7):
            who = [a, a, b][k % 3]
            body = {"project_id": p if k % 2 else ident, "subject": f"{R.choice(A).title()} {R.choice(N)}"}
            if k % 2:
                body.update(tracker_id=R.randint(1, 3), priority_id=R.choice(prios), description=f"the {R.choice(N)} is {R.choice(A)}")
            if k in (1, 3, 4):
                body.update(assigned_to_id=R.choice([me, you]))
            if k in (3, 5):
                body.update(fixed_version_id=vs[k % 2], category_id=g, estimated_hours=R.choice([1.5, 2, 4.25, 6, 7.5, 12, 20.5]), due_date=f"2027-{R.randint(5, 9):02}-{R.randint(10, 28)}", start_date=f"2027-0{R.randint(1, 4)}-{R.randint(10, 28)}")
            x = c("POST", "/issues.json", {"issue": body}, headers=who)
            i = at(x, "issue", "id")
            ids.append(i)
            item = f"/issues/{i}.json"
            c("GET", item, headers=a)
            c("GET", f"/issues.json?project_id={ident}", headers=a)
            if k % 2:
                c("GET", item, headers=cy)                                                          # 403
                c("GET", item)
                c("GET", item, headers={"X-Redmine-API-Key": R.randbytes(20).hex()})
            pp = R.choice([p, ident])
            c("POST", "/issues.json", {"issue": [{"project_id": pp}, {"project_id": pp, "subject": ""}, {"subject": "no project"}, {"project_id": pp, "subject": "Odd ratio", "done_ratio": R.randint(101, 200)}, {"project_id": pp, "subject": "Odd dates", "start_date": f"2027-{R.randint(5, 9):02}-{R.randint(10, 28)}", "due_date": f"2027-0{R.randint(1, 4)}-{R.randint(10, 28)}"}, {"project_id": pp, "subject": "Odd hours", "estimated_hours": R.choice(HOURS)}, {"project_id": pp, "subject": "Odd day", "due_date": R.choice(DAYS)}][(n + k) % 7]}, headers=a)
            c("POST", "/issues.json", {"issue": [{"project_id": pp, "subject": ""}, {"project_id": pp, "subject": "x" * 256}, {"project_id": pp, "subject": "Bad ratio", "done_ratio": R.randint(201, 300)}, {"project_id": pp, "subject": "Bad hours", "estimated_hours": -R.randint(1, 9)}, {"project_id": 900 + k, "subject": "No such project"}][(n + k) % 5]}, headers=a)
            c("PUT", item, {"issue": [{"subject": f"{R.choice(A).title()} {R.choice(N)} again"}, {"priority_id": R.choice(prios), "done_ratio": R.choice([10, 30, 50])}, {"description": f"more on the {R.choice(N)}", "notes": f"seen {R.choice(A)}"}][k % 3]}, headers=a)
            c("GET", item, headers=a)
            c("GET", f"{item}?include=journals", headers=a)
            c("PUT", item, {"issue": [{"subject": ""}, {"done_ratio": R.randint(101, 300)}, {"due_date": R.choice(DAYS)}][k % 3]}, headers=a)
            c("PUT", item, {"issue": {"notes": f"a note: {R.choice(A)} {R.choice(N)}"}}, headers=[a, b][k % 2])
            c("GET", f"{item}?include=journals", headers=a)
            c("PUT", item, {"issue": {"subject": "not mine"}}, headers=cy)                          # 403
            if k in (0, 3, 5):
                c("PUT", item, {"issue": {"status_id": R.choice([2, 4])}}, headers=a)
                c("GET", item, headers=a)
                c("PUT", item, {"issue": {"status_id": R.choice([5, 6]), "notes": f"done {n}{k}"}}, headers=a)
                c("GET", item, headers=a)
                c("GET", f"/issues.json?project_id={ident}", headers=a)
                c("GET", f"/issues.json?project_id={ident}&status_id=closed", headers=a)
                if k == 3:
                    c("PUT", item, {"issue": {"status_id": 2}}, headers=a)
                    c("GET", item, headers=a)
            for t in range(2 - k % 2):
                x = c("POST", "/time_entries.json", {"time_entry": {"issue_id": i, "hours": R.choice([0.5, 1, 1.5, 2, 3.25]), "activity_id": R.choice(acts), "comments": f"on the {R.choice(N)}", "spent_on": f"2026-10-{R.randint(10, 28)}"}}, headers=a)
                e = at(x, "time_entry", "id")
                c("GET", f"/time_entries/{e}.json", headers=a)
                c("GET", item, headers=a)
            c("POST", "/time_entries.json", {"time_entry": [{"issue_id": i, "activity_id": acts[0]}, {"issue_id": i, "hours": R.choice(HOURS), "activity_id": acts[0]}, {"hours": 2, "activity_id": acts[0]}, {"issue_id": 9000 + k, "hours": 1, "activity_id": acts[0]}][(n + k) % 4]}, headers=a)
            if k % 3 == 0:
                c("PUT", f"/time_entries/{e}.json", {"time_entry": {"hours": R.choice([4, 5, 6.5])}}, headers=a)
                c("GET", f"/time_entries/{e}.json", headers=a)
                c("GET", item, headers=a)
                c("DELETE", f"/time_entries/{e}.json", headers=a)
                c("GET", f"/time_entries/{e}.json", headers=a)
                c("GET", item, headers=a)
            c("GET", f"/time_entries.json?issue_id={i}", headers=a)
            c("GET", f"/issues/{R.randint(5000, 9999)}.json", headers=a)
            c("PUT", f"/issues/{R.randint(5000, 9999)}.json", {"issue": {"subject": "nothing there"}}, headers=a)
        for s, t in ((0, 1), (2, 3)):
            x = c("POST", f"/issues/{ids[s]}/relations.json", {"relation": {"issue_to_id": ids[t], "relation_type": R.choice(["relates", "blocks"])}}, headers=a)
            c("POST", f"/issues/{ids[s]}/relations.json", {"relation": {"issue_to_id": ids[t], "relation_type": "relates"}}, headers=a)
            c("GET", f"/issues/{ids[s]}/relations.json", headers=a)
            c("GET", f"/issues/{ids[s]}.json?include=relations", headers=a)
            r = at(x, "relation", "id")
            c("GET", f"/relations/{r}.json", headers=a)
            c("DELETE", f"/relations/{r}.json", headers=a)
            c("GET", f"/relations/{r}.json", headers=a)
            c("GET", f"/issues/{ids[s]}/relations.json", headers=a)
        c("POST", f"/issues/{ids[1]}/watchers.json", {"user_id": you}, headers=a)
        c("GET", f"/issues/{ids[1]}.json?include=watchers", headers=a)
        c("DELETE", f"/issues/{ids[1]}/watchers/{you}.json", headers=a)
        c("GET", f"/issues/{ids[1]}.json?include=watchers", headers=a)
        for k in range(3):
            q = f"/issues.json?project_id={ident}"
            c("GET", f"{q}&tracker_id={R.randint(1, 3)}", headers=a)
            c("GET", f"{q}&status_id=*&sort={R.choice(['subject', 'subject:desc', 'id', 'updated_on:desc'])}", headers=a)
            c("GET", f"{q}&status_id=*&priority_id={R.choice(prios)}", headers=a)
            c("GET", f"{q}&assigned_to_id={['me', you, me][k]}", headers=a)
            c("GET", f"{q}&status_id=*&limit=3&offset={3 * k}&sort=id", headers=a)
            c("GET", f"{q}&status_id={['open', 'closed', '*'][k]}", headers=a)
            c("GET", f"{q}&status_id=*&subject=~{R.choice(A)}", headers=a)
            c("GET", f"{q}&status_id=*&subject=~{['again', 'nowhere', R.choice(N)][k]}", headers=a)
            c("GET", f"{q}&status_id=*&fixed_version_id={vs[k % 2]}", headers=a)
        c("GET", f"/issues.json?project_id={ident}&status_id=*&limit=5&offset=300", headers=a)
        c("GET", f"/issues.json?project_id=none-{n}", headers=a)
        for k in range(3):
            title = f"{R.choice(WORDS)}{n}{k}"
            page = f"/projects/{ident}/wiki/{title}.json"
            c("GET", page, headers=a)                                                               # 404
            c("PUT", page, {"wiki_page": {"text": f"h1. {title}\n\nThe {R.choice(N)}.", "comments": "first"}}, headers=a)
            c("GET", page, headers=a)
            c("PUT", page, {"wiki_page": {"text": f"h1. {title}\n\nThe {R.choice(A)} {R.choice(N)}.", "version": 1}}, headers=a)
            c("GET", page, headers=a)
            c("PUT", page, {"wiki_page": {"text": "too late", "version": 1}}, headers=a)            # 409
            c("PUT", page, {"wiki_page": {"text": ""}}, headers=a)
            c("GET", f"/projects/{ident}/wiki/index.json", headers=a)
            c("PUT", page, {"wiki_page": {"text": "not mine"}}, headers=b)                          # 403
            if k == 2:
                c("DELETE", page, headers=a)
                c("GET", page, headers=a)
                c("GET", f"/projects/{ident}/wiki/index.json", headers=a)
        for i in ids[:2]:
            c("DELETE", f"/issues/{i}.json", headers=b)                                             # 403
            c("DELETE", f"/issues/{i}.json", headers=a)
            c("GET", f"/issues/{i}.json", headers=a)
            c("DELETE", f"/issues/{i}.json", headers=a)
            c("GET", f"/issues.json?project_id={ident}&status_id=*", headers=a)
            c("GET", f"/time_entries.json?project_id={ident}", headers=a)
        c("GET", f"/time_entries.json?project_id={ident}&limit=3", headers=a)
        c("DELETE", f"/users/{you}.json", headers=a)                                                # 403
        c("DELETE", f"/users/{you}.json", headers=admin)
        c("GET", f"/users/{you}.json", headers=admin)
        c("GET", "/users/current.json", headers=b)                                                  # 401
        c("DELETE", f"/projects/{second}.json", headers=cy)                                         # 403
        c("DELETE", f"/projects/{second}.json", headers=admin)
        c("GET", f"/projects/{second}.json", headers=admin)
        c("GET", "/projects.json", headers=a)
        if n % 2:
            c("DELETE", f"/projects/{ident}.json", headers=cy)                                      # 403
            c("DELETE", f"/projects/{ident}.json", headers=admin)
            c("GET", f"/projects/{ident}.json", headers=admin)
            c("GET", f"/issues/{ids[3]}.json", headers=admin)
            c("GET", "/projects.json", headers=admin)


def exam(make, rec):
    R = random.Random(67)
    c = make("ana")
    says = lambda x, *messages: x.status == 422 and x.json == {"errors": list(messages)}  # noqa: E731
    bare = lambda x, status: x.status == status and not x.body.strip()  # noqa: E731
    issue = lambda x: x.json["issue"]  # noqa: E731
    admin, x = sign_in(c, "admin", "admin-secret-1")
    rec("login", "the administrator", lambda: x.status == 200 and x.json["user"]["login"] == "admin" and x.json["user"]["admin"] is True and len(x.json["user"]["api_key"]) == 40, x)
    acts = c("GET", "/enumerations/time_entry_activities.json", headers=admin)
    rec("known id", "activities", lambda: acts.status == 200 and len(acts.json["time_entry_activities"]) > 1 and all({"id", "name"} <= set(v) for v in acts.json["time_entry_activities"]), acts)
    prios = c("GET", "/enumerations/issue_priorities.json", headers=admin)
    rec("known id", "priorities", lambda: [v["name"] for v in prios.json["issue_priorities"]] == ["Low", "Normal", "High", "Urgent", "Immediate"], prios)
    acts = ids_of(at(acts, "time_entry_activities"), [8, 9])
    prios = ids_of(at(prios, "issue_priorities"), [1, 2, 3, 4, 5])
    a, ana, x, y = hire(c, admin, "ana.exam", "Ana", "Exam", "examination-1")
    rec("create", "user ana", lambda: x.status == 201 and x.json["user"]["login"] == "ana.exam" and x.json["user"]["firstname"] == "Ana" and x.json["user"]["mail"] == "ana.exam@mail.example" and isinstance(ana, int), x)
    rec("login", "ana signs in", lambda: y.status == 200 and y.json["user"]["id"] == ana and y.json["user"]["login"] == "ana.exam" and y.json["user"]["admin"] is False and len(y.json["user"]["api_key"]) == 40, y)
    b, ben, x, y2 = hire(c, admin, "ben.exam", "Ben", "Exam", "examination-2")
    rec("login", "ben signs in", lambda: y2.json["user"]["id"] == ben != ana and y2.json["user"]["lastname"] == "Exam" and y2.json["user"]["api_key"] != y.json["user"]["api_key"], y2)
    cy, cyid, _, _ = hire(c, admin, "cy.exam", "Cy", "Exam", "examination-3")
    for who, h, i in (("ana", a, ana), ("ben", b, ben)):
        x = c("GET", "/users/current.json", headers=h)
        rec("login", f"{who}'s key is {who}'s", lambda: x.status == 200 and x.json["user"]["id"] == i and x.json["user"]["firstname"] == who.title(), x)
    for n, h in (("wrong password", basic("ana.exam", "not-examined")), ("nobody", basic("ona.exam", "examination-1")), ("nothing", None)):
        x = c("GET", "/users/current.json", headers=h)
        rec("login", f"{n} is refused", lambda: bare(x, 401), x)
    x = c("GET", "/users/current.json", headers={"X-Redmine-API-Key": R.randbytes(20).hex()})
    rec("forged token", "current", lambda: bare(x, 401), x)
    user = {"login": "dy.exam", "firstname": "Dy", "lastname": "Exam", "mail": "dy.exam@mail.example", "password": "examination-4"}
    for n, body, message in (("short password", {**user, "password": "abc"}, "Password is too short (minimum is 8 characters)"), ("no last name", {**user, "lastname": ""}, "Last name cannot be blank"), ("odd mail", {**user, "mail": "exam odd"}, "Email is invalid")):
        x = c("POST", "/users.json", {"user": body}, headers=admin)
        rec("validation", f"user {n}", lambda: says(x, message), x)
    x = c("POST", "/users.json", {"user": {**user, "login": "ana.exam"}}, headers=admin)
    rec("conflict", "login taken", lambda: says(x, "Login has already been taken"), x)
    x = c("POST", "/users.json", {"user": {**user, "mail": "ben.exam@mail.example"}}, headers=admin)
    rec("conflict", "mail taken", lambda: says(x, "Email has already been taken"), x)
    x = c("POST", "/users.json", {"user": user}, headers=a)
    rec("role", "ana makes no users", lambda: bare(x, 403), x)
    x = c("GET", "/users.json", headers=admin)
    rec("in the list", "users", lambda: {ana, ben, cyid} <= {u["id"] for u in x.json["users"]} and x.json["total_count"] == len(x.json["users"]) and x.json["offset"] == 0 and x.json["limit"] == 25, x)
    x = c("GET", "/users.json", headers=a)
    rec("role", "ana lists no users", lambda: bare(x, 403), x)
    x = c("PUT", f"/users/{ana}.json", {"user": {"firstname": "Anna"}}, headers=admin)
    y, z = c("GET", f"/users/{ana}.json", headers=admin), c("GET", "/users/current.json", headers=a)
    rec("update", "her first name", lambda: bare(x, 204) and y.json["user"]["firstname"] == z.json["user"]["firstname"] == "Anna" and y.json["user"]["mail"] == "ana.exam@mail.example", (x, y, z))
    idents, ps = ["exam-one", "exam-two"], []
    for k, ident in enumerate(idents):
        body = {"name": f"Exam project {k}", "identifier": ident, "description": f"examined {k}", "is_public": False}
        x = c("POST", "/projects.json", {"project": body}, headers=admin)
        p = at(x, "project", "id")
        rec("create", f"project, {k}", lambda: x.status == 201 and all(x.json["project"][q] == v for q, v in body.items()) and isinstance(p, int) and p not in ps and x.json["project"]["status"] == 1, x)
        ps.append(p)
        x = c("GET", f"/projects/{ident}.json", headers=admin)
        y = c("GET", f"/projects/{p}.json", headers=admin)
        rec("read your write", f"project by name and id, {k}", lambda: x.status == 200 and x.json == y.json and x.json["project"]["id"] == p and x.json["project"]["name"] == body["name"], (x, y))
        x = c("GET", f"/projects/{ident}.json", headers=a)
        rec("role", f"no member yet, {k}", lambda: bare(x, 403), x)
        x = c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": ana, "role_ids": [3]}}, headers=admin)
        m = at(x, "membership", "id")
        rec("child", f"ana becomes manager, {k}", lambda: x.status == 201 and x.json["membership"]["user"] == {"id": ana, "name": "Anna Exam"} and x.json["membership"]["roles"] == [{"id": 3, "name": "Manager"}] and x.json["membership"]["project"]["id"] == p, x)
        y = c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": ben, "role_ids": [5]}}, headers=admin)
        x = c("GET", f"/projects/{ident}/memberships.json", headers=a)
        rec("child", f"two members, {k}", lambda: x.json["total_count"] == 2 and {q["user"]["id"] for q in x.json["memberships"]} == {ana, ben}, x)
        x = c("POST", f"/projects/{ident}/memberships.json", {"membership": {"user_id": ana, "role_ids": [4]}}, headers=admin)
        rec("conflict", f"a member already, {k}", lambda: says(x, "User has already been taken"), x)
        x = c("GET", f"/projects/{ident}.json", headers=a)
        rec("role", f"a member reads, {k}", lambda: x.status == 200 and x.json["project"]["identifier"] == ident, x)
        x = c("GET", f"/projects/{ident}.json", headers=cy)
        rec("role", f"cy does not, {k}", lambda: bare(x, 403), x)
        x = c("PUT", f"/projects/{ident}.json", {"project": {"description": f"described anew {k}"}}, headers=a)
        y = c("GET", f"/projects/{p}.json", headers=a)
        rec("update", f"project, {k}", lambda: bare(x, 204) and y.json["project"]["description"] == f"described anew {k}" and y.json["project"]["name"] == body["name"], (x, y))
        x = c("PUT", f"/projects/{ident}.json", {"project": {"description": "Ben's"}}, headers=b)
        rec("role", f"a reporter does not write, {k}", lambda: bare(x, 403), x)
    x = c("GET", "/projects.json", headers=a)
    rec("in the list", "her projects", lambda: {q["identifier"] for q in x.json["projects"]} == set(idents) and x.json["total_count"] == 2, x)
    x = c("GET", "/projects.json", headers=cy)
    rec("in the list", "cy has none", lambda: x.status == 200 and x.json["projects"] == [] and x.json["total_count"] == 0, x)
    for n, body, messages in (("taken", {"name": "Twice", "identifier": "exam-one"}, ["Identifier has already been taken"]), ("no name", {"name": "", "identifier": "exam-nine"}, ["Name cannot be blank"]), ("no identifier", {"name": "Exam none"}, ["Identifier cannot be blank"]), ("odd identifier", {"name": "Exam odd", "identifier": "Exam Odd"}, ["Identifier is invalid"])):
        x = c("POST", "/projects.json", {"project": body}, headers=admin)
        rec("conflict" if n == "taken" else "validation", f"project {n}", lambda: says(x, *messages), x)
    ident, p = idents[0], ps[0]
    # versions
    vs = []
    for k in range(2):
        body = {"name": f"9.{k}", **({"due_date": "2028-03-14", "description": "the exam's"} if k else {})}
        x = c("POST", f"/projects/{ident}/versions.json", {"version": body}, headers=a)
        v = at(x, "version", "id")
        vs.append(v)
        rec("child", f"version, {k}", lambda: x.status == 201 and x.json["version"]["name"] == body["name"] and x.json["version"]["status"] == "open" and x.json["version"]["due_date"] == body.get("due_date") and x.json["version"]["project"] == {"id": p, "name": "Exam project 0"}, x)
        y = c("GET", f"/versions/{v}.json", headers=a)
        rec("child", f"version read, {k}", lambda: y.status == 200 and y.json["version"]["name"] == body["name"] and y.json["version"]["id"] == v, y)
        x = c("POST", f"/projects/{ident}/versions.json", {"version": {"name": body["name"]}}, headers=a)
        rec("conflict", f"version name taken, {k}", lambda: says(x, "Name has already been taken"), x)
        x = c("POST", f"/projects/{ident}/versions.json", {"version": {"name": f"8.{k}"}}, headers=b)
        rec("role", f"a reporter makes no version, {k}", lambda: bare(x, 403), x)
    x = c("GET", f"/projects/{ident}/versions.json", headers=a)
    rec("child", "both versions", lambda: [q["id"] for q in x.json["versions"]] == vs and x.json["total_count"] == 2 or {q["id"] for q in x.json["versions"]} == set(vs) and x.json["total_count"] == 2, x)
    for n, body, message in (("no name", {"name": ""}, "Name cannot be blank"), ("odd status", {"name": "7.0", "status": "asleep"}, "Status is not included in the list"), ("odd day", {"name": "7.1", "due_date": "someday"}, "Due date is not a valid date")):
        x = c("POST", f"/projects/{ident}/versions.json", {"version": body}, headers=a)
        rec("validation", f"version {n}", lambda: says(x, message), x)
    # issues
    ids, sent = [], []
    for k in range(6):
        body = {"project_id": [ident, p][k % 2], "subject": f"{A[k].title()} {N[9 - k]} of the exam {k}", "tracker_id": 1 + k % 3, "priority_id": prios[(2 * k) % 5]}
        if k % 2:
            body.update(description=f"exam description {k}", assigned_to_id=[ana, ben][k // 2 % 2], fixed_version_id=vs[k % 2], estimated_hours=4.5 + k, start_date="2028-01-05", due_date="2028-02-06")
        x = c("POST", "/issues.json", {"issue": body}, headers=a)
        i = at(x, "issue", "id")
        rec("create", f"issue, {k}", lambda: x.status == 201 and issue(x)["subject"] == body["subject"] and issue(x)["project"] == {"id": p, "name": "Exam project 0"} and issue(x)["tracker"] == {"id": 1 + k % 3, "name": ["Bug", "Feature", "Support"][k % 3]} and issue(x)["status"]["name"] == "New" and issue(x)["author"] == {"id": ana, "name": "Anna Exam"} and issue(x)["done_ratio"] == 0 and isinstance(i, int) and i not in ids, x)
        if k % 2:
            rec("create", f"issue's members, {k}", lambda: issue(x)["assigned_to"] == [{"id": ana, "name": "Anna Exam"}, {"id": ben, "name": "Ben Exam"}][k // 2 % 2] and issue(x)["fixed_version"] == {"id": vs[1], "name": "9.1"} and issue(x)["estimated_hours"] == 4.5 + k and issue(x)["due_date"] == "2028-02-06" and issue(x)["priority"]["id"] == body["priority_id"], x)
        ids.append(i)
        sent.append(body)
        item = f"/issues/{i}.json"
        y = c("GET", item, headers=a)
        rec("read your write", f"issue, {k}", lambda: y.status == 200 and all(issue(y)[m] == v for m, v in issue(x).items()) and issue(y)["subject"] == body["subject"] and issue(y)["spent_hours"] == 0, (x, y))
        x = c("GET", f"/issues.json?project_id={ident}", headers=a)
        rec("in the list", f"newest first, {k}", lambda: [q["id"] for q in x.json["issues"]] == ids[::-1] and x.json["issues"][0]["subject"] == body["subject"], x)
        rec("counts", f"issues, {k}", lambda: (x.json["total_count"], x.json["offset"], x.json["limit"]) == (k + 1, 0, 25), x)
        x = c("GET", item, headers=cy)
        rec("role", f"not cy's to read, {k}", lambda: bare(x, 403), x)
        if k % 2:
            x = c("GET", item)
            rec("auth", f"no key, {k}", lambda: bare(x, 401), x)
            x = c("GET", item, headers={"X-Redmine-API-Key": R.randbytes(20).hex()})
            rec("forged token", f"forged key, {k}", lambda: bare(x, 401), x)
        change = [{"subject": f"Renamed subject {k}"}, {"done_ratio": 40, "priority_id": prios[4]}, {"description": f"described anew {k}", "notes": f"exam note {k}"}][k % 3]
        x = c("PUT", item, {"issue": change}, headers=a)
        rec("update", f"answers nothing, {k}", lambda: bare(x, 204), x)
        y = c("GET", item, headers=a)
        rec("update", f"kept, {k}", lambda: y.status == 200 and issue(y)["subject"] == change.get("subject", body["subject"]) and issue(y)["done_ratio"] == change.get("done_ratio", 0) and issue(y)["priority"]["id"] == change.get("priority_id", body["priority_id"]) and issue(y).get("description") == change.get("description", body.get("description")), y)
        x = c("GET", f"{item}?include=journals", headers=a)
        want = [None, ("done_ratio", "0", "40"), None][k % 3] or ("subject", body["subject"], f"Renamed subject {k}")
        if k % 3 == 2:
            rec("journal", f"the note, {k}", lambda: [(j["notes"], j["user"]["name"]) for j in issue(x)["journals"]] == [(f"exam note {k}", "Anna Exam")], x)
        else:
            rec("journal", f"the change, {k}", lambda: want in [(d["name"], d["old_value"], d["new_value"]) for d in issue(x)["journals"][0]["details"]] and issue(x)["journals"][0]["user"]["id"] == ana, x)
        sent[k].update({q: v for q, v in change.items() if q != "notes"})
        u = R.randint(20000, 29999)
        x = c("GET", f"/issues/{u}.json", headers=a)
        rec("unknown id", f"issue, {k}", lambda: bare(x, 404), x)
    x = c("PUT", f"/issues/{ids[2]}.json", {"issue": {"notes": "ben was here"}}, headers=b)
    y = c("GET", f"/issues/{ids[2]}.json?include=journals", headers=a)
    rec("journal", "ben's note comes after", lambda: bare(x, 204) and [(j["notes"], j["user"]["id"]) for j in issue(y)["journals"]] == [("exam note 2", ana), ("ben was here", ben)], (x, y))
    for n, body, message in (("no subject", {"project_id": p}, "Subject cannot be blank"), ("blank subject", {"project_id": p, "subject": ""}, "Subject cannot be blank"), ("ratio", {"project_id": p, "subject": "Query", "done_ratio": 170}, "% Done is not included in the list"), ("dates", {"project_id": p, "subject": "Query", "start_date": "2028-05-09", "due_date": "2028-04-09"}, "Due date must be greater than start date"),
                            ("hours", {"project_id": p, "subject": "Query", "estimated_hours": "plenty"}, "Estimated time is invalid"), ("day", {"project_id": p, "subject": "Query", "due_date": "someday"}, "Due date is not a valid date"), ("too long", {"project_id": p, "subject": "q" * 300}, "Subject is too long (maximum is 255 characters)")):
        x = c("POST", "/issues.json", {"issue": body}, headers=a)
        rec("validation", f"issue {n}", lambda: says(x, message), x)
    x = c("PUT", f"/issues/{ids[0]}.json", {"issue": {"subject": ""}}, headers=a)
    y = c("GET", f"/issues/{ids[0]}.json", headers=a)
    rec("validation", "put refused and not kept", lambda: says(x, "Subject cannot be blank") and issue(y)["subject"] == sent[0]["subject"], (x, y))
    x = c("PUT", f"/issues/{R.randint(20000, 29999)}.json", {"issue": {"subject": "Nothing"}}, headers=a)
    rec("unknown id", "put", lambda: bare(x, 404), x)
    x = c("PUT", f"/issues/{ids[0]}.json", {"issue": {"subject": "Cy's"}}, headers=cy)
    rec("role", "not cy's to write", lambda: bare(x, 403), x)
    # hours
    for k, i in enumerate(ids[:3]):
        es = []
        for t in range(2):
            body = {"issue_id": i, "hours": 1.25 + k + t, "activity_id": acts[t % len(acts)], "comments": f"exam hours {k}{t}", "spent_on": f"2026-11-0{t + 1}"}
            x = c("POST", "/time_entries.json", {"time_entry": body}, headers=a)
            es.append(at(x, "time_entry", "id"))
            rec("child", f"hours {t}, {k}", lambda: x.status == 201 and x.json["time_entry"]["hours"] == body["hours"] and x.json["time_entry"]["issue"] == {"id": i} and x.json["time_entry"]["project"]["id"] == p and x.json["time_entry"]["user"] == {"id": ana, "name": "Anna Exam"} and x.json["time_entry"]["spent_on"] == body["spent_on"], x)
        x = c("GET", f"/issues/{i}.json", headers=a)
        rec("counts", f"hours in the issue, {k}", lambda: issue(x)["spent_hours"] == 3.5 + 2 * k, x)
        x = c("GET", f"/time_entries.json?issue_id={i}", headers=a)
        rec("in the list", f"hours, {k}", lambda: {q["id"] for q in x.json["time_entries"]} == set(es) and x.json["total_count"] == 2, x)
        x = c("PUT", f"/time_entries/{es[0]}.json", {"time_entry": {"hours": 8}}, headers=a)
        y, z = c("GET", f"/time_entries/{es[0]}.json", headers=a), c("GET", f"/issues/{i}.json", headers=a)
        rec("update", f"hours, {k}", lambda: bare(x, 204) and y.json["time_entry"]["hours"] == 8 and y.json["time_entry"]["comments"] == f"exam hours {k}0", (x, y))
        rec("counts", f"hours anew, {k}", lambda: issue(z)["spent_hours"] == 10.25 + k, z)
        x = c("DELETE", f"/time_entries/{es[1]}.json", headers=a)
        y, z = c("GET", f"/time_entries/{es[1]}.json", headers=a), c("GET", f"/issues/{i}.json", headers=a)
        rec("delete", f"hours, {k}", lambda: bare(x, 204) and bare(y, 404), (x, y))
        rec("counts", f"hours left, {k}", lambda: issue(z)["spent_hours"] == 8, z)
    for n, body, messages in (("no hours", {"issue_id": ids[0], "activity_id": acts[0]}, ["Hours cannot be blank"]), ("hours in words", {"issue_id": ids[0], "hours": "plenty", "activity_id": acts[0]}, ["Hours is invalid"])):
        x = c("POST", "/time_entries.json", {"time_entry": body}, headers=a)
        rec("validation", f"hours {n}", lambda: says(x, *messages), x)
    # states
    for k in (1, 4):
        item = f"/issues/{ids[k]}.json"
        x = c("PUT", item, {"issue": {"status_id": 2}}, headers=a)
        y = c("GET", item, headers=a)
        rec("state", f"in progress, {k}", lambda: bare(x, 204) and issue(y)["status"] == {"id": 2, "name": "In Progress", "is_closed": False} and issue(y)["closed_on"] is None, (x, y))
        x = c("PUT", item, {"issue": {"status_id": 5, "notes": f"closed by exam {k}"}}, headers=a)
        y = c("GET", item, headers=a)
        rec("state", f"closed, {k}", lambda: bare(x, 204) and issue(y)["status"] == {"id": 5, "name": "Closed", "is_closed": True} and issue(y)["closed_on"], (x, y))
        x = c("GET", f"/issues.json?project_id={ident}", headers=a)
        rec("state", f"out of the open list, {k}", lambda: ids[k] not in [q["id"] for q in x.json["issues"]] and ids[0] in [q["id"] for q in x.json["issues"]] and x.json["total_count"] == (5 if k == 1 else 4), x)
    x = c("GET", f"/issues.json?project_id={ident}&status_id=closed", headers=a)
    rec("filter", "closed", lambda: [q["id"] for q in x.json["issues"]] == [ids[4], ids[1]] and x.json["total_count"] == 2, x)
    x = c("PUT", f"/issues/{ids[4]}.json", {"issue": {"status_id": 4}}, headers=a)
    y = c("GET", f"/issues/{ids[4]}.json", headers=a)
    z = c("GET", f"/issues.json?project_id={ident}&status_id=open", headers=a)
    rec("state", "reopened", lambda: issue(y)["status"]["name"] == "Feedback" and ids[4] in [q["id"] for q in z.json["issues"]] and z.json["total_count"] == 5, (x, y, z))
    # lists
    q = f"/issues.json?project_id={ident}&status_id=*"
    for k in range(3):
        x = c("GET", f"{q}&tracker_id={k + 1}", headers=a)
        rec("filter", f"tracker, {k}", lambda: [v["id"] for v in x.json["issues"]] == [ids[k + 3], ids[k]] and x.json["total_count"] == 2, x)
    x = c("GET", f"{q}&assigned_to_id=me", headers=a)
    rec("filter", "mine", lambda: [v["id"] for v in x.json["issues"]] == [ids[5], ids[1]], x)
    x = c("GET", f"{q}&assigned_to_id={ben}", headers=a)
    rec("filter", "ben's", lambda: [v["id"] for v in x.json["issues"]] == [ids[3]], x)
    x = c("GET", f"{q}&fixed_version_id={vs[1]}", headers=a)
    rec("filter", "version", lambda: [v["id"] for v in x.json["issues"]] == [ids[5], ids[3], ids[1]], x)
    x = c("GET", f"{q}&priority_id={prios[4]}", headers=a)
    rec("filter", "priority", lambda: {v["id"] for v in x.json["issues"]} == {i for i, s in zip(ids, sent) if s["priority_id"] == prios[4]} and x.json["total_count"] == len(x.json["issues"]), x)
    x = c("GET", f"{q}&subject=~renamed", headers=a)
    rec("search", "renamed", lambda: [v["id"] for v in x.json["issues"]] == [ids[3], ids[0]], x)
    x = c("GET", f"{q}&subject=~zeppelin", headers=a)
    rec("search", "none", lambda: x.status == 200 and x.json["issues"] == [] and x.json["total_count"] == 0, x)
    for down in ("", ":desc"):
        x = c("GET", f"{q}&sort=subject{down}", headers=a)
        rec("sort", f"subject{down}", lambda: [v["subject"] for v in x.json["issues"]] == sorted((s["subject"] for s in sent), reverse=bool(down)), x)
    x = c("GET", f"{q}&sort=id", headers=a)
    rec("sort", "id", lambda: [v["id"] for v in x.json["issues"]] == ids, x)
    seen = []
    for page in range(5):
        x = c("GET", f"{q}&sort=id&limit=4&offset={4 * page}", headers=a)
        rows = at(x, "issues", other=[])
        if not rows or not isinstance(rows, list):
            break
        seen += [v.get("id") for v in rows if isinstance(v, dict)]
    rec("pages", "a walk by four", lambda: seen == ids and x.json["total_count"] == 6 and x.json["offset"] == 8 and x.json["limit"] == 4, (seen, x))
    x = c("GET", f"{q}&limit=5&offset=700", headers=a)
    rec("pages", "behind the last", lambda: x.status == 200 and x.json["issues"] == [] and x.json["total_count"] == 6 and x.json["offset"] == 700, x)
    x = c("GET", "/issues.json?project_id=exam-none", headers=a)
    rec("unknown id", "project in the query", lambda: bare(x, 404), x)
    x = c("GET", "/projects/exam-none.json", headers=a)
    rec("unknown id", "project", lambda: bare(x, 404), x)
    x = c("GET", f"/issues.json?project_id={idents[1]}", headers=a)
    rec("in the list", "the other project has none", lambda: x.status == 200 and x.json["issues"] == [] and x.json["total_count"] == 0, x)
    # relations
    x = c("POST", f"/issues/{ids[0]}/relations.json", {"relation": {"issue_to_id": ids[3], "relation_type": "blocks"}}, headers=a)
    r = at(x, "relation", "id")
    rec("child", "relation", lambda: x.status == 201 and x.json["relation"]["issue_id"] == ids[0] and x.json["relation"]["issue_to_id"] == ids[3] and x.json["relation"]["relation_type"] == "blocks", x)
    y = c("GET", f"/issues/{ids[0]}.json?include=relations", headers=a)
    rec("child", "relation in its issue", lambda: [v["id"] for v in issue(y)["relations"]] == [r] and issue(y)["relations"][0]["issue_to_id"] == ids[3], y)
    x = c("POST", f"/issues/{ids[0]}/relations.json", {"relation": {"issue_to_id": ids[3], "relation_type": "relates"}}, headers=a)
    rec("conflict", "related already", lambda: says(x, "Related issue has already been taken"), x)
    x = c("DELETE", f"/relations/{r}.json", headers=a)
    y, z = c("GET", f"/relations/{r}.json", headers=a), c("GET", f"/issues/{ids[0]}/relations.json", headers=a)
    rec("delete", "relation", lambda: bare(x, 204) and bare(y, 404) and z.json == {"relations": []}, (x, y, z))
    x = c("POST", f"/issues/{ids[2]}/watchers.json", {"user_id": ben}, headers=a)
    y = c("GET", f"/issues/{ids[2]}.json?include=watchers", headers=a)
    rec("child", "watcher", lambda: bare(x, 204) and {"id": ben, "name": "Ben Exam"} in issue(y)["watchers"], (x, y))
    # wiki
    for k in range(2):
        page = f"/projects/{ident}/wiki/Exam{k}.json"
        x = c("GET", page, headers=a)
        rec("unknown id", f"wiki page, {k}", lambda: bare(x, 404), x)
        x = c("PUT", page, {"wiki_page": {"text": f"h1. Exam {k}", "comments": "exam first"}}, headers=a)
        rec("upsert", f"made by its address, {k}", lambda: x.status == 201 and x.json["wiki_page"]["title"] == f"Exam{k}" and x.json["wiki_page"]["version"] == 1 and x.json["wiki_page"]["text"] == f"h1. Exam {k}" and x.json["wiki_page"]["author"] == {"id": ana, "name": "Anna Exam"}, x)
        x = c("PUT", page, {"wiki_page": {"text": f"h1. Exam {k} anew", "version": 1}}, headers=a)
        y = c("GET", page, headers=a)
        rec("upsert", f"changed, {k}", lambda: bare(x, 204) and y.json["wiki_page"]["text"] == f"h1. Exam {k} anew" and y.json["wiki_page"]["version"] == 2, (x, y))
        x = c("PUT", page, {"wiki_page": {"text": "too late", "version": 1}}, headers=a)
        y = c("GET", page, headers=a)
        rec("conditional", f"a stale version, {k}", lambda: bare(x, 409) and y.json["wiki_page"]["text"] == f"h1. Exam {k} anew" and y.json["wiki_page"]["version"] == 2, (x, y))
        x = c("PUT", page, {"wiki_page": {"text": f"h1. Exam {k} again", "version": 2}}, headers=a)
        y = c("GET", page, headers=a)
        rec("conditional", f"the current version, {k}", lambda: bare(x, 204) and y.json["wiki_page"]["version"] == 3 and y.json["wiki_page"]["text"] == f"h1. Exam {k} again", (x, y))
        x = c("PUT", page, {"wiki_page": {"text": "Ben's"}}, headers=b)
        rec("role", f"a reporter does not edit, {k}", lambda: bare(x, 403), x)
    x = c("GET", f"/projects/{ident}/wiki/index.json", headers=a)
    rec("in the list", "wiki pages", lambda: {(v["title"], v["version"]) for v in x.json["wiki_pages"]} == {("Exam0", 3), ("Exam1", 3)}, x)
    x = c("DELETE", f"/projects/{ident}/wiki/Exam0.json", headers=a)
    y, z = c("GET", f"/projects/{ident}/wiki/Exam0.json", headers=a), c("GET", f"/projects/{ident}/wiki/index.json", headers=a)
    rec("delete", "wiki page", lambda: bare(x, 204) and bare(y, 404) and [v["title"] for v in z.json["wiki_pages"]] == ["Exam1"], (x, y, z))
    # deletes
    for k, i in enumerate((ids[0], ids[5])):
        x = c("DELETE", f"/issues/{i}.json", headers=b)
        rec("role", f"a reporter does not delete, {k}", lambda: bare(x, 403), x)
        x = c("DELETE", f"/issues/{i}.json", headers=a)
        rec("delete", f"issue, {k}", lambda: bare(x, 204), x)
        x = c("GET", f"/issues/{i}.json", headers=a)
        rec("delete", f"issue gone, {k}", lambda: bare(x, 404), x)
        x = c("DELETE", f"/issues/{i}.json", headers=a)
        rec("delete", f"issue not twice, {k}", lambda: bare(x, 404), x)
        x = c("GET", q, headers=a)
        rec("delete", f"issue out of the list, {k}", lambda: i not in [v["id"] for v in x.json["issues"]] and ids[2] in [v["id"] for v in x.json["issues"]] and x.json["total_count"] == 5 - k, x)
    x = c("DELETE", f"/users/{ben}.json", headers=admin)
    y, z = c("GET", f"/users/{ben}.json", headers=admin), c("GET", "/users/current.json", headers=b)
    rec("delete", "ben", lambda: bare(x, 204) and bare(y, 404) and bare(z, 401), (x, y, z))
    x = c("DELETE", f"/projects/{idents[1]}.json", headers=cy)
    rec("role", "a stranger deletes no project", lambda: bare(x, 403), x)
    x = c("DELETE", f"/projects/{idents[1]}.json", headers=admin)
    y, z = c("GET", f"/projects/{idents[1]}.json", headers=admin), c("GET", "/projects.json", headers=a)
    rec("delete", "project", lambda: bare(x, 204) and bare(y, 404) and [v["identifier"] for v in z.json["projects"]] == idents[:1], (x, y, z))


PARTNERS = {
    ("login", "the"): [("login", "wrong")], ("login", "ana"): [("login", "ana"), ("login", "wrong")], ("login", "ben"): [("login", "ben"), ("login", "wrong")], "login": [("login", "ana signs")], "forged token": [("login", "ana's"), ("read your write", "issue")], "auth": [("read your write", "issue")],
    ("create", "user"): [("login", "ana signs")], ("create", "issue's"): [("create", "issue, ")], "create": [("role", "a member reads")], "read your write": [("create", "")], ("validation", "user"): [("create", "user")], ("validation", "project"): [("create", "project")], ("validation", "version"): [("child", "version,")],
    ("validation", "hours"): [("child", "hours")], "validation": [("create", "issue, ")], ("conflict", "login"): [("create", "user")], ("conflict", "mail"): [("create", "user")], ("conflict", "project"): [("create", "project")], ("conflict", "version"): [("child", "version,")], ("conflict", "related"): [("child", "relation")], "conflict": [("child", "ana")],
    ("in the list", "users"): [("create", "user")], ("in the list", "her"): [("create", "project")], ("in the list", "cy"): [("in the list", "her")], ("in the list", "newest"): [("create", "issue, ")], ("in the list", "hours"): [("child", "hours")], ("in the list", "wiki"): [("upsert", "")], "in the list": [("in the list", "newest")],
    ("counts", "issues"): [("create", "issue, ")], "counts": [("child", "hours")], ("known id", ""): [("login", "the")], ("unknown id", "issue"): [("read your write", "issue")], ("unknown id", "put"): [("update", "kept")], ("unknown id", "wiki"): [("upsert", "made")], "unknown id": [("read your write", "project"), ("in the list", "newest")],
    ("role", "no member"): [("role", "a member reads")], ("role", "cy"): [("role", "a member reads")], ("role", "not cy's to read"): [("read your write", "issue")], ("role", "not cy's to write"): [("update", "kept")], ("role", "a reporter makes"): [("child", "version,")], ("role", "a reporter does not write"): [("update", "project")],
    ("role", "a reporter does not edit"): [("upsert", "changed")], ("role", "a reporter does not delete"): [("delete", "issue,")], ("role", "a stranger"): [("delete", "project")], ("role", "ana makes"): [("create", "user")], ("role", "ana lists"): [("in the list", "users")], "role": [("role", "cy"), ("role", "no member")],
    ("update", "her"): [("login", "ana's")], ("update", "project"): [("read your write", "project")], ("update", "hours"): [("child", "hours 0")], "update": [("update", "kept"), ("read your write", "issue")], "journal": [("update", "kept")], "child": [("role", "a member reads")], "state": [("read your write", "issue"), ("state", "closed")],
    "filter": [("in the list", "newest")], "search": [("search", "")], "sort": [("create", "issue, ")], "pages": [("create", "issue, ")], "upsert": [("unknown id", "wiki")], "conditional": [("conditional", "")], ("delete", "hours"): [("child", "hours 1")], ("delete", "issue"): [("delete", "issue gone"), ("in the list", "newest")],
    ("delete", "relation"): [("child", "relation in")], ("delete", "wiki"): [("upsert", "changed")], ("delete", "ben"): [("login", "ben's")], ("delete", "project"): [("in the list", "her")],
}

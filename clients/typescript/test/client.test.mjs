// The client against the binary itself.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { AdminError, StuntDouble, createAdmin } from "../dist/index.js";
import { startDouble } from "../scripts/double.mjs";
import { generated } from "../scripts/generate.mjs";

let running;
let double;

before(async () => {
  running = await startDouble(["--admin-token", "open-sesame"]);
  double = new StuntDouble({ url: running.url, token: "open-sesame" });
});

after(() => running?.stop());

test("endpoints that were learned are listed and described", async () => {
  const found = await double.endpoints("GET /users/{id}");
  assert.equal(found[0].path, "/users/{id}");
  const { data } = await double.admin.GET("/endpoints/{id}/sample", {
    params: { path: { id: found[0].id }, query: { status: 200, path: "/users/7" } },
  });
  assert.equal(data.status, 200);
  assert.equal(typeof data.body.email, "string");
});

test("modes are set and answers verified", async () => {
  await double.setMode("mock");
  const answer = await fetch(`${running.url}/users/7`, { headers: { "x-mock-session": "ts" } });
  assert.equal(answer.headers.get("x-mock-source"), "mock");
  assert.equal(await double.verify({ match: { session: "ts" }, exactly: 1 }), 1);
  await double.setMode("proxy");
});

test("what the admin refuses is an error with its status and its words", async () => {
  const wanted = { match: { session: "nobody" }, exactly: 3 };
  await assert.rejects(double.verify(wanted), (error) => {
    assert.ok(error instanceof AdminError);
    assert.equal(error.status, 417);
    assert.match(error.message, /exactly 3/);
    return true;
  });
  const stranger = new StuntDouble({ url: running.url });
  await assert.rejects(stranger.flush(), { status: 401 });
  const { error, response } = await createAdmin({ url: running.url }).GET("/version");
  assert.equal(response.status, 401);
  assert.ok(error);
});

test("the types are those of this binary", async () => {
  const known = await readFile(new URL("../src/schema.ts", import.meta.url), "utf8");
  const open = await startDouble();
  try {
    const answer = await fetch(`${open.url}/admin/openapi.json`);
    assert.equal(await generated(await answer.json()), known, "run `npm run generate`");
  } finally {
    await open.stop();
  }
});

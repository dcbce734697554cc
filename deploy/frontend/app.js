// A front end that knows nothing of the double but one request header and four response headers.

const API = "/api";
const PER_PAGE = 10;
// Rows of the table of calls: the last few journeys.
const CALLS_MAX = 14;

const element = (id) => document.getElementById(id);
const state = { page: 1, pages: 1, chosen: null, generation: 0 };

element("mock").checked = localStorage.getItem("mock") === "on";
element("mock").addEventListener("change", () => {
  localStorage.setItem("mock", element("mock").checked ? "on" : "off");
  showList();
  if (state.chosen) showDetail(state.chosen);
});
element("previous").addEventListener("click", () => turn(-1));
element("next").addEventListener("click", () => turn(1));
showList();

// Asks the backend through the double and notes who answered.
async function ask(path) {
  const begun = performance.now();
  const headers = { "X-Mock-Enabled": String(element("mock").checked) };
  let response;
  let body;
  try {
    response = await fetch(API + path, { headers, cache: "no-store" });
    body = await response.blob();
  } catch (error) {
    note(path, "no answer", null, performance.now() - begun);
    throw new Error("The double does not answer.", { cause: error });
  }
  note(path, response.status, response.headers, performance.now() - begun);
  if (!response.ok) {
    const problem = await json(body);
    throw new Error(problem?.detail ?? problem?.title ?? `The answer was ${response.status}.`);
  }
  return body;
}

async function json(blob) {
  try {
    return JSON.parse(await blob.text());
  } catch {
    return null;
  }
}

function note(path, status, headers, took) {
  const source = headers?.get("X-Mock-Source") ?? "";
  const row = build("tr", {}, [
    build("td", {}, `GET ${path}`),
    build("td", { className: Number(status) < 400 ? "" : "wrong" }, String(status)),
    build("td", { className: source }, headers?.get("X-Mock-Error") ?? source),
    build("td", {}, headers?.get("X-Mock-Endpoint") ?? ""),
    build("td", { className: "number" }, `${took.toFixed(0)} ms`),
  ]);
  element("calls").prepend(row);
  while (element("calls").rows.length > CALLS_MAX) element("calls").lastChild.remove();
}

function turn(by) {
  state.page = Math.min(Math.max(state.page + by, 1), state.pages);
  showList();
}

async function showList() {
  const list = element("list");
  const generation = ++state.generation;
  list.setAttribute("aria-busy", "true");
  let items;
  try {
    const products = await json(await ask(`/products?page=${state.page}&per_page=${PER_PAGE}`));
    if (generation !== state.generation) return; // a newer list is on its way
    const total = Number(products?.total) || 0;
    state.pages = Math.max(1, Math.ceil(total / PER_PAGE));
    items = (products?.items ?? []).map(listItem);
  } catch (error) {
    items = [build("li", { className: "wrong" }, error.message)];
  }
  list.replaceChildren(...items);
  list.setAttribute("aria-busy", "false");
  element("page").textContent = `${state.page} of ${state.pages}`;
  element("previous").disabled = state.page <= 1;
  element("next").disabled = state.page >= state.pages;
}

function listItem(product) {
  const button = build("button", { type: "button" }, [
    build("span", {}, text(product.name)),
    build("span", { className: "number" }, price(product)),
  ]);
  button.addEventListener("click", () => {
    for (const other of element("list").querySelectorAll("[aria-current]")) {
      other.removeAttribute("aria-current");
    }
    button.setAttribute("aria-current", "true");
    showDetail(product.id);
  });
  return build("li", {}, [button]);
}

async function showDetail(id) {
  state.chosen = id;
  const path = `/products/${encodeURIComponent(id)}`;
  // A part that fails is told in its place; the others are shown.
  const part = (ending, read) => ask(path + ending).then(read, (error) => error);
  const [product, stock, alike, image] = await Promise.all([
    part("", json),
    part("/stock", json),
    part("/recommendations", json),
    part("/image", (blob) => blob),
  ]);
  if (state.chosen !== id) return; // another product was chosen meanwhile
  element("detail").replaceChildren(
    product instanceof Error ? failure(product) : facts(product, stock, alike),
    image instanceof Error ? failure(image) : thumbnail(image, text(product?.name)),
  );
}

function facts(product, stock, alike) {
  const rows = [
    ["Name", text(product?.name)],
    ["SKU", text(product?.sku)],
    ["Category", text(product?.category)],
    ["Price", price(product)],
    ["Tags", [].concat(product?.tags ?? []).join(", ") || "none"],
    ["Rating", text(product?.rating ?? "none yet")],
    ["In stock", stock instanceof Error ? failure(stock) : text(stock?.available)],
    [
      "See also",
      alike instanceof Error
        ? failure(alike)
        : (alike?.items ?? []).map((item) => text(item.name)).join(", ") || "nothing",
    ],
  ];
  const cells = rows.flatMap(([name, value]) => [build("dt", {}, name), build("dd", {}, value)]);
  return build("dl", {}, cells);
}

function thumbnail(blob, name) {
  const image = build("img", { className: "thumbnail", alt: `Picture of ${name}` }, []);
  const url = URL.createObjectURL(blob);
  image.addEventListener("load", () => URL.revokeObjectURL(url));
  image.addEventListener("error", () => {
    URL.revokeObjectURL(url);
    image.replaceWith(build("p", { className: "hint" }, `${blob.size} bytes, not a picture`));
  });
  image.src = url;
  return image;
}

function failure(error) {
  return build("span", { className: "wrong" }, error.message);
}

function price(product) {
  return product?.price === undefined ? "" : `${product.price} ${product.currency ?? ""}`.trim();
}

function text(value) {
  return value === undefined || value === null ? "" : String(value);
}

function build(tag, properties, content) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...[].concat(content));
  return made;
}

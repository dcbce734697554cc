// Starts Swagger UI over the description of the admin API; asks for the admin token when it needs
// one and carries it from then on. The token lives as long as the tab.
"use strict";

const KEY = "stunt-double-admin-token";

async function load(token) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  return fetch("../openapi.json", { headers });
}

async function start() {
  let token = sessionStorage.getItem(KEY) ?? "";
  let response = await load(token);
  while (response.status === 401) {
    token = window.prompt("Admin token") ?? "";
    if (!token) {
      document.getElementById("swagger-ui").textContent =
        "The description needs the admin token. Reload the page to enter it.";
      return;
    }
    response = await load(token);
  }
  if (token) {
    sessionStorage.setItem(KEY, token);
  }
  document.title = "stunt-double admin";
  const ui = SwaggerUIBundle({
    spec: await response.json(),
    dom_id: "#swagger-ui",
    deepLinking: true,
    tryItOutEnabled: true,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    onComplete: () => token && ui.preauthorizeApiKey("token", token),
  });
  window.ui = ui;
}

window.addEventListener("load", start);

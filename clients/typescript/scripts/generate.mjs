// Types from the OpenAPI document that the binary gives of its own admin.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { startDouble } from "./double.mjs";

/** The text of `src/schema.ts` for the admin of this double. */
export async function generated(url) {
  const answer = await fetch(`${url}/admin/openapi.json`);
  const document = await answer.json();
  const banner = "// Made by `npm run generate` from the admin's OpenAPI document. Not edited by hand.\n\n";
  return banner + astToString(await openapiTS(document));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const double = await startDouble();
  try {
    await writeFile(new URL("../src/schema.ts", import.meta.url), await generated(double.url));
  } finally {
    await double.stop();
  }
}

// Types from the OpenAPI document of the admin, which the console keeps and a test of the binary
// holds against it.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

/** The text of `src/schema.ts` for an OpenAPI document. */
export async function generated(document) {
  const banner = "// Made by `npm run generate` from the admin's OpenAPI document. Not edited by hand.\n\n";
  return banner + astToString(await openapiTS(document));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kept = new URL("../../../console/openapi.json", import.meta.url);
  const document = JSON.parse(await readFile(kept, "utf8"));
  await writeFile(new URL("../src/schema.ts", import.meta.url), await generated(document));
}

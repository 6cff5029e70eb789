// Writes the protocol's own JSON Schemas, one file a version, as the conformance suite carries them:
//   node schemas.mjs PATH/TO/conformance/dist/index.js FOLDER
// They are object literals in one long file, of which a table by version names the variables.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [suite, folder] = process.argv.slice(2);
const text = readFileSync(suite, "utf8");
const table = /const \w+=(\{"2025-03-26":(\w+),"2025-06-18":\w+,"2025-11-25":\w+,\[\w+\]:\w+\})/.exec(text);
if (!table) throw new Error("the suite has no table of schemas where it used to be");
const [, versions, oldest] = table;
const begin = text.indexOf(`${oldest}={$schema:`);
const end = text.lastIndexOf(";", table.index);
if (begin < 0 || begin > end) throw new Error("the suite has no schemas where they used to be");
const schemas = new Function(`const ${text.slice(begin, end)}; return ${versions.replace(/\[\w+\]:/, '"2026-07-28":')};`)();
for (const [version, schema] of Object.entries(schemas)) {
  writeFileSync(join(folder, `${version}.json`), JSON.stringify(schema));
}

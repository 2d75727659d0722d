/** `npm run matrix [-- --check]`: writes the capability matrix into adapters/README.md, or says whether it has drifted. */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readme, renderReadme } from "./matrix-table.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
const text = await renderReadme();
const drifted = readFileSync(readme, "utf8") !== text;
if (drifted && values.check !== true) writeFileSync(readme, text);
if (drifted && values.check === true) {
  process.stderr.write(
    "adapters/README.md is not what the manifests say: run `npm run matrix` and commit the result\n",
  );
  process.exitCode = 1;
} else process.stdout.write(drifted ? "wrote adapters/README.md\n" : "adapters/README.md is what the manifests say\n");

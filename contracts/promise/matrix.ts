/** `npm run matrix [-- --check]`: writes the tables of adapters/README.md and of each adapter's, or says which have drifted. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { adaptersDir, projectDir, readAdapters } from "./adapters.ts";
import { renderRecorded } from "./matrix-recorded.ts";
import { readme, renderReadme } from "./matrix-table.ts";

const { values } = parseArgs({ options: { check: { type: "boolean" } } });
const files = [
  { file: readme, text: await renderReadme() },
  ...(await Promise.all(
    (await readAdapters()).map(async ({ name }) => ({
      file: join(adaptersDir, name, "README.md"),
      text: await renderRecorded(name),
    })),
  )),
];
for (const { file, text } of files) {
  if (readFileSync(file, "utf8") === text) continue;
  const name = file.slice(projectDir.length + 1);
  if (values.check === true) {
    process.stderr.write(
      `${name} is not what the manifests and fixtures say: run \`npm run matrix\`, commit the result\n`,
    );
    process.exitCode = 1;
  } else {
    writeFileSync(file, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}
if (process.exitCode === undefined) process.stdout.write("the tables are what the manifests and fixtures say\n");

/** A folder of adapters for the wrong ones, where a gateway finds them as it finds any other. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Wrong } from "./index.ts";

const all = fileURLToPath(new URL("./index.ts", import.meta.url));

/** Writes one folder each; `remove` takes all away. */
export async function wrongFolders(cases: readonly Wrong[]): Promise<{ adaptersDir: string; remove(): Promise<void> }> {
  const adaptersDir = await mkdtemp(join(tmpdir(), "qiao-wrong-"));
  for (const { name } of cases) {
    const folder = join(adaptersDir, name);
    await mkdir(folder);
    const find = `[right, ...wrongs].find(({ name }) => name === ${JSON.stringify(name)})`;
    const file = (member: string): string =>
      `import { right, wrongs } from ${JSON.stringify(all)};\nexport default ${find}.${member};\n`;
    await writeFile(join(folder, "index.ts"), file("adapter"));
    await writeFile(join(folder, "mock.ts"), file("mock"));
    await writeFile(join(folder, "README.md"), `# ${name}\n`);
  }
  return { adaptersDir, remove: () => rm(adaptersDir, { recursive: true, force: true }) };
}

/** Some of the project's adapters in a folder of their own, to be changed. */
import { cp, mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const project = fileURLToPath(new URL("../../../", import.meta.url));

export async function copyAdapters(names: readonly string[]): Promise<{ root: string; adaptersDir: string }> {
  const root = await mkdtemp(join(tmpdir(), "qiao-copy-"));
  const adaptersDir = join(root, "adapters");
  await cp(join(project, "package.json"), join(root, "package.json"));
  const linked = ["gateway", "mocks", "specs", "node_modules"];
  await Promise.all([
    ...linked.map((each) => symlink(join(project, each), join(root, each))),
    ...names.map((name) => cp(join(project, "adapters", name), join(adaptersDir, name), { recursive: true })),
  ]);
  return { root, adaptersDir };
}

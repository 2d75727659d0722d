/** The project with an empty `adapters/` of its own: every tool runs in it as it does in the real one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileCache } from "../compile-cache.ts";

const project = fileURLToPath(new URL("../../../", import.meta.url));
const linked = ["gateway", "specs", "mocks", "node_modules"];
const copied = ["package.json", "vitest.config.ts", ".oxlintrc.json", ".oxfmtrc.json"];

export interface Ended {
  code: number | null;
  text: string;
}

export interface TestProject {
  root: string;
  adaptersDir: string;
  /** Runs one of the project's programs in this project. */
  run(program: string, ...args: string[]): Promise<Ended>;
  /** `npm run adapter:new -- …`, into this project. */
  scaffold(...args: string[]): Promise<Ended>;
  remove(): Promise<void>;
}

export async function testProject(): Promise<TestProject> {
  const root = await mkdtemp(join(tmpdir(), "qiao-project-"));
  const adaptersDir = join(root, "adapters");
  await mkdir(adaptersDir);
  await Promise.all([
    ...linked.map((name) => symlink(join(project, name), join(root, name))),
    ...copied.map((name) => cp(join(project, name), join(root, name))),
    // Tests that find the project from where they stand must stand in this one.
    cp(join(project, "contracts/road"), join(root, "contracts/road"), { recursive: true }),
  ]);
  const settings = JSON.parse(await readFile(join(project, "tsconfig.json"), "utf8")) as object;
  await writeFile(join(root, "tsconfig.json"), JSON.stringify({ ...settings, include: ["adapters"] }));
  return {
    root,
    adaptersDir,
    run: (program, ...args) => ended(process.execPath, [join(project, "node_modules/.bin", program), ...args], root),
    scaffold: (...args) =>
      ended(
        process.execPath,
        [join(project, "contracts/kit/scaffold/main.ts"), ...args, "--adapters", adaptersDir],
        root,
      ),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** A child process, to its end. */
export async function ended(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...compileCache, ...env, NO_COLOR: "1" },
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort } from "../../../mocks/sandbox/ports.ts";
import { compileCache } from "../compile-cache.ts";
import { copyAdapters } from "./copy.fixture.ts";
import type { Shown } from "./show.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const name = "tencent-faceid";
const slowMs = 30_000;
let root: string;
let adaptersDir: string;
let workbench: ChildProcess;
let page: string;
let said = "";

/** Waits until the workbench has said so, after what it has said before. */
async function heard(what: RegExp, from = 0): Promise<void> {
  await vi.waitFor(() => expect(said.slice(from)).toMatch(what), { timeout: slowMs, interval: 50 });
}
async function fire(): Promise<Shown> {
  const answer = await fetch(`${page}/fire`, {
    method: "POST",
    body: JSON.stringify({ operation: "identityChecks.create" }),
  });
  expect(await answer.json()).toEqual({});
  const { shown } = (await (await fetch(`${page}/session`)).json()) as { shown: Shown[] };
  const last = shown.at(-1);
  if (last === undefined) throw new Error("nothing is shown");
  return last;
}

beforeAll(async () => {
  ({ root, adaptersDir } = await copyAdapters([name]));
  const port = await freePort("127.0.0.1");
  page = `http://127.0.0.1:${port}`;
  workbench = spawn(process.execPath, [main, name, "--adapters", adaptersDir, "--page-port", String(port)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...compileCache },
  });
  for (const stream of [workbench.stdout, workbench.stderr])
    stream?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await heard(/page: http/);
}, slowMs);
afterAll(async () => {
  if (workbench.exitCode === null) workbench.kill("SIGKILL");
  await rm(root, { recursive: true, force: true });
});

describe("a workbench that stays", { timeout: slowMs }, () => {
  it("shows on its page what it says in the terminal", async () => {
    const html = await (await fetch(page)).text();
    expect(html).toContain("<title>Qiao workbench</title>");
    expect(html).toContain("grid-template-columns");
    expect(html).toContain("new EventSource");
    expect(html).not.toMatch(/(src|href)="(https?:|\/)/);
    const shown = await fire();
    expect(shown).toMatchObject({ title: "identityChecks.create", answered: { status: 201 }, violations: [] });
    expect(shown.turns[0]?.attempts[0]?.curl).toContain("Credential=$secretId/");
    await heard(/the partner got · 201/);
  });

  it("tells an open page at once", async () => {
    const stopped = new AbortController();
    const stream = await fetch(`${page}/stream`, { signal: stopped.signal });
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const [{ value }] = await Promise.all([reader.read(), fire()]);
    expect(new TextDecoder().decode(value)).toMatch(/^data: \{"id":\d+,.*identityChecks\.create/);
    stopped.abort();
  });

  it("answers nobody but its page", async () => {
    expect(await statusOf({ host: "attacker.example" })).toBe(403);
    expect(await statusOf({ origin: "https://attacker.example" })).toBe(403);
    expect(await statusOf({})).toBe(200);
    const wrong = await fetch(`${page}/fire`, {
      method: "POST",
      body: JSON.stringify({ operation: "refunds.create" }),
    });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { error: expect.stringContaining("does not map refunds.create") as string },
    ]);
  });

  it("starts anew with what was changed, also after a mistake", async () => {
    const file = join(adaptersDir, name, "protocol.ts");
    const text = await readFile(file, "utf8");
    let from = said.length;
    await writeFile(file, `${text}\nthis is no TypeScript`);
    await heard(
      /protocol\.ts changed: starting anew[\s\S]*cannot be loaded|protocol\.ts changed[\s\S]*(SyntaxError|Expected)/,
      from,
    );
    from = said.length;
    await writeFile(
      file,
      text.replace('request.headers["x-tc-version"] = version;', '$&\n    request.headers["x-changed"] = "yes";'),
    );
    await heard(/page: http/, from);
    expect((await fire()).turns[0]?.attempts[0]?.curl).toContain("x-changed: yes");
  });

  it("ends when it is told to, and lets go of everything", async () => {
    const exited = once(workbench, "exit");
    workbench.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
    await expect(fetch(page)).rejects.toThrow();
  });
});

function statusOf(headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  request(`${page}/session`, { headers }, (answer) => {
    answer.resume();
    resolve(answer.statusCode ?? 0);
  })
    .on("error", reject)
    .end();
  return promise;
}

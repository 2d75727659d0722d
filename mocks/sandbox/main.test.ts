import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { SandboxFile } from "./start.ts";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const anyPort = { QIAO_PORT: "0", QIAO_ADMIN_PORT: "0", QIAO_VENDOR_PORT: "0" };

/** `npm start`, as a process of its own. */
function start(env: Record<string, string>): {
  output: () => string;
  until(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  exited: Promise<number | null>;
} {
  const child = spawn(process.execPath, [main], { env: { ...process.env, ...anyPort, ...env } });
  let output = "";
  const heard = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on("data", heard);
  child.stderr.on("data", heard);
  const exited = once(child, "close").then(([code]) => code as number | null);
  return {
    output: () => output,
    async until(text) {
      const ended = exited.then(() => "ended");
      while (!output.includes(text)) {
        const next = await Promise.race([once(child.stdout, "data"), ended]);
        if (next === "ended" && !output.includes(text)) throw new Error(`ended without "${text}":\n${output}`);
      }
    },
    signal: (name) => void child.kill(name),
    exited,
  };
}

const newDir = (): string => join(mkdtempSync(join(tmpdir(), "qiao-start-")), ".sandbox");

describe("npm start", () => {
  it("is ready, says where everything is, keeps its keys, and stops on Ctrl-C", async () => {
    const dir = newDir();
    const file = join(dir, "sandbox.json");
    const first = start({ QIAO_SANDBOX_DIR: dir });
    await first.until("Ctrl-C drains and stops.");

    expect(statSync(file).mode & 0o777).toBe(0o600);
    const info = JSON.parse(readFileSync(file, "utf8")) as SandboxFile;
    expect((await fetch(`${info.gateway}/.well-known/jwks.json`)).status).toBe(200);
    expect((await fetch(`${info.admin}/readyz`)).status).toBe(200);
    expect(Object.keys(info.vendors).length).toBeGreaterThan(0);
    for (const [name, { url }] of Object.entries(info.vendors)) {
      expect((await fetch(url)).status).toBeGreaterThan(0);
      expect(first.output()).toMatch(new RegExp(`${name} +${url} `));
    }
    expect(info.partners.a.keyFile).toBe(join(dir, "partner-a.jwk.json"));

    // npm sends the terminal's signal a second time: that is still one Ctrl-C.
    first.signal("SIGINT");
    first.signal("SIGINT");
    expect(await first.exited).toBe(0);
    expect(first.output()).toContain("Stopped.");
    expect(existsSync(file)).toBe(false);
    await expect(fetch(info.gateway)).rejects.toThrow("fetch failed");

    const second = start({ QIAO_SANDBOX_DIR: dir });
    await second.until("Ctrl-C drains and stops.");
    const again = JSON.parse(readFileSync(file, "utf8")) as SandboxFile;
    expect(again.partners).toEqual(info.partners);
    second.signal("SIGTERM");
    expect(await second.exited).toBe(0);
  });

  it.each(["QIAO_PORT", "QIAO_ADMIN_PORT", "QIAO_VENDOR_PORT"])(
    "ends with 1 when %s is taken, and says so",
    async (name) => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as AddressInfo;
      const dir = newDir();
      const refused = start({ QIAO_SANDBOX_DIR: dir, [name]: `${port}` });
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toContain(`port ${port} on 127.0.0.1`);
      expect(refused.output()).toContain(`is taken: set ${name} to another one`);
      expect(existsSync(join(dir, "sandbox.json"))).toBe(false);
      other.close();
    },
  );
});

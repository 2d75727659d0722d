import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { banking } from "./banking.ts";
import { consumer } from "./consumer.ts";

const run = fileURLToPath(new URL("./run.ts", import.meta.url));
const journeyTimeoutMs = 60_000;

it(
  "npm run journey starts a sandbox of its own and plays every step of every story",
  async () => {
    const env = { ...process.env, QIAO_SANDBOX_DIR: mkdtempSync(join(tmpdir(), "qiao-no-sandbox-")) };
    const played = await promisify(execFile)(process.execPath, [run], { env, timeout: journeyTimeoutMs }).catch(
      (error: { stdout: string; stderr: string }) => ({ stdout: error.stdout, stderr: `exit\n${error.stderr}` }),
    );
    const lines = played.stdout.split("\n");
    expect(lines.filter((line) => line.startsWith("✗"))).toEqual([]);
    expect(lines.filter((line) => line.startsWith("✓"))).toHaveLength(consumer.steps.length + banking.steps.length);
    expect(played).toMatchObject({ stderr: "", stdout: expect.stringContaining("Everything is as it should be.") });
  },
  journeyTimeoutMs,
);

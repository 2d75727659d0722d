/** A bounded slice of `npm run faults`, through its own door, so that every run of the tests holds the promises. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const command = fileURLToPath(new URL("./run.ts", import.meta.url));
const patienceMs = 60_000;

function faults(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { timeout: patienceMs }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), text: stdout + stderr });
    });
  });
}

/** The hash over everything that happened in a seed. */
function digestIn(text: string): string | undefined {
  return /digest ([0-9a-f]{12})/.exec(text)?.[1];
}

describe("npm run faults", () => {
  it.concurrent(
    "keeps every promise at each nineteenth place of the nth-fault loop",
    async () => {
      const { code, text } = await faults("--only", "nth", "--stride", "19");
      expect(text).toContain("every promise was kept");
      expect(text).not.toContain("the time is over");
      expect(code).toBe(0);
    },
    patienceMs,
  );

  it.concurrent(
    "keeps every promise in a seed, and replays it to the letter",
    async () => {
      const [first, second] = await Promise.all([1, 2].map(() => faults("--seed", "12", "--steps", "250")));
      expect(first?.text).toContain("every promise was kept");
      expect(first?.code).toBe(0);
      expect(digestIn(first?.text ?? "")).toMatch(/^[0-9a-f]{12}$/);
      expect(digestIn(second?.text ?? "")).toBe(digestIn(first?.text ?? ""));
    },
    patienceMs,
  );

  it.concurrent(
    "sees a gateway that breaks a rule",
    async () => {
      const named = ["random vendor key", "commit after send", "look up, then insert", "unverified callback trusted"];
      const { code, text } = await faults(
        "--seed",
        "1",
        "--steps",
        "300",
        ...named.flatMap((name) => ["--mutation", name]),
      );
      for (const name of named) expect(text).toMatch(new RegExp(`^${name} .* (simulation|nth) +I-`, "m"));
      expect(text).not.toContain("NOBODY");
      expect(code).toBe(0);
    },
    patienceMs,
  );

  it.concurrent("says what is wrong with its options", async () => {
    const { code, text } = await faults("--only", "everything");
    expect(text).toContain("--only must be one of nth, simulation, blackbox");
    expect(code).toBe(2);
  });
});

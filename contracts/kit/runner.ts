/** A test runner of a hundred lines' worth: runs the suite without vitest and keeps the results. */
import type { CheckResult, Runner } from "./types.ts";

/** Thrown by `expect`; its message is for people. */
class NotAsExpected extends Error {
  override readonly name = "NotAsExpected";
}

interface Entry {
  group: string[];
  name: string;
  body: (() => Promise<void>) | undefined;
}

export interface TinyRunner extends Runner {
  /** Runs all in order, or until one fails, and calls `onResult` after each. */
  run(onResult?: (result: CheckResult) => void, bail?: boolean): Promise<CheckResult[]>;
}

/** A runner that collects what is registered. */
export function tinyRunner(): TinyRunner {
  const entries: Entry[] = [];
  const ends: (() => Promise<void>)[] = [];
  const group: string[] = [];
  const it = (name: string, body: () => Promise<void>): void => void entries.push({ group: [...group], name, body });
  return {
    describe(name, body) {
      group.push(name);
      body();
      group.pop();
    },
    it: Object.assign(it, {
      skip: (name: string): void => void entries.push({ group: [...group], name, body: undefined }),
    }),
    expect: (value) => ({
      toBe(expected) {
        if (!Object.is(value, expected)) throw new NotAsExpected(String(value));
      },
    }),
    afterAll: (body) => void ends.push(body),
    async run(onResult = () => undefined, bail = false) {
      const results: CheckResult[] = [];
      try {
        for (const entry of entries) {
          const result = await ran(entry);
          results.push(result);
          onResult(result);
          if (bail && result.result === "failed") break;
        }
      } finally {
        for (const end of ends) await end();
      }
      return results;
    },
  };
}

async function ran({ group, name, body }: Entry): Promise<CheckResult> {
  const law = (group.at(-1) ?? "").split(":")[0] ?? "";
  if (body === undefined) {
    const [, check = name, reason = ""] = /^(.*?) \((.*)\)$/s.exec(name) ?? [];
    return { law, check, result: "skipped", reason, durationMs: 0 };
  }
  const startedMs = performance.now();
  const took = (): number => Math.round(performance.now() - startedMs);
  try {
    await body();
    return { law, check: name, result: "passed", durationMs: took() };
  } catch (error) {
    const reason =
      error instanceof NotAsExpected ? error.message : String(error instanceof Error ? error.stack : error);
    return { law, check: name, result: "failed", reason, durationMs: took() };
  }
}

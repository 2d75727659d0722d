/** The kit itself is proven: every deliberately wrong adapter is caught by the law that names it, and the correct one by none. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inParallel } from "./calls.ts";
import { checkAdapter } from "./index.ts";
import type { CheckReport } from "./index.ts";
import { wrongFolders } from "./wrong/folders.ts";
import { right, wrongs } from "./wrong/index.ts";
import { laws } from "./laws/index.ts";

const atOnce = 6;
const proofTimeoutMs = 120_000;
const nameWidth = Math.max(...wrongs.map(({ name }) => name.length));
const lawWidth = Math.max(...laws.map(({ name }) => name.length));

let folders: Awaited<ReturnType<typeof wrongFolders>>;
const reports = new Map<string, CheckReport>();
const reportOf = (name: string): CheckReport => reports.get(name) as CheckReport;
const failures = (name: string) => reportOf(name).results.filter(({ result }) => result === "failed");

beforeAll(async () => {
  folders = await wrongFolders([right, ...wrongs]);
  const { adaptersDir } = folders;
  await inParallel(
    [right, ...wrongs],
    async ({ name, law }) => {
      reports.set(name, await checkAdapter(name, { adaptersDir, ...(law === "" ? {} : { only: [law], bail: true }) }));
    },
    atOnce,
  );
}, proofTimeoutMs);

afterAll(async () => {
  await folders.remove();
  const rows = wrongs.map(({ name, law, what }) => {
    const [first] = failures(name);
    const caught = first === undefined ? "NOT CAUGHT" : `✓ ${first.check}`;
    return `  ${name.padEnd(nameWidth)}  ${law.padEnd(lawWidth)}  ${what}\n  ${" ".repeat(nameWidth)}  ${caught}`;
  });
  process.stdout.write(`\nWhich law caught what:\n${rows.join("\n")}\n`);
});

describe("the kit", () => {
  it("finds nothing wrong with the correct adapter", () => {
    expect(failures("correct").map(({ check, reason }) => `${check}: ${reason}`)).toEqual([]);
    expect(reportOf("correct").passed).toBeGreaterThan(40);
  });

  it("has a wrong adapter for every law", () => {
    expect([...new Set(wrongs.map(({ law }) => law))].toSorted()).toEqual(laws.map(({ name }) => name).toSorted());
  });

  it.each(wrongs)("catches $name ($law): $what", ({ name }) => {
    const caught = failures(name);
    expect(caught.length).toBeGreaterThan(0);
    expect(caught[0]?.reason).toMatch(/^expected {2}.+\nhappened {2}.+\nlook at {3}adapters\//);
  });
});

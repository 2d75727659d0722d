import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { subjectOf } from "./conformance.ts";
import { laws } from "./laws/index.ts";
import { unproven } from "./proven.ts";
import type { CheckResult, Law } from "./types.ts";
import { checkAdapter, loadAdapter } from "./check-adapter.ts";

const adaptersDir = fileURLToPath(new URL("../../adapters", import.meta.url));
const subject = subjectOf(...(await loadAdapter(adaptersDir, "openbanking-uk")));
const whole = laws.flatMap((law) =>
  law.checks(subject).map((check): CheckResult => ({
    law: law.name,
    check: check.name,
    durationMs: 0,
    ...("skip" in check ? { result: "skipped", reason: check.skip } : { result: "passed" }),
  })),
);
const adapter = subject.adapter.name;
const open = (results: readonly CheckResult[]) => unproven(subject, { adapter, results });
const skips = whole.filter(({ result }) => result === "skipped");

describe("a report of the kit", () => {
  it("proves an adapter when every check of every law is in it", () => {
    expect(open(whole)).toEqual([]);
  });

  it.each(laws.map(({ name }) => name))("proves nothing without the law %s", (name) => {
    const rest = open(whole.filter(({ law }) => law !== name));
    expect(rest.length).toBeGreaterThan(0);
    for (const each of rest) expect(each).toMatch(new RegExp(`^${name}: .*: not checked$`, "s"));
  });

  it("proves nothing by a check that failed, or was skipped by somebody else than the adapter", () => {
    for (const [at, each] of whole.entries()) {
      const what = `${each.law}: ${each.check}`;
      expect(open(whole.with(at, { ...each, result: "failed" }))).toEqual([`${what}: does not hold`]);
      if (each.result === "skipped") continue;
      expect(open(whole.with(at, { ...each, result: "skipped", reason: "no time" }))).toEqual([`${what}: skipped`]);
    }
  });

  it("takes a skip only for what the manifest or the vendor's document says", () => {
    expect(skips.length).toBeGreaterThan(0);
    const reason = "we were in a hurry";
    const lenient: Law = { name: "once", promise: "", checks: () => [{ name: "restarts", skip: reason }] };
    const results: CheckResult[] = [{ law: "once", check: "restarts", result: "skipped", reason, durationMs: 0 }];
    expect(unproven(subject, { adapter, results }, [lenient])).toEqual([
      "once: restarts: skipped, and no line says so",
    ]);
    const idle: Law = { name: "once", promise: "", checks: () => [] };
    expect(unproven(subject, { adapter, results }, [idle])).toEqual(["once: it checks nothing"]);
  });

  it("proves nothing of another adapter, and says of a real run what it left out", async () => {
    expect(unproven(subject, { adapter: "another", results: whole })).toEqual(["the report is of another"]);
    const report = await checkAdapter(adapter, { only: ["manifest"] });
    expect(report.failed).toBe(0);
    const others = whole.filter(({ law }) => law !== "manifest");
    expect(unproven(subject, report)).toEqual(others.map(({ law, check }) => `${law}: ${check}: not checked`));
  });
});

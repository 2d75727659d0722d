import { existsSync } from "node:fs";
import { join } from "node:path";
import { finding } from "../findings.ts";
import { configFields } from "../secrets.ts";
import type { Check, Finding, Law, Subject } from "../types.ts";
import { vendorDoc } from "../vendor-doc.ts";

/** What an adapter says of itself is true, and complete enough to be believed. */
export const manifest: Law = {
  name: "manifest",
  promise: "what the adapter says of itself is true",
  checks: (subject) => [
    { name: "folder, manifest and mock bear one name", prove: () => Promise.resolve(names(subject)) },
    {
      name: "a gateway starts with this folder alone",
      async prove(bench) {
        await bench.usual();
        return [];
      },
    },
    ...statements(subject),
  ],
};

function statements(subject: Subject): Check[] {
  const { adapter, adaptersDir } = subject;
  const folder = join(adaptersDir, adapter.name);
  const check = (name: string, findings: () => Finding[]): Check => ({
    name,
    prove: () => Promise.resolve(findings()),
  });
  return [
    check("the vendor's spec says effect and group of every operation", () =>
      [...vendorDoc(subject).operations.values()]
        .filter(({ effect, group }) => effect === undefined || group === undefined)
        .map(({ id }) => finding(subject, "vendor.openapi.yaml", `x-effect and x-group at ${id}`, "one is missing")),
    ),
    check("every field of the configuration is described", () =>
      Object.entries(configFields(adapter.config))
        .filter(([, { description }]) => description === undefined || description === "")
        .map(([name]) => finding(subject, "config.ts", `.describe(…) on ${name}`, "it has none")),
    ),
    check("the grade of proof has its proof", () => {
      const { grade, by, verifiedOnDate } = adapter.proof;
      if (grade === "live" && verifiedOnDate === undefined) {
        return [finding(subject, "index.ts", "proof.verifiedOnDate for the grade live", "it is missing")];
      }
      if (grade !== "sdk") return [];
      const lacks = by === undefined ? "proof.by is missing" : undefined;
      const missing = existsSync(join(folder, "sdk.test.ts")) ? lacks : "there is no sdk.test.ts";
      return missing === undefined
        ? []
        : [finding(subject, "index.ts", "the SDK that stands behind the grade", missing)];
    }),
    check("an answer that is not signed is admitted in words", () => {
      const { verify } = adapter.protocol;
      if (typeof verify === "function" || verify.unsigned.trim().length > 0) return [];
      return [finding(subject, "protocol.ts", "words in verify.unsigned", "it is empty")];
    }),
    check("a README states the facts", () =>
      existsSync(join(folder, "README.md")) ? [] : [finding(subject, "README.md", "a README.md", "there is none")],
    ),
  ];
}

function names(subject: Subject): Finding[] {
  const { adapter, mock, adaptersDir } = subject;
  const found: Finding[] = [];
  if (!existsSync(join(adaptersDir, adapter.name))) {
    found.push(finding(subject, "index.ts", "a folder of the adapter's name", `there is no ${adapter.name}`));
  }
  if (mock.adapter !== adapter.name) {
    found.push(finding(subject, "mock.ts", `a mock of ${adapter.name}`, `it plays ${mock.adapter}`));
  }
  return found;
}

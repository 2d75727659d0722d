/**
 * The evidence behind an adapter's grade of proof. The manifest claims it; here is what must lie in the folder for the claim:
 *
 *   declared  nothing, and production does not route to it
 *   conforms  a mock, and a run of the kit of contracts/kit against it that left no law unproven: contracts/kit/adapters.test.ts
 *             runs it for every folder that there is, and hands over what came of that very run
 *   sdk       the same, and an sdk.test.ts that drives the mock with what `by` names, in that very version; a platform of
 *             the company's own has no SDK: there the partner profile in mocks/partner stands for it
 *   live      the same, and recordings in fixtures/ that carry the date of verification
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Adapter, Proof } from "#capability";
import { projectDir } from "./adapters.ts";

const grades: readonly Proof["grade"][] = ["declared", "conforms", "sdk", "live"];

/**
 * What is missing for the grade that the manifest claims; empty when all is there. `unproven` is what the kit left open when
 * it ran on this adapter just now; undefined when it did not run.
 */
export function missingEvidence(
  dir: string,
  { kind, proof }: Pick<Adapter, "kind" | "proof">,
  unproven: readonly string[] | undefined,
): string[] {
  const claims = (grade: Proof["grade"]): boolean => grades.indexOf(proof.grade) >= grades.indexOf(grade);
  const missing: string[] = [];
  if (claims("conforms")) {
    if (!existsSync(join(dir, "mock.ts"))) missing.push("no mock.ts for the kit to run against");
    missing.push(...(unproven ?? ["the kit did not run"]));
  }
  if (claims("sdk")) missing.push(...missingSdk(dir, kind, proof.by ?? ""));
  if (claims("live")) missing.push(...missingRecordings(dir, proof.verifiedOnDate));
  if (claims("sdk") && proof.verifiedOnDate === undefined) missing.push("no verifiedOnDate");
  return missing;
}

function missingSdk(dir: string, kind: Adapter["kind"], by: string): string[] {
  if (!existsSync(join(dir, "sdk.test.ts"))) return ["no sdk.test.ts"];
  const drivers = readdirSync(dir).filter((name) => /\.(test|fixture)\.ts$/.test(name));
  const text = drivers.map((name) => readFileSync(join(dir, name), "utf8")).join("\n");
  const packages = [...by.matchAll(/(@?[a-z][\w./-]*) (\d+\.\d+\.\d+)/g)];
  if (packages.length === 0) {
    if (kind === "platform" && /from ".*mocks\/partner\//.test(text)) return [];
    return ["`by` names no package with its version"];
  }
  return packages.flatMap(([, name = "", version = ""]) => {
    const file = join(projectDir, "node_modules", name, "package.json");
    if (!existsSync(file)) return [`${name} is not installed`];
    const installed = (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
    if (installed !== version) return [`${name} is ${installed} here, \`by\` says ${version}`];
    const imported = new RegExp(`(?:from|import\\() ?["']${RegExp.escape(name)}["'/]`).test(text);
    return imported ? [] : [`no test of the folder imports ${name}`];
  });
}

function missingRecordings(dir: string, date: string | undefined): string[] {
  const fixtures = join(dir, "fixtures");
  if (date === undefined || !existsSync(fixtures)) return ["no recordings in fixtures/ with a date of verification"];
  const files = readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const dated = files.some((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").includes(date));
  return dated ? [] : [`no recording in fixtures/ is of ${date}`];
}

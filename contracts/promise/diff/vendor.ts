/** A vendor's document against the one that was committed, and the mappings that a change touches. */
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectDir } from "../adapters.ts";
import { compareDocuments, operationsOf } from "./compare.ts";
import type { Change, Node } from "./types.ts";

const maxDocumentBytes = 64 * 1024 * 1024;

/** A place in an adapter that uses one of its vendor's operations. */
export interface Mapping {
  operation: string;
  /** Project path. */
  file: string;
  line: number;
}

export interface VendorChange extends Change {
  mappings: Mapping[];
  /** Breaking, and of the files that use the operation none was changed since: they map what the vendor no longer says. */
  unmapped: boolean;
}

/**
 * What changed in `adapters/<name>/vendor.openapi.yaml` since a git revision. Throws when there is no such file now; one that
 * was not there then has no changes.
 */
export function vendorChanges(name: string, since: string): VendorChange[] {
  const file = `adapters/${name}/vendor.openapi.yaml`;
  const now = parse(readFileSync(join(projectDir, file), "utf8")) as Node;
  const text = git(["show", `${since}:${file}`]);
  if (text === undefined) return [];
  const touched = (git(["diff", "--name-only", since, "--", `adapters/${name}`]) ?? "").split("\n");
  const table = { operation: "every code", file: `adapters/${name}/errors.ts`, line: 1 };
  return withMappings(compareDocuments(parse(text) as Node, now), mappingsOf(name, now), touched).map((change) =>
    change.what.startsWith("error code ") ? { ...change, mappings: [table] } : change,
  );
}

/** Joins changes with the mappings of the operations that they touch; what names no operation touches all. */
export function withMappings(
  changes: readonly Change[],
  all: readonly Mapping[],
  touched: readonly string[],
): VendorChange[] {
  return changes.map((change) => {
    const mappings = all.filter(
      ({ operation }) =>
        change.operations.includes(operation) || (change.operations.length === 0 && change.level !== "docs"),
    );
    const unmapped =
      change.level === "breaking" && mappings.length > 0 && !mappings.some(({ file }) => touched.includes(file));
    return { ...change, mappings, unmapped };
  });
}

/** Where an adapter's own files, but for tests, fixtures, mocks and generated types, name the vendor's operations. */
export function mappingsOf(name: string, document: Node): Mapping[] {
  const ids = [...operationsOf(document).values()].map(({ id }) => id);
  return readdirSync(join(projectDir, "adapters", name), { withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.test|\.fixture|\.d)\.ts$/.test(entry.name) && entry.name !== "mock.ts")
    .flatMap(({ name: base }) => {
      const file = `adapters/${name}/${base}`;
      const lines = readFileSync(join(projectDir, file), "utf8").split("\n");
      return lines.flatMap((text, at) =>
        ids.filter((id) => names(text, id)).map((operation) => ({ operation, file, line: at + 1 })),
      );
    });
}

/** By its name, or by that of the capability which a platform speaks as we do. */
function names(line: string, id: string): boolean {
  if (new RegExp(`["'\`]${RegExp.escape(id)}["'\`]`).test(line)) return true;
  const [, capability] = /sameContract\("(\w+)"\)/.exec(line) ?? [];
  return capability !== undefined && id.startsWith(`${capability}.`);
}

/** What git prints, or undefined where it has no such thing. */
function git(args: readonly string[]): string | undefined {
  try {
    return execFileSync("git", args, {
      cwd: projectDir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: maxDocumentBytes,
    });
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    if (/exists on disk, but not in|does not exist in/.test(stderr)) return undefined;
    throw new Error(`git ${args.join(" ")}: ${stderr.trim()}`, { cause: error });
  }
}

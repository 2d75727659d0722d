/** The bundle that partners got last: `specs/released/<version>.json`. */
import { constants, copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../adapters.ts";
import { nodeOf } from "./types.ts";
import type { Node } from "./types.ts";
import { compareVersions } from "./version.ts";

const releasedDir = join(projectDir, "specs/released");

export interface Release {
  version: string;
  /** Project path. */
  file: string;
  document: Node;
}

/** The newest release. Throws when there is none, or when a file's name is not its document's version. */
export function lastRelease(): Release {
  const versions = readdirSync(releasedDir)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length))
    .toSorted(compareVersions);
  const version = versions.at(-1);
  if (version === undefined) throw new Error("specs/released holds no bundle");
  const file = `specs/released/${version}.json`;
  const document = JSON.parse(readFileSync(join(projectDir, file), "utf8")) as Node;
  if (versionOf(document) !== version) throw new Error(`${file} says that it is ${versionOf(document)}`);
  return { version, file, document };
}

/** Keeps the bundle as the release of its own version. Throws when partners got that version already. */
export function release(): string {
  const bundle = join(projectDir, "specs/generated/bundle.json");
  const file = `specs/released/${versionOf(JSON.parse(readFileSync(bundle, "utf8")) as Node)}.json`;
  copyFileSync(bundle, join(projectDir, file), constants.COPYFILE_EXCL);
  return file;
}

export function versionOf(document: Node): string {
  return String(nodeOf(document["info"])["version"]);
}

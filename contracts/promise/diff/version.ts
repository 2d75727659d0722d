/** What changes mean for the version (semver.org), and whether the version says so. */
import type { Change, Level } from "./types.ts";

/** The version that these changes need after `released`. */
export function nextVersion(released: string, changes: readonly Change[]): string {
  const [major, minor, patch] = parts(released);
  const has = (level: Level): boolean => changes.some((change) => change.level === level);
  if (has("breaking")) return `${major + 1}.0.0`;
  if (has("additive")) return `${major}.${minor + 1}.0`;
  return has("docs") ? `${major}.${minor}.${patch + 1}` : released;
}

/** Negative when `one` is before `other`. */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [parts(one), parts(other)];
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** A break is allowed only under a new major version: partners on the old one keep what they were given. */
export function isKept(released: string, current: string, changes: readonly Change[]): boolean {
  return (
    !changes.some(({ level }) => level === "breaking") || compareVersions(current, nextVersion(released, changes)) >= 0
  );
}

function parts(version: string): [major: number, minor: number, patch: number] {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (patch === undefined) throw new TypeError(`${version} is not a version: major.minor.patch`);
  return [Number(major), Number(minor), Number(patch)];
}

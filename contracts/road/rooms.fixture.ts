/** Who imports whom, read off the import statements. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { projectDir } from "./process.fixture.ts";

const roots = ["specs", "gateway", "adapters", "contracts", "mocks"];
const { imports: doors } = JSON.parse(readFileSync(join(projectDir, "package.json"), "utf8")) as {
  imports: Record<string, string>;
};

/** One import statement, of types as well as values, or an `import()`. */
export interface Import {
  /** Project paths, e.g. `gateway/inbound/verify.ts`. */
  from: string;
  /** As it is written. */
  specifier: string;
  /** The project file it names; undefined for a package. */
  to: string | undefined;
}

/** Every TypeScript file of the project, by its project path. */
export function sourceFiles(): string[] {
  return roots.flatMap((root) => filesIn(root)).filter((file) => file.endsWith(".ts"));
}

/** Every file under a folder, by its project path. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(projectDir, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(projectDir, join(entry.parentPath, entry.name)));
}

export function textOf(file: string): string {
  return readFileSync(join(projectDir, file), "utf8");
}

/** Everything that these files import. */
export function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((from) =>
    ts.preProcessFile(textOf(from), true, true).importedFiles.map(({ fileName: specifier }) => ({
      from,
      specifier,
      to: resolved(from, specifier),
    })),
  );
}

function resolved(from: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return relative(projectDir, join(projectDir, dirname(from), specifier));
  if (!specifier.startsWith("#")) return undefined;
  const door = doors[specifier];
  if (door === undefined) throw new Error(`${from}: ${specifier} is no door of package.json`);
  return relative(projectDir, join(projectDir, door));
}

/** Free to import more: they prove things and are part of nothing. */
export function isProof(file: string): boolean {
  return /\.(test|fixture)\.ts$/.test(file) || file.includes("/testing/");
}

/** The room a file is in: `specs`, `mocks`, `adapters/<name>`, `gateway/<room>`, `gateway/wire.ts`, `gateway/process.ts`. */
export function roomOf(file: string): string {
  const [root = "", room = ""] = file.split("/");
  return root === "gateway" || root === "adapters" ? `${root}/${room}` : root;
}

/** A way round from a room to itself, if there is one. */
export function cycleIn(imports: readonly Import[]): string[] | undefined {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    if (to === undefined || roomOf(from) === roomOf(to)) continue;
    next.set(roomOf(from), (next.get(roomOf(from)) ?? new Set()).add(roomOf(to)));
  }
  const done = new Set<string>();
  const walk = (room: string, way: string[]): string[] | undefined => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room];
    if (done.has(room)) return undefined;
    for (const other of next.get(room) ?? []) {
      const found = walk(other, [...way, room]);
      if (found !== undefined) return found;
    }
    done.add(room);
    return undefined;
  };
  for (const room of next.keys()) {
    const found = walk(room, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

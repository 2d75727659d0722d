import { randomUUID } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SandboxError } from "./failure.ts";

/** The sandbox folder: its owner's only, and one sandbox at a time. */
export interface SandboxFolder {
  path: string;
  file(name: string): string;
  /** Writes JSON, whole or not at all, readable by the owner only. */
  write(name: string, value: unknown): Promise<void>;
  /** What the file holds, or what `make` makes once and is kept there. Throws a `SandboxError` if it is not JSON. */
  keep<T>(name: string, make: () => Promise<T>): Promise<T>;
  remove(name: string): Promise<void>;
  /** Gives the folder free for another sandbox. */
  release(): void;
}

/** Opens (or makes) the folder. Throws a `SandboxError` if another sandbox runs in it. */
export async function openFolder(path: string): Promise<SandboxFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  const lock = takeLock(path);
  const file = (name: string): string => join(path, name);

  const write = async (name: string, value: unknown): Promise<void> => {
    const draft = file(`.${name}.${randomUUID()}`);
    await writeFile(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await rename(draft, file(name));
  };

  return {
    path,
    file,
    write,
    async keep<T>(name: string, make: () => Promise<T>): Promise<T> {
      const text = await readFile(file(name), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw new SandboxError(`cannot read ${file(name)}: ${error.message}`);
      });
      if (text === undefined) {
        const made = await make();
        await write(name, made);
        return made;
      }
      try {
        return JSON.parse(text) as T;
      } catch (error) {
        throw new SandboxError(`${file(name)} is not JSON; remove it to have it made anew`, { cause: error });
      }
    },
    remove: (name) => rm(file(name), { force: true }),
    release: () => lock.close(),
  };
}

/** A lock that the system itself gives back when the process dies. */
function takeLock(path: string): DatabaseSync {
  const file = join(path, "lock.sqlite");
  closeSync(openSync(file, "a", 0o600));
  const lock = new DatabaseSync(file);
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;");
    return lock;
  } catch (error) {
    lock.close();
    throw new SandboxError(`another sandbox runs in ${path}: stop it, or set QIAO_SANDBOX_DIR to another folder`, {
      cause: error,
    });
  }
}

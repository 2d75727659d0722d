/** A sandbox with calls behind it, and copies of its folder to tamper with. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { partner } from "../../mocks/partner/client.ts";
import type { Answered, Partner } from "../../mocks/partner/client.ts";
import { sandboxPartner } from "../../mocks/partner/sandbox.ts";
import { startSandbox } from "../../mocks/sandbox/start.ts";

/** Stands in each personal field, and wherever a partner could put it by mistake. */
export const canary = "11010519491231002X";
export const name = "司马桥测";

export interface Past {
  dir: string;
  /** Answers by what they were to. */
  answers: Record<"checked" | "replayed" | "listed" | "others" | "refused" | "misused" | "keyed", Answered>;
  /** What `audit:verify` said while the gateway ran. */
  whileRunning: Ran;
}

const folders: string[] = [];

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "qiao-evidence-"));
  folders.push(dir);
  return dir;
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.map((dir) => rm(dir, { recursive: true, force: true })));
}

/** A sandbox in `dir`, or in a new folder, for as long as `work` takes; its store is closed afterwards. */
export async function inSandbox<T>(
  work: (a: Partner, b: Partner, dir: string) => Promise<T>,
  options: { dir?: string; adapters?: readonly string[] } = {},
): Promise<{ dir: string; result: T }> {
  const { dir: folder = await newDir(), ...which } = options;
  const ports = { gatewayPort: 0, adminPort: 0, vendorPort: 0 };
  const sandbox = await startSandbox({ dir: folder, ...which, ...ports, logger: pino({ level: "silent" }) });
  const partners = [partner(sandboxPartner(folder, "a")), partner(sandboxPartner(folder, "b"))] as const;
  try {
    return { dir: folder, result: await work(...partners, folder) };
  } finally {
    for (const each of partners) each.close();
    await sandbox.stop();
  }
}

/** Calls of every kind, and the folder that they leave. */
export async function callsMade(): Promise<Past> {
  const { dir, result } = await inSandbox(async (a, b, folder) => {
    const path = "/v1/identity-checks";
    const person = { type: "id_two_factor", name, nationalId: canary };
    const check = (reference: string) => ({ body: { ...person, reference } });
    const key = randomUUID();
    const answers = {
      checked: await a.request("POST", path, { ...check("r-1"), idempotencyKey: key }),
      replayed: await a.request("POST", path, { ...check("r-1"), idempotencyKey: key }),
      listed: await a.request("GET", "/v1/customer-accounts?limit=5"),
      others: await b.request("GET", "/v1/capabilities"),
      keyed: await a.request("POST", path, { ...check("r-2"), idempotencyKey: `order-${canary}` }),
      misused: await a.request("GET", `/v1/people/${canary}?of=${encodeURIComponent(name)}`),
      refused: await b.request("POST", path, {
        ...check("r-3"),
        tamper: (wire) => ({ ...wire, body: Buffer.from(wire.body.toString().replace("r-3", "r-4")) }),
      }),
    };
    return { answers, whileRunning: await run("verify", "--sandbox", folder) };
  });
  return { dir, ...result };
}

/** A copy of a sandbox's folder whose database was changed by somebody who can write the file. */
export async function tampered(dir: string, change: (db: DatabaseSync) => void): Promise<string> {
  const copy = await newDir();
  await cp(dir, copy, { recursive: true });
  const db = new DatabaseSync(join(copy, "qiao.sqlite"));
  const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name: trigger } of triggers) db.exec(`DROP TRIGGER "${String(trigger)}"`);
  change(db);
  db.close();
  return copy;
}

/** All that lies in the audit tables, as text. */
export function auditText(dir: string): string {
  const db = new DatabaseSync(join(dir, "qiao.sqlite"), { readOnly: true });
  const rows = ["audit", "audit_checkpoints"].flatMap((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return JSON.stringify(rows);
}

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** `npm run audit:verify` or `audit:export`, as a process of its own. */
export function run(command: "verify" | "export", ...args: string[]): Promise<Ran> {
  const file = fileURLToPath(new URL(`./cli-${command}.ts`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { maxBuffer: 16 * 1024 * 1024 }, (error, out, err) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err });
    });
  });
}

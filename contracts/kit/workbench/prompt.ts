/** The terminal of a workbench: pick an operation, edit its example, fire. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Interface } from "node:readline/promises";
import type { Fireable } from "./examples.ts";
import type { FireInput } from "./session.ts";
import { json } from "./settings.ts";

/** The numbered operations. */
export function menu(operations: readonly Fireable[]): string {
  if (operations.length === 0)
    return "  nothing is mapped yet: take a verb out of `unsupported` in index.ts and map it";
  return operations.map(({ operation, method, path }, at) => `  ${at + 1}  ${operation}  ${method} ${path}`).join("\n");
}

/** Asks for one operation and its body; undefined when there is nothing to fire. Throws what is wrong with the body. */
export async function ask(terminal: Interface, operations: readonly Fireable[]): Promise<FireInput | undefined> {
  const answer = (await terminal.question("operation (number or name, empty lists them): ")).trim();
  const chosen = operations[Number(answer) - 1] ?? operations.find(({ operation }) => operation === answer);
  if (chosen === undefined) {
    process.stdout.write(`${menu(operations)}\n`);
    return undefined;
  }
  const { operation, examples } = chosen;
  if (examples.length === 0) return { operation };
  const names = examples.map(({ name }, at) => `${at + 1} ${name}`).join(", ");
  const which = examples.length === 1 ? "1" : (await terminal.question(`example (${names}): `)).trim();
  const example = examples[Number(which) - 1] ?? examples[0];
  const text = JSON.stringify(example?.body, undefined, 2);
  process.stdout.write(`${text}\n`);
  const edit = (await terminal.question("enter sends it, e edits it, or type JSON: ")).trim();
  if (edit === "") return { operation, body: example?.body };
  return { operation, body: json("the body", edit === "e" ? edited(text) : edit) };
}

/** The text after `$EDITOR` (vi where there is none) was closed. */
function edited(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "qiao-body-"));
  const file = join(folder, "body.json");
  try {
    writeFileSync(file, text, { mode: 0o600 });
    spawnSync(process.env["EDITOR"] ?? "vi", [file], { stdio: "inherit" });
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

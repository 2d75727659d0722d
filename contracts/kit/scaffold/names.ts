/** Names: of the adapter, of its capabilities, and how they are written in files and code. */
import { operations } from "#specs";
import type { OperationId } from "#capability";
import { ScaffoldError } from "./failure.ts";

const maxNameLength = 40;

/** Throws for a name that is no folder's: lower-case words and digits, joined by hyphens. */
export function checkName(name: string | undefined): string {
  if (name === undefined)
    throw new ScaffoldError("which name? npm run adapter:new -- <name> --capability <capability>");
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > maxNameLength) {
    throw new ScaffoldError(
      `${JSON.stringify(name)} is no adapter's name: lower-case words joined by hyphens, at most ${maxNameLength} characters, e.g. acme-score`,
    );
  }
  return name;
}

/** The capabilities that an adapter can have, in the contract's order. */
function capabilityNames(): string[] {
  const known = Object.entries(operations).filter(([, { answeredBy }]) => answeredBy === "adapter");
  return [...new Set(known.map(([id]) => id.split(".")[0] ?? ""))];
}

/** `creditReports,instalments` → both. Throws for none, for one twice, and for one that the contract does not have. */
export function checkCapabilities(text: string | undefined): string[] {
  const all = capabilityNames();
  const choice = `one or several of ${all.join(", ")}`;
  const names = (text ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
  if (names.length === 0) throw new ScaffoldError(`--capability: ${choice}`);
  const unknown = names.find((each) => !all.includes(each));
  if (unknown !== undefined) throw new ScaffoldError(`--capability: the contract has no ${unknown}; ${choice}`);
  const twice = names.find((each, at) => names.indexOf(each) !== at);
  if (twice !== undefined) throw new ScaffoldError(`--capability: ${twice} stands twice`);
  return names;
}

/** Every operation of a capability. */
export function operationsOf(capability: string): OperationId[] {
  return (Object.keys(operations) as OperationId[]).filter((id) => id.startsWith(`${capability}.`));
}

/** `creditReports` → `credit-reports`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Any text as an identifier: `trade.create` → `tradeCreate`. */
export function camel(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1))).join("");
  const named = joined.charAt(0).toLowerCase() + joined.slice(1);
  return /^[a-z]/.test(named) ? named : `call${joined}`;
}

/** `acme-score` → `Acme Score`. */
export function title(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

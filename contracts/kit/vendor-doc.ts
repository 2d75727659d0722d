/** What an adapter's `vendor.openapi.yaml` says beside the shapes: effects, groups, error codes. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Subject } from "./types.ts";

interface VendorOperation {
  id: string;
  effect: string | undefined;
  group: string | undefined;
  /** `x-answers-unsigned`: why a vendor that signs does not sign this one's answers. */
  unsignedWhy: string | undefined;
  /** Documented for this operation alone. */
  codes: readonly string[];
  /** Names of members in its answers, at any depth. */
  answerMembers: ReadonlySet<string>;
}

export interface VendorDoc {
  operations: ReadonlyMap<string, VendorOperation>;
  /** Documented for every operation. */
  codes: readonly string[];
}

type Node = Record<string, unknown>;

const methods = ["get", "put", "post", "delete", "patch"];
const maxAliasCount = 10_000;
const known = new WeakMap<Subject, VendorDoc>();

/** Reads it once per subject. */
export function vendorDoc(subject: Subject): VendorDoc {
  const before = known.get(subject);
  if (before !== undefined) return before;
  const root = parse(readFileSync(subject.adapter.spec, "utf8"), { maxAliasCount }) as Node;
  const operations = new Map<string, VendorOperation>();
  for (const item of Object.values((root["paths"] as Record<string, Node> | undefined) ?? {})) {
    for (const method of methods) {
      const operation = item[method] as Node | undefined;
      if (operation === undefined) continue;
      const id = String(operation["operationId"]);
      operations.set(id, {
        id,
        effect: operation["x-effect"] as string | undefined,
        group: operation["x-group"] as string | undefined,
        unsignedWhy: operation["x-answers-unsigned"] as string | undefined,
        codes: Object.keys((operation["x-error-codes"] as Node | undefined) ?? {}),
        answerMembers: membersIn(root, operation["responses"]),
      });
    }
  }
  const doc = { operations, codes: Object.keys((root["x-error-codes"] as Node | undefined) ?? {}) };
  known.set(subject, doc);
  return doc;
}

function membersIn(root: Node, schema: unknown): Set<string> {
  const members = new Set<string>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    const { $ref: ref, properties } = value as Node;
    if (typeof ref === "string") {
      let at: unknown = root;
      for (const token of ref.slice(2).split("/")) at = (at as Node | undefined)?.[token];
      visit(at);
    }
    if (typeof properties === "object" && properties !== null)
      Object.keys(properties).forEach((name) => members.add(name));
    Object.values(value).forEach(visit);
  };
  visit(schema);
  return members;
}

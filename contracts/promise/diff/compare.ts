/** Compares two OpenAPI documents: the promise as it was given, and as it would be now. */
import { compareErrorCodes } from "./answers.ts";
import { compareOperation } from "./operations.ts";
import type { OperationNode } from "./operations.ts";
import { nodeOf, same } from "./types.ts";
import type { Change, Direction, Json, Level, Node, Walk } from "./types.ts";

const verbs = new Set(["get", "put", "post", "delete", "options", "head", "patch", "trace"]);
const rank: Record<Level, number> = { breaking: 0, additive: 1, docs: 2 };

/** Every change, the breaking ones first; the same change in several operations is told once, with all of them. */
export function compareDocuments(before: Node, after: Node): Change[] {
  const changes = new Map<string, Change>();
  let count = 0;
  const clean = new Set<string>();
  const walkFor =
    (operation: string) =>
    (direction: Direction): Walk => ({
      before,
      after,
      direction,
      clean,
      noted: () => count,
      note(level, where, what) {
        count += 1;
        const place =
          /^(?:[A-Z]+ \/|webhook )/.test(where) || operation === "" ? where : `${where}, ${spoken[direction]}`;
        const key = `${level} ${place} ${what}`;
        const known = changes.get(key) ?? { level, where: place, what, operations: [] };
        if (operation !== "" && !known.operations.includes(operation)) known.operations.push(operation);
        changes.set(key, known);
      },
    });
  compareAll(operationsOf(before), operationsOf(after), walkFor, false);
  compareAll(webhooksOf(before), webhooksOf(after), walkFor, true);
  const whole = walkFor("")("out");
  compareErrorCodes(whole, nodeOf(before["x-error-codes"]), nodeOf(after["x-error-codes"]), "every operation");
  for (const key of ["info", "tags", "externalDocs"]) {
    const text = (value: Json): Json => ({ ...nodeOf(value), version: "" });
    if (!same(text(before[key]), text(after[key]))) whole.note("docs", key, "changed");
  }
  for (const key of ["security", "servers"]) {
    if (!same(before[key], after[key])) whole.note(key === "security" ? "breaking" : "docs", key, "changed");
  }
  const schemes = (document: Node): Json => nodeOf(document["components"])["securitySchemes"];
  if (!same(schemes(before), schemes(after))) whole.note("breaking", "security schemes", "changed");
  return [...changes.values()].toSorted((a, b) => rank[a.level] - rank[b.level]);
}

const spoken: Record<Direction, string> = { in: "in requests", out: "in answers" };

function compareAll(
  had: Map<string, OperationNode>,
  has: Map<string, OperationNode>,
  walkFor: (operation: string) => (direction: Direction) => Walk,
  isWebhook: boolean,
): void {
  for (const [key, before] of had) {
    const after = has.get(key);
    const walkOf = walkFor(before.id);
    if (after === undefined) walkOf("out").note("breaking", key, `${before.id} removed`);
    else compareOperation([before, after], walkOf, isWebhook);
  }
  for (const [key, { id }] of has) if (!had.has(key)) walkFor(id)("out").note("additive", key, `${id} added`);
}

/** Every operation of the paths, by method and path. */
export function operationsOf(document: Node): Map<string, OperationNode> {
  const all = Object.entries(nodeOf(document["paths"])).flatMap(([path, item]) => {
    const { parameters } = nodeOf(item) as { parameters?: Json[] };
    return Object.entries(nodeOf(item))
      .filter(([verb]) => verbs.has(verb))
      .map(([verb, node]) => nodeFor(`${verb.toUpperCase()} ${path}`, nodeOf(node), parameters ?? []));
  });
  return new Map(all.map((each) => [each.key, each]));
}

function webhooksOf(document: Node): Map<string, OperationNode> {
  const all = Object.entries(nodeOf(document["webhooks"])).map(([name, item]) =>
    nodeFor(`webhook ${name}`, nodeOf(nodeOf(item)["post"]), []),
  );
  return new Map(all.map((each) => [each.key, each]));
}

function nodeFor(key: string, node: Node, parameters: Json[]): OperationNode {
  return { key, id: String(node["operationId"] ?? key), node, parameters };
}

/** Compares one operation of two documents: what it is, what it takes, what it answers. */
import { compareAnswers, compareContent, compareErrorCodes } from "./answers.ts";
import { compareSchemas } from "./schemas.ts";
import { nodeOf, resolved, same } from "./types.ts";
import type { Direction, Json, Level, Node, Walk } from "./types.ts";

export interface OperationNode {
  /** `POST /v1/refunds`, or `webhook refund-succeeded`. */
  key: string;
  id: string;
  node: Node;
  /** Of the path, for all of its operations. */
  parameters: Json[];
}

export type Pair = readonly [before: OperationNode, after: OperationNode];
type WalkOf = (direction: Direction) => Walk;

/** What a behaviour that changed means; what is not named here and starts with `x-` is for documentation. */
const behaviours: Record<string, Level> = {
  operationId: "breaking",
  "x-effect": "breaking",
  "x-scope": "breaking",
  "x-creates": "breaking",
  "x-resource": "breaking",
  "x-resource-param": "breaking",
  "x-parents": "breaking",
  "x-resolve": "breaking",
  "x-sandbox": "breaking",
  security: "breaking",
  deprecated: "additive",
};
const walked = new Set(["parameters", "requestBody", "responses", "x-error-codes", "x-deadline"]);

/** Notes every difference; a webhook's body is what partners get, so its directions are the other way round. */
export function compareOperation([before, after]: Pair, walkOf: WalkOf, isWebhook = false): void {
  const sent = walkOf(isWebhook ? "out" : "in");
  const got = walkOf(isWebhook ? "in" : "out");
  const { key } = after;
  for (const name of new Set([...Object.keys(before.node), ...Object.keys(after.node)])) {
    const [old, now] = [before.node[name], after.node[name]];
    if (walked.has(name) || same(old, now)) continue;
    const level = behaviours[name] ?? "docs";
    const what = level === "docs" ? `${name} changed` : `${name} ${JSON.stringify(old)} → ${JSON.stringify(now)}`;
    sent.note(level, key, what);
  }
  compareDeadline(sent, before.node["x-deadline"], after.node["x-deadline"], key);
  compareParameters(sent, before, after);
  compareBody(sent, before.node["requestBody"], after.node["requestBody"], `${key}, body`);
  compareAnswers(got, nodeOf(before.node["responses"]), nodeOf(after.node["responses"]), key);
  compareErrorCodes(got, nodeOf(before.node["x-error-codes"]), nodeOf(after.node["x-error-codes"]), key);
}

function compareDeadline(walk: Walk, old: Json, now: Json, where: string): void {
  if (same(old, now)) return;
  const longer = milliseconds(now) > milliseconds(old);
  walk.note(longer ? "breaking" : "additive", where, `x-deadline ${String(old)} → ${String(now)}`);
}

/** `8s`, `500ms`, `1m`; none is for ever. */
function milliseconds(text: Json): number {
  const [, digits, unit] = /^(\d+)(ms|s|m)$/.exec(String(text)) ?? [];
  return digits === undefined ? Infinity : Number(digits) * ({ ms: 1, s: 1_000, m: 60_000 }[unit ?? "ms"] ?? 1);
}

function compareParameters(walk: Walk, before: OperationNode, after: OperationNode): void {
  const had = parametersOf(walk.before, before);
  const has = parametersOf(walk.after, after);
  for (const [name, old] of had) {
    const now = has.get(name);
    const where = `${after.key}, ${name}`;
    if (now === undefined) walk.note("breaking", where, "removed");
    else {
      if (old["required"] !== true && now["required"] === true) walk.note("breaking", where, "became required");
      if (old["required"] === true && now["required"] !== true) walk.note("additive", where, "is no longer required");
      for (const key of ["style", "explode", "content"]) {
        if (!same(old[key], now[key])) walk.note("breaking", where, `${key} changed`);
      }
      if (!same(old["description"], now["description"])) walk.note("docs", where, "description changed");
      compareSchemas(walk, old["schema"], now["schema"], where);
    }
  }
  for (const [name, now] of has) {
    if (had.has(name)) continue;
    const must = now["required"] === true;
    walk.note(must ? "breaking" : "additive", `${after.key}, ${name}`, must ? "added and required" : "added");
  }
}

function parametersOf(document: Node, { node, parameters }: OperationNode): Map<string, Node> {
  const own = Array.isArray(node["parameters"]) ? (node["parameters"] as Json[]) : [];
  return new Map(
    [...parameters, ...own].map((each) => {
      const parameter = resolved(document, each);
      return [`${String(parameter["in"])} parameter ${String(parameter["name"])}`, parameter];
    }),
  );
}

function compareBody(walk: Walk, before: Json, after: Json, where: string): void {
  const old = resolved(walk.before, before);
  const now = resolved(walk.after, after);
  if (before === undefined && after !== undefined) {
    const must = now["required"] === true;
    walk.note(must ? "breaking" : "additive", where, must ? "added and required" : "added");
  } else if (before !== undefined && after === undefined) walk.note("breaking", where, "removed");
  else {
    if (old["required"] !== true && now["required"] === true) walk.note("breaking", where, "became required");
    if (old["required"] === true && now["required"] !== true) walk.note("additive", where, "is no longer required");
    if (!same(old["description"], now["description"])) walk.note("docs", where, "description changed");
    compareContent(walk, nodeOf(old["content"]), nodeOf(now["content"]), where);
  }
}

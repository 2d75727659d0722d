/** Compares what an operation answers, and the media that requests and answers share. */
import { compareSchemas } from "./schemas.ts";
import { nodeOf, resolved, same } from "./types.ts";
import type { Json, Node, Walk } from "./types.ts";

/** Statuses with their headers, bodies and codes. */
export function compareAnswers(walk: Walk, before: Node, after: Node, key: string): void {
  for (const [status, response] of Object.entries(before)) {
    const where = `${key}, answer ${status}`;
    if (after[status] === undefined) {
      walk.note("breaking", where, "removed");
      continue;
    }
    const old = resolved(walk.before, response);
    const now = resolved(walk.after, after[status]);
    compareHeaders(walk, nodeOf(old["headers"]), nodeOf(now["headers"]), where);
    compareContent(walk, nodeOf(old["content"]), nodeOf(now["content"]), where);
    if (!same(old["description"], now["description"])) walk.note("docs", where, "description changed");
    compareCodes(walk, old["x-problems"], now["x-problems"], where);
  }
  for (const status of Object.keys(after)) {
    if (before[status] !== undefined) continue;
    // A caller switches on success; problems say by themselves what to do.
    walk.note(/^[45]|^default$/.test(status) ? "additive" : "breaking", `${key}, answer ${status}`, "added");
  }
}

function compareHeaders(walk: Walk, old: Node, now: Node, where: string): void {
  for (const [name, header] of Object.entries(old)) {
    if (now[name] === undefined) walk.note("breaking", `${where}, header ${name}`, "removed");
    else {
      const [was, is] = [resolved(walk.before, header), resolved(walk.after, now[name])];
      compareSchemas(walk, was["schema"], is["schema"], `${where}, header ${name}`);
    }
  }
  for (const name of Object.keys(now)) {
    if (old[name] === undefined) walk.note("additive", `${where}, header ${name}`, "added");
  }
}

/** The list of codes grows; one that goes was relied on. */
function compareCodes(walk: Walk, old: Json, now: Json, where: string): void {
  const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);
  const [had, has] = [list(old), list(now)];
  for (const code of had) if (!has.includes(code)) walk.note("breaking", where, `code ${String(code)} removed`);
  for (const code of has) if (!had.includes(code)) walk.note("additive", where, `code ${String(code)} added`);
}

/** A vendor's codes: a new one has no row yet. */
export function compareErrorCodes(walk: Walk, old: Node, now: Node, where: string): void {
  for (const code of Object.keys(now)) if (!(code in old)) walk.note("additive", where, `error code ${code} added`);
  for (const code of Object.keys(old)) if (!(code in now)) walk.note("additive", where, `error code ${code} removed`);
}

/** Media types and what they hold. */
export function compareContent(walk: Walk, old: Node, now: Node, where: string): void {
  for (const [type, media] of Object.entries(old)) {
    if (now[type] === undefined) walk.note("breaking", where, `${type} removed`);
    else {
      if (!same(nodeOf(media)["examples"], nodeOf(now[type])["examples"])) walk.note("docs", where, "examples changed");
      if (!same(nodeOf(media)["encoding"], nodeOf(now[type])["encoding"]))
        walk.note("breaking", where, "encoding changed");
      compareSchemas(walk, nodeOf(media)["schema"], nodeOf(now[type])["schema"], where);
    }
  }
  for (const type of Object.keys(now)) if (old[type] === undefined) walk.note("additive", where, `${type} added`);
}

/** The error codes that a vendor's document names, and where in an answer they stand. */
import { examplesOf, mostCommon, walkExample, walkSchema } from "./code-places.ts";
import { deref, isNode } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";

export interface FoundCode {
  code: string;
  meaning: string;
  /** The HTTP status that comes with it; undefined if the document leaves that open. */
  status: number | undefined;
}

/** What was seen of one code, before its status is decided. */
interface Sighting {
  meaning: string | undefined;
  /** Statuses of answers whose example bears it. */
  exact: Set<number>;
  /** Statuses of answers whose schema allows it; `undefined` stands for `default`. */
  allowed: Set<number | undefined>;
}

export interface Codes {
  found: FoundCode[];
  /** Members from the top of an error's body to its code, e.g. `["error", "code"]`; empty if nothing was recognised. */
  at: string[];
}

const codeText = /^[A-Za-z0-9][\w.:/-]{0,127}$/;

export function findCodes(document: Node): Codes {
  const seen = new Map<string, Sighting>();
  const places: string[][] = [];
  const sighting = (code: unknown): Sighting | undefined => {
    const text = typeof code === "number" ? String(code) : code;
    if (typeof text !== "string" || !codeText.test(text)) return undefined;
    const known = seen.get(text) ?? { meaning: undefined, exact: new Set(), allowed: new Set() };
    seen.set(text, known);
    return known;
  };
  for (const { status, response } of refusalsIn(document)) {
    const meaning = typeof response["description"] === "string" ? response["description"].trim() : undefined;
    for (const media of Object.values((response["content"] ?? {}) as Node).filter(isNode)) {
      for (const example of examplesOf(document, media)) {
        const at = walkExample(example, []);
        if (at === undefined) continue;
        places.push(at.path);
        const found = sighting(at.code);
        if (found === undefined) continue;
        found.meaning ??= meaning;
        if (status !== undefined) found.exact.add(status);
      }
      walkSchema(document, media["schema"], [], 0, (path, codes) => {
        places.push(path);
        for (const code of codes) sighting(code)?.allowed.add(status);
      });
    }
  }
  const owners = [document, ...Object.values(document["paths"] as Node).flatMap((item) => Object.values(item as Node))];
  for (const owner of owners.filter(isNode)) {
    for (const [code, meaning] of Object.entries(isNode(owner["x-error-codes"]) ? owner["x-error-codes"] : {})) {
      const found = sighting(code);
      if (found !== undefined) found.meaning = String(meaning);
    }
  }
  const found = [...seen].map(([code, each]) => ({
    code,
    meaning: each.meaning ?? "In the schema of an error.",
    status: statusOf(each),
  }));
  return { found, at: mostCommon(places) };
}

/**
 * An example says which status a code comes with; of several the one that promises least. A schema that all errors share says
 * nothing, unless no answer that bears it leaves the effect open.
 */
function statusOf({ exact, allowed }: Sighting): number | undefined {
  if (exact.size > 0) return Math.max(...exact);
  const statuses = [...allowed].map((status) => status ?? 500);
  if (statuses.length === 0 || statuses.some((status) => status >= 500)) return undefined;
  return statuses.length === 1 ? statuses[0] : 400;
}

function refusalsIn(document: Node): { status: number | undefined; response: Node }[] {
  const operations = Object.values(document["paths"] as Node).flatMap((item) =>
    Object.values(item as Node).filter(isNode),
  );
  return operations.flatMap((operation) =>
    Object.entries((operation["responses"] ?? {}) as Node).flatMap(([text, each]) => {
      const response = deref(document, each);
      if (response === undefined || !/^([45]|default)/i.test(text)) return [];
      const status = /^\d{3}$/.test(text)
        ? Number(text)
        : /^[45]/.test(text)
          ? Number(`${text.charAt(0)}00`)
          : undefined;
      return [{ status, response }];
    }),
  );
}

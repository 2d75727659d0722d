/** The operations that can be fired, each with the contract's own example of a body. */
import type { Adapter, OperationId } from "#capability";
import { operations, readBundle } from "#specs";

interface Example {
  name: string;
  body: unknown;
}

export interface Fireable {
  operation: OperationId;
  method: "GET" | "POST";
  path: string;
  examples: Example[];
}

interface Document {
  paths: Record<
    string,
    Record<string, { requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> } }>
  >;
}

/** What an adapter maps, in the contract's order. */
export function fireable(manifest: Adapter): Fireable[] {
  const document = readBundle() as unknown as Document;
  const capabilities = manifest.capabilities as Record<string, object | undefined>;
  return (Object.keys(operations) as OperationId[]).flatMap((operation) => {
    const [capability = "", verb = ""] = operation.split(".");
    if (!Object.hasOwn(capabilities[capability] ?? {}, verb)) return [];
    const { method, path } = operations[operation];
    const content = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content["application/json"];
    const examples = Object.entries(content?.examples ?? {}).map(([name, { value }]) => ({ name, body: value }));
    return [{ operation, method, path, examples }];
  });
}

/** The ids of what was made at this bench, the latest of each capability. */
export type Made = Map<string, string>;

/**
 * Where the request goes and what it holds: `{instalmentId}`, `?consentId=` and a parent's id in the body become those of
 * the latest resource made here, unless they were given.
 */
export function filledIn(
  operation: OperationId,
  given: { body?: unknown; path?: Record<string, string>; query?: Record<string, string> },
  made: Made,
): { target: string; body: unknown } {
  const { path, parents, resource, resourceParam } = operations[operation];
  const own = resource === undefined ? undefined : made.get(resource);
  const steps = path.replace(/\{([^}]+)\}/g, (whole, name: string) => {
    const value = given.path?.[name] ?? (name === resourceParam ? own : undefined);
    return value === undefined ? whole : encodeURIComponent(value);
  });
  const query = new URLSearchParams(given.query);
  let { body } = given;
  for (const { from, resource: kind } of parents) {
    const [where, name = ""] = from.split(".");
    const id = made.get(kind);
    if (id === undefined) continue;
    if (where === "query" && !query.has(name)) query.set(name, id);
    if (where === "body" && typeof body === "object" && body !== null) body = { ...body, [name]: id };
  }
  return { target: query.size === 0 ? steps : `${steps}?${query.toString()}`, body };
}

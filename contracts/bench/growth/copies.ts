/** Copies of the contract's operations under names of their own. */

/** What a copy's path and operation id are; undefined for what is there once and for all. */
function copied(path: string, operationId: string, number: number): { path: string; operationId: string } | undefined {
  const [, version, first, ...rest] = path.split("/");
  const [capability, verb] = operationId.split(".");
  if (version !== "v1") return undefined;
  return {
    path: ["", version, `${first}-${number}`, ...rest].join("/"),
    operationId: `${capability}${number}.${verb}`,
  };
}

/** The second to the `times`-th. */
const numbers = (times: number): number[] => Array.from({ length: times - 1 }, (_, index) => index + 2);

/** Adds to the table of operations, in place. */
export function moreOperations(operations: Record<string, { path: string }>, times: number): void {
  for (const [operationId, spec] of Object.entries({ ...operations })) {
    for (const number of numbers(times)) {
      const copy = copied(spec.path, operationId, number);
      if (copy !== undefined) operations[copy.operationId] = { ...spec, path: copy.path };
    }
  }
}

type Paths = Record<string, Record<string, { operationId?: string }>>;

/** Adds to the paths of an OpenAPI document, in place. */
export function morePaths(paths: Paths, times: number): void {
  for (const [path, methods] of Object.entries({ ...paths })) {
    for (const number of numbers(times)) {
      for (const [method, operation] of Object.entries(methods)) {
        const copy = copied(path, operation.operationId ?? "", number);
        if (copy === undefined) continue;
        (paths[copy.path] ??= {})[method] = { ...operation, operationId: copy.operationId };
      }
    }
  }
}

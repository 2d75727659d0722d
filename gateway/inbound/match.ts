import { operations } from "#specs";
import type { OperationId } from "#specs";

/** The contract's operation at a path, with its path parameters decoded. */
export interface Match {
  operationId: OperationId;
  params: Record<string, string>;
}

interface Node {
  literal: Map<string, Node>;
  parameter?: { name: string; node: Node };
  /** Method → the operation whose path ends here. */
  ends: Map<string, OperationId>;
}

const newNode = (): Node => ({ literal: new Map(), ends: new Map() });

/**
 * Method and path → operation, segment by segment, in a time that does not grow with the number of operations. A literal segment
 * goes before a parameter. Undefined: no operation, another method's, or a segment that is empty or badly encoded; the
 * validator itself then says which.
 */
export function createMatcher(): (method: string, path: string) => Match | undefined {
  const root = newNode();
  for (const [operationId, { method, path }] of Object.entries(operations)) {
    path
      .split("/")
      .reduce(descend, root)
      .ends.set(method, operationId as OperationId);
  }
  return (method, path) => {
    const params: Record<string, string> = {};
    const operationId = walk(root, path.split("/"), 0, params)?.ends.get(method);
    return operationId === undefined ? undefined : { operationId, params };
  };
}

/** The node of a path's next segment, made if it is not there. */
function descend(node: Node, segment: string): Node {
  if (segment.startsWith("{")) return (node.parameter ??= { name: segment.slice(1, -1), node: newNode() }).node;
  const next = node.literal.get(segment) ?? newNode();
  node.literal.set(segment, next);
  return next;
}

function walk(node: Node, sent: readonly string[], at: number, params: Record<string, string>): Node | undefined {
  const segment = sent[at];
  if (segment === undefined) return node.ends.size > 0 ? node : undefined;
  const literal = node.literal.get(segment);
  const found = literal && walk(literal, sent, at + 1, params);
  if (found !== undefined || node.parameter === undefined) return found;
  const value = decoded(segment);
  if (value === undefined || value === "") return undefined;
  params[node.parameter.name] = value;
  return walk(node.parameter.node, sent, at + 1, params);
}

function decoded(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

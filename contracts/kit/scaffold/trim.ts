/** The vendor's document as an adapter keeps it: what can be called, with `x-effect` and `x-group`, and what that refers to. */
import { camel } from "./names.ts";
import { deref, isNode, listOf } from "./read-spec.ts";
import type { Node } from "./read-spec.ts";

const methods = ["get", "put", "post", "delete", "patch"] as const;
const effects = new Set(["read", "charged", "once"]);
/** Bodies that the outbound road can encode. */
const encodable = /^application\/(x-www-form-urlencoded|([\w.-]+\+)?json)\b/;
const parameterPlaces = new Set(["path", "query", "header"]);
/** Set by signing or by the encoding of the body, never by a mapping. */
const ownHeaders = new Set(["authorization", "content-type", "accept"]);
const kept = ["openapi", "info", "servers", "security", "x-error-codes", "paths", "components"] as const;

export interface Trimmed {
  document: Node;
  /** Operations that were left out, with the reason. */
  leftOut: string[];
}

export function trim(source: Node): Trimmed {
  const leftOut: string[] = [];
  const used = new Set<string>();
  const paths: Node = {};
  for (const [path, each] of Object.entries(source["paths"] as Node)) {
    const item = deref(source, each);
    if (item === undefined || !path.startsWith("/")) continue;
    const operations = methods.flatMap((method) => {
      const operation = deref(source, item[method]);
      if (operation === undefined) return [];
      const media = Object.keys(deref(source, operation["requestBody"])?.["content"] ?? {});
      if (media.length > 0 && !media.some((type) => encodable.test(type))) {
        leftOut.push(`${method.toUpperCase()} ${path}: its body is ${media.join(", ")}`);
        return [];
      }
      return [[method, trimOperation(source, path, method, item, operation, used)] as const];
    });
    if (operations.length > 0) paths[path] = Object.fromEntries(operations);
  }
  const { components, ...rest } = Object.fromEntries(
    kept.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])),
  ) as Node;
  const document: Node = { ...rest, openapi: "3.1.0", paths };
  const needed = neededComponents(source, document);
  const schemes =
    isNode(components) && isNode(components["securitySchemes"])
      ? { securitySchemes: components["securitySchemes"] }
      : {};
  return { document: { ...document, components: { ...schemes, ...needed } }, leftOut };
}

function trimOperation(
  source: Node,
  path: string,
  method: string,
  item: Node,
  operation: Node,
  used: Set<string>,
): Node {
  const { summary, description, security, requestBody, responses } = operation;
  const codes = operation["x-error-codes"];
  const wanted = typeof operation["operationId"] === "string" ? operation["operationId"] : camel(`${method} ${path}`);
  let operationId = wanted;
  for (let at = 2; used.has(operationId); at += 1) operationId = `${wanted}${at}`;
  used.add(operationId);
  const parameters = mergedParameters(source, [...listOf(item["parameters"]), ...listOf(operation["parameters"])]);
  const effect = operation["x-effect"];
  return defined({
    operationId,
    summary,
    description,
    "x-effect": effects.has(String(effect)) ? effect : method === "get" ? "read" : "once",
    "x-group": operation["x-group"] ?? groupOf(path, operation),
    "x-error-codes": codes,
    security,
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: requestBody === undefined ? undefined : encodableOnly(source, requestBody),
    responses: responses ?? { default: { description: "Not described by the vendor." } },
  });
}

/** The operation's own parameters win over its path's; cookies and headers that signing sets are not a mapping's. */
function mergedParameters(source: Node, list: readonly unknown[]): unknown[] {
  const byPlace = new Map<string, unknown>();
  for (const each of list) {
    const parameter = deref(source, each);
    const place = String(parameter?.["in"]);
    const name = String(parameter?.["name"]).toLowerCase();
    if (!parameterPlaces.has(place) || (place === "header" && ownHeaders.has(name))) continue;
    byPlace.set(`${place} ${name}`, each);
  }
  return [...byPlace.values()];
}

function encodableOnly(source: Node, value: unknown): Node {
  const body = deref(source, value) ?? {};
  const content = Object.entries((body["content"] ?? {}) as Node).filter(([type]) => encodable.test(type));
  return { ...body, content: Object.fromEntries(content) };
}

function groupOf(path: string, operation: Node): string {
  const tag = listOf(operation["tags"])[0];
  const step = path.split(/[/#]/).find((each) => each !== "" && !each.startsWith("{") && !/^v\d/.test(each));
  return camel(typeof tag === "string" ? tag : (step ?? "api"));
}

/** Every component that something kept refers to, and what those refer to. */
function neededComponents(source: Node, document: Node): Node {
  const found: Record<string, Node> = {};
  const open: unknown[] = [document];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== "object" || node === null) continue;
    const ref = (node as Node)["$ref"];
    if (typeof ref === "string") {
      const [, , kind = "", name = ""] = ref.split("/").map((step) => decodeURIComponent(step));
      const target = deref(source, { $ref: ref.split("/").slice(0, 4).join("/") });
      if (target !== undefined && found[kind]?.[name] === undefined) {
        (found[kind] ??= {})[name] = target;
        open.push(target);
      }
    }
    open.push(...Object.values(node).filter((member) => member !== undefined && member !== null));
  }
  return found;
}

function defined(node: Node): Node {
  return Object.fromEntries(Object.entries(node).filter(([, member]) => member !== undefined));
}

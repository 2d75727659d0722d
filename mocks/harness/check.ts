import type { MockVendor, WireAnswer, WireRequest } from "../types.ts";
import { decodeBody, decodeParameter, Undecodable } from "./decode.ts";
import { findings } from "./document.ts";
import { mediaTypeOf, type SpecAnswer, type SpecContent, type SpecOperation, type SpecParameter } from "./spec.ts";

type SpecBody = NonNullable<MockVendor["specBody"]>;

/** What in the request leaves the vendor's spec: JSON pointers with a `/path`, `/query`, `/header` or `/body` in front. */
export function checkRequest(operation: SpecOperation, request: WireRequest, specBody: SpecBody): string[] {
  const path = pathValues(operation.path, request.path);
  const found = request.method === operation.method ? [] : [`/: the spec has ${operation.method} for this operation`];
  if (path === undefined) found.push(`/path: is not ${operation.path}`);
  for (const parameter of operation.parameters) {
    if (parameter.in === "path" && path === undefined) continue;
    found.push(...checkParameter(parameter, textsOf(parameter, request, path ?? {})));
  }
  if (request.body.length === 0) {
    if (operation.body?.required === true) found.push("/body: is missing");
    return found;
  }
  if (operation.body === undefined) return [...found, "/body: the spec has none for this operation"];
  const { headers, body } = request;
  const message = { operation: operation.id, where: "request" as const, headers, body };
  return [...found, ...checkBody(operation.body.content, message, specBody)];
}

/** What in the answer leaves the vendor's spec. */
export function checkAnswer(operation: SpecOperation, answer: WireAnswer, specBody: SpecBody): string[] {
  const spec = answerFor(operation, answer.status);
  if (spec === undefined) return [`/: the spec has no status ${answer.status} for this operation`];
  const headers = lowerCase(answer.headers ?? {});
  const found = spec.headers.flatMap((header) => {
    const value = headers[header.name.toLowerCase()];
    return checkParameter(header, value === undefined ? [] : [value]);
  });
  if (answer.status < 200 || (answer.status >= 300 && answer.status < 400)) return found;
  const body = Buffer.from(answer.body ?? "");
  if (body.length === 0) return spec.content.size === 0 ? found : [...found, "/body: is missing"];
  if (spec.content.size === 0) return [...found, "/body: the spec has none for this status"];
  const message = { operation: operation.id, where: "answer" as const, headers, body };
  return [...found, ...checkBody(spec.content, message, specBody)];
}

function checkBody(
  contents: ReadonlyMap<string, SpecContent>,
  message: Parameters<SpecBody>[0],
  specBody: SpecBody,
): string[] {
  const contentType = message.headers["content-type"];
  if (contentType === undefined) return ["/header/content-type: is missing"];
  const mediaType = mediaTypeOf(contentType);
  const content = contents.get(mediaType) ?? contents.get(mediaType.replace(/\/.*/, "/*")) ?? contents.get("*/*");
  if (content === undefined) return [`/header/content-type: the spec has no ${mediaType} here`];
  if (content.check === undefined) return [];
  try {
    const value = specBody(message) ?? decodeBody(message.body, contentType, content);
    return findings("/body", content.check(value));
  } catch (error) {
    if (error instanceof Undecodable) return [`/body: ${error.message}`];
    throw error;
  }
}

function checkParameter(parameter: SpecParameter, texts: readonly string[]): string[] {
  const pointer = `/${parameter.in}/${parameter.name}`;
  if (texts.length === 0) return parameter.required ? [`${pointer}: is missing`] : [];
  try {
    return findings(pointer, parameter.check(decodeParameter(texts, parameter)));
  } catch (error) {
    if (error instanceof Undecodable) return [`${pointer}: ${error.message}`];
    throw error;
  }
}

function textsOf(parameter: SpecParameter, request: WireRequest, path: Record<string, string>): string[] {
  if (parameter.in === "query") return request.query.getAll(parameter.name);
  const value = parameter.in === "path" ? path[parameter.name] : request.headers[parameter.name.toLowerCase()];
  return value === undefined ? [] : [value];
}

/**
 * The path's values if the wire path ends in the spec's path (what stands before it is the base URL's own path), else
 * undefined.
 */
function pathValues(template: string, path: string): Record<string, string> | undefined {
  const wanted = template.split("/").slice(1);
  const given = path.split("/").slice(1);
  const start = given.length - wanted.length;
  if (start < 0) return undefined;
  const values: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const text = given[start + index] ?? "";
    const name = /^\{(.+)\}$/.exec(segment)?.[1];
    if (name === undefined && segment !== text) return undefined;
    if (name === undefined) continue;
    try {
      values[name] = decodeURIComponent(text);
    } catch {
      return undefined;
    }
  }
  return values;
}

function answerFor(operation: SpecOperation, status: number): SpecAnswer | undefined {
  const { answers } = operation;
  return answers.get(`${status}`) ?? answers.get(`${Math.floor(status / 100)}XX`) ?? answers.get("default");
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

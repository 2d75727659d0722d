import type { Request, RequestHandler } from "express";
import { operations } from "#specs";
import type { OperationId } from "#capability";
import { parseJson } from "#json";
import { Problem } from "#problem";
import type { ProblemError } from "#problem";
import { callOf } from "./call.ts";
import { canonicalMediaType } from "./contract.ts";
import type { ContractCheck } from "./contract.ts";
import { inboundLimits as limits } from "./limits.ts";

/** What express-openapi-validator hangs on a request, and what it throws. */
interface Matched {
  openapi?: { schema?: { operationId?: string }; pathParams?: Record<string, string> };
}
interface ValidationError {
  status?: number;
  errors?: { path?: string; message?: string; errorCode?: string }[];
  headers?: Record<string, string>;
}

/** Exact media types: the validator would compile and keep a new one for each parameter that a caller invents. */
const jsonMediaTypes = new Set([
  "application/json",
  "application/json; charset=utf-8",
  "application/json;charset=utf-8",
]);

/**
 * express-openapi-validator over the same bytes that were verified.
 * Problems: `target_malformed`, `content_type_unsupported`, `body_malformed`, `body_too_deep`, `not_found`, `method_not_allowed`,
 * `request_invalid`, `idempotency_key_missing`, `idempotency_key_malformed`.
 */
export function validate(check: ContractCheck): RequestHandler {
  return async (request, response, next) => {
    const call = callOf(request);
    const { path } = request;
    if (path.endsWith("/")) throw new Problem("not_found");
    if (path.includes("%") && !isDecodable(path))
      throw new Problem("target_malformed", { detail: "The path's encoding is broken." });
    parseBody(request, call.body);
    canonicalMediaType(request);
    const sentQuery = { ...readOnce(request) };
    try {
      await check(request, response);
    } catch (error) {
      throw refusal(error);
    }
    const matched = (request as Matched).openapi;
    const operationId = matched?.schema?.operationId;
    if (operationId === undefined || !Object.hasOwn(operations, operationId)) throw new Problem("not_found");
    call.operationId = operationId as OperationId;
    call.path = { ...matched?.pathParams };
    call.query = { ...request.query };
    refuseOtherSpellings(sentQuery, call.query);
    next();
  };
}

/** Express parses the query anew each time that it is looked at. */
function readOnce(request: Request): Record<string, unknown> {
  const value = request.query;
  Object.defineProperty(request, "query", { value, writable: true, configurable: true, enumerable: true });
  return value;
}

/** RFC 3986 2.1: every `%` with two digits, and what they spell is UTF-8. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** The validator reads `1e2` and `0x64` as 100; here a number has one spelling. */
function refuseOtherSpellings(sent: Record<string, unknown>, read: Record<string, unknown>): void {
  for (const [parameter, value] of Object.entries(read)) {
    if (typeof value !== "number" || sent[parameter] === undefined || sent[parameter] === String(value)) continue;
    throw new Problem("request_invalid", {
      errors: [{ parameter, detail: "must be a whole number in decimal digits" }],
    });
  }
}

function parseBody(request: Request, bytes: Buffer): void {
  if (bytes.length === 0) {
    request.body = undefined;
    return;
  }
  const type = request.headers["content-type"]?.toLowerCase() ?? "";
  if (!jsonMediaTypes.has(type)) {
    throw new Problem("content_type_unsupported", { detail: "Send Content-Type: application/json." });
  }
  const parsed = parseJson(bytes, { maxDepth: limits.maxDepth });
  if (!parsed.ok) {
    if (parsed.reason === "too deep") throw new Problem("body_too_deep");
    throw new Problem("body_malformed", { detail: `The body is not acceptable JSON: ${parsed.reason}.` });
  }
  callOf(request).json = parsed.value;
  request.body = parsed.value;
}

function refusal(error: unknown): unknown {
  const { status, errors, headers } = error as ValidationError;
  if (status === 404) return new Problem("not_found");
  if (status === 405) return new Problem("method_not_allowed", headers === undefined ? {} : { headers });
  if (status === 415) return new Problem("content_type_unsupported");
  if (status !== 400) return error;
  const details = (errors ?? []).filter(({ errorCode }) => errorCode !== "if.openapi.validation").map(place);
  const key = details.find(({ header }) => header?.toLowerCase() === "idempotency-key");
  if (key !== undefined) {
    return new Problem(key.detail.includes("required") ? "idempotency_key_missing" : "idempotency_key_malformed");
  }
  return new Problem("request_invalid", { errors: details });
}

/** `/body/amount/currency` → a pointer into the body, `/query/limit` → a parameter, `/headers/x` → a header. */
function place({ path = "", message = "is not valid" }: NonNullable<ValidationError["errors"]>[number]): ProblemError {
  const [, where = "", ...rest] = path.split("/");
  const detail = message.slice(0, 512);
  if (where === "query" || where === "params") return { parameter: rest.join("/") || where, detail };
  if (where === "headers") return { header: rest.join("/"), detail };
  return { pointer: where === "body" ? rest.map((step) => `/${step}`).join("") : path, detail };
}

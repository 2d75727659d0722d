import type { WireRequest } from "#mocks";
import { Refusal } from "./answer.ts";
import type { Key } from "./keys.ts";
import { isAction, unflatten, type Action } from "./parameters.ts";
import { verifyTc3 } from "./tc3.ts";
import { commonParameters, verifyV1 } from "./v1.ts";

/** A call whose signature was right. */
export interface VerifiedCall {
  action: Action;
  key: Key;
  parameters: Record<string, unknown>;
}

const version = "2018-03-01";

/** The action that the request names and the vendor has. */
export function actionOf(request: WireRequest): Action | undefined {
  const name = namedAction(request);
  return name !== undefined && isAction(name) ? name : undefined;
}

/** Whether the body is the action's JSON, as TC3 POST sends it; else it is a form (signature v1). */
export function isJsonCall(request: WireRequest): boolean {
  return !(request.headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
}

/**
 * Takes a call in any way that the vendor does: TC3 by POST or GET, or the older v1 signature by form or query. Throws the
 * vendor's `Refusal`, in the vendor's order: protocol, signature, version, action.
 */
export function readCall(request: WireRequest, keys: readonly Key[], now: Date): VerifiedCall {
  if (request.method !== "GET" && request.method !== "POST") {
    throw new Refusal("UnsupportedProtocol", "Only GET and POST are supported.");
  }
  if (request.path !== "/") throw new Refusal("InvalidRequest", "The path must be /.");
  const isTc3 = request.headers["authorization"] !== undefined;
  const flat = flatParameters(request);
  if (!isTc3 && !flat.has("Signature")) {
    throw new Refusal("AuthFailure.InvalidAuthorization", "The request carries no signature.");
  }
  const key = isTc3 ? verifyTc3(request, keys, now) : verifyV1(request, flat, keys, now);
  checkToken(isTc3 ? request.headers["x-tc-token"] : flat.get("Token"));
  const action = checkAction(namedAction(request), isTc3 ? request.headers["x-tc-version"] : flat.get("Version"));
  if (isTc3 && request.method === "POST") return { action, key, parameters: readJson(request.body) };
  for (const name of commonParameters) flat.delete(name);
  return { action, key, parameters: unflatten(action, flat) };
}

function namedAction(request: WireRequest): string | undefined {
  return request.headers["x-tc-action"] ?? flatParameters(request).get("Action");
}

function flatParameters(request: WireRequest): Map<string, string> {
  const form = isJsonCall(request) ? "" : request.body.toString("utf8");
  return new Map(request.method === "GET" ? request.query : new URLSearchParams(form));
}

function checkAction(action: string | undefined, sentVersion: string | undefined): Action {
  if (action === undefined)
    throw new Refusal("MissingParameter", "The request is missing a required parameter `Action`.");
  if (sentVersion === undefined) {
    throw new Refusal("MissingParameter", "The request is missing a required parameter `Version`.");
  }
  if (sentVersion !== version) {
    throw new Refusal("NoSuchVersion", `The specified version \`${sentVersion}\` does not exist.`);
  }
  if (!isAction(action))
    throw new Refusal("InvalidAction", `The request action=\`${action}\` is invalid or not exist.`);
  return action;
}

/** The sandbox's keys are long-lived ones: none of them goes with a session token. */
function checkToken(token: string | undefined): void {
  if (token !== undefined && token !== "") throw new Refusal("AuthFailure.TokenFailure", "The token is not correct.");
}

function readJson(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Answered below like any other body that is no object.
  }
  throw new Refusal("InvalidParameter", "The body is not a JSON object.");
}

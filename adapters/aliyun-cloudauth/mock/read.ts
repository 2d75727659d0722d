import type { WireRequest } from "#mocks";
import { verifyAcs3 } from "./acs3.ts";
import { GatewayRefusal } from "./answer.ts";
import type { Freshness } from "./freshness.ts";
import { admit, incompleteSignature, type Key } from "./keys.ts";
import { commonParameters, verifyRpc } from "./rpc.ts";

const actions = [
  "Id2MetaVerify",
  "Mobile3MetaDetailVerify",
  "BankMetaVerify",
  "InitFaceVerify",
  "DescribeFaceVerify",
] as const;
export type Action = (typeof actions)[number];

const version = "2019-03-07";

/** A call whose signature was right, with the parameters of its query and its form in one. */
export interface VerifiedCall {
  action: Action;
  parameters: ReadonlyMap<string, string>;
}

/** The action that the request names and the vendor has. */
export function actionOf(request: WireRequest): Action | undefined {
  const name = request.headers["x-acs-action"] ?? request.query.get("Action");
  return actions.find((action) => action === name);
}

/** Whether it is signed the older way. */
export function isRpcSigned(request: WireRequest): boolean {
  return request.headers["authorization"] === undefined && merged(request).has("Signature");
}

/** Takes a call in any way that the vendor does, or throws its refusal: method, signature, freshness, permission, action. */
export function readCall(request: WireRequest, keys: readonly Key[], fresh: Freshness): VerifiedCall {
  if (request.method !== "GET" && request.method !== "POST") {
    throw new GatewayRefusal(400, "UnsupportedHTTPMethod", "This http method not supported.");
  }
  const parameters = merged(request);
  if (request.headers["authorization"] === undefined && !parameters.has("Signature")) {
    throw incompleteSignature("the request carries no signature");
  }
  const isRpc = isRpcSigned(request);
  const key = isRpc ? verifyRpc(request.method, parameters, keys) : verifyAcs3(request, keys);
  fresh.checkDate(isRpc ? parameters.get("Timestamp") : request.headers["x-acs-date"]);
  fresh.useNonce(key.accessKeyId, isRpc ? parameters.get("SignatureNonce") : request.headers["x-acs-signature-nonce"]);
  admit(key);
  const given = isRpc ? parameters.get("Version") : request.headers["x-acs-version"];
  if (given !== version) throw new GatewayRefusal(400, "InvalidVersion", "Specified parameter Version is not valid.");
  const action = actionOf(request);
  if (action === undefined) {
    throw new GatewayRefusal(
      404,
      "InvalidApi.NotFound",
      "Specified api is not found, please check your url and method.",
    );
  }
  if (isRpc) for (const name of commonParameters) parameters.delete(name);
  return { action, parameters };
}

/** Query and form in one: for the vendor it makes no difference where a parameter stands. */
function merged(request: WireRequest): Map<string, string> {
  const isForm = (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? request.body.toString("utf8") : "");
  return new Map([...request.query, ...form]);
}

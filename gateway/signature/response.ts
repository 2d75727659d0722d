/** Rule 10 and 11: every answer is signed, and bound to the request it answers. */
import type { RequestBinding } from "./base.ts";
import type { Component } from "./components.ts";
import { component, compose, signatureHeaders } from "./compose.ts";
import { contentDigest } from "./digest.ts";
import type { SignKey } from "./keys.ts";

export const responseTag = "fapi-2-response";

export interface ResponseToSign {
  readonly status: number;
  /** Own headers to cover besides the digest: `content-type` first, then for instance `idempotency-replayed`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes that will be sent; never compressed afterwards (rule 8). */
  readonly body: Uint8Array;
  /** `VerifiedRequest.binding`; or `unverifiedBinding(…)`; undefined when the bytes received were no HTTP request. */
  readonly request: RequestBinding | undefined;
  readonly key: SignKey;
  /** Epoch seconds. */
  readonly created: number;
}

export interface SignedResponseHeaders {
  readonly "Content-Digest"?: string;
  readonly "Signature-Input": string;
  readonly Signature: string;
}

/** Signs an answer; a stored answer is signed anew for each request it is given to. Returns the headers to add. */
export function signResponse(response: ResponseToSign): SignedResponseHeaders {
  const { status, body, request, key, created } = response;
  const digest = hasDigest(response) ? { "Content-Digest": contentDigest(body) } : {};
  const fields = new Map<string, readonly string[]>();
  const components = [statusComponent];
  const cover = (headers: Readonly<Record<string, string>>, covered: boolean): void => {
    for (const [sent, value] of Object.entries(headers)) {
      const name = sent.toLowerCase();
      fields.set(name, [value]);
      if (covered) components.push(component(name));
    }
  };
  cover(digest, true);
  cover(response.headers, request?.signed !== undefined);
  if (request !== undefined) components.push(...requestComponents(request));
  const source = { derived: new Map([["@status", String(status)]]), fields, request };
  return {
    ...digest,
    ...signatureHeaders(compose(components, source, { created, tag: responseTag }, key)),
  };
}

/** An answer that carries no bytes carries no digest: 204, 304, the answer to HEAD, an empty body (rule 10). */
function hasDigest({ status, body, request }: ResponseToSign): boolean {
  return body.byteLength > 0 && status !== 204 && status !== 304 && request?.method !== "HEAD";
}

const req = true;
const statusComponent = component("@status");
const asked = [component("@method", { req }), component("@target-uri", { req })];
/** The request's fields that an answer repeats when the request covered them. */
const repeated = ["content-digest", "content-type", "idempotency-key"].map((name) => component(name, { req }));

/** What an answer says of its request: everything signed when that signature was valid, else only what was asked. */
function requestComponents({ signed }: RequestBinding): Component[] {
  if (signed === undefined) return asked;
  return [
    ...asked,
    ...repeated.filter(({ name }) => signed.fields.has(name)),
    component("signature", { req, key: signed.label }),
    component("signature-input", { req, key: signed.label }),
  ];
}

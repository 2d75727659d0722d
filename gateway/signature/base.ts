/** The signature base of RFC 9421 2.5: the text whose bytes are signed. */
import type { Component } from "./components.ts";
import { type Fields, fieldValue } from "./fields.ts";
import { refuse } from "./refusal.ts";

/** The request that an answer belongs to, as far as the answer's signature may speak of it. */
export interface RequestBinding {
  readonly method: string;
  readonly targetUri: string;
  /** Absent when the request's signature was not valid (rule 10). */
  readonly signed?: SignedRequestParts;
}

interface SignedRequestParts {
  readonly label: string;
  /** Raw member texts, without label. */
  readonly signatureInput: string;
  readonly signature: string;
  /** Covered fields of the request: lower-case name → value as received. */
  readonly fields: ReadonlyMap<string, string>;
}

/** A message as the base sees it. */
export interface BaseSource {
  /** `@method`, `@target-uri` or `@status` of this message. */
  readonly derived: ReadonlyMap<string, string>;
  readonly fields: Fields;
  readonly request?: RequestBinding | undefined;
}

/**
 * One line per component, then `@signature-params`; LF between lines, none at the end. Refuses with
 * `signature_coverage`.
 */
export function signatureBase(components: readonly Component[], source: BaseSource, paramsText: string): string {
  let base = "";
  for (const component of components) {
    const value = component.req ? requestValue(component, source.request) : ownValue(component, source);
    if (value === undefined) refuse("signature_coverage", `The message has no ${component.id} to cover.`);
    // A base is ASCII (RFC 9421 2.5); a line break inside a value would forge further lines.
    if (!/^[\x20-\x7e\t]*$/.test(value))
      refuse("signature_coverage", `The value of ${component.id} is not printable ASCII.`);
    base += `${component.id}: ${value}\n`;
  }
  return `${base}"@signature-params": ${paramsText}`;
}

function ownValue({ name, key }: Component, source: BaseSource): string | undefined {
  if (key !== undefined) return undefined;
  return name.startsWith("@") ? source.derived.get(name) : fieldValue(source.fields, name);
}

function requestValue({ name, key }: Component, request: RequestBinding | undefined): string | undefined {
  if (request === undefined) return undefined;
  if (name === "signature" || name === "signature-input") {
    if (request.signed === undefined || key !== request.signed.label) return undefined;
    return name === "signature" ? request.signed.signature : request.signed.signatureInput;
  }
  if (key !== undefined) return undefined;
  if (name === "@method") return request.method;
  if (name === "@target-uri") return request.targetUri;
  return request.signed?.fields.get(name);
}

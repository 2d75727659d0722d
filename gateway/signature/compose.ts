/** Writing a signature: component identifiers and parameters in this profile's order, then the two header fields. */
import { serializeString } from "structured-headers";
import { type BaseSource, signatureBase } from "./base.ts";
import type { Component } from "./components.ts";
import { componentId } from "./components.ts";
import { signBase } from "./crypto.ts";
import type { SignKey } from "./keys.ts";

/** The label that we write; a reader must not care. */
const ourLabel = "sig";

export interface ParamsToSign {
  /** Epoch seconds. */
  readonly created: number;
  readonly expires?: number;
  readonly nonce?: string;
  readonly tag: string;
}

export interface ComposedSignature {
  readonly label: string;
  /** Member texts without label. */
  readonly signatureInput: string;
  readonly signature: string;
  readonly base: string;
}

/** A component to cover, from its name and where it is taken from. */
export function component(name: string, from: { readonly req?: boolean; readonly key?: string } = {}): Component {
  return { name, req: from.req ?? false, key: from.key, id: componentId(name, from) };
}

/**
 * Signs a message. A covered field that is absent or not printable ASCII throws, since that is the signer's mistake.
 */
export function compose(
  components: readonly Component[],
  source: BaseSource,
  params: ParamsToSign,
  key: SignKey,
): ComposedSignature {
  const { created, expires, nonce, tag } = params;
  let text = `(${components.map(({ id }) => id).join(" ")});created=${created}`;
  if (expires !== undefined) text += `;expires=${expires}`;
  text += `;keyid=${quoted(key.keyid)}`;
  if (nonce !== undefined) text += `;nonce=${quoted(nonce)}`;
  text += `;tag=${quoted(tag)}`;
  const base = signatureBase(components, source, text);
  return {
    label: ourLabel,
    signatureInput: text,
    signature: `:${signBase(key, base).toString("base64")}:`,
    base,
  };
}

/** What needs no escape, which is what thumbprints, nonces and tags are made of. */
const plain = /^[A-Za-z0-9._~+/=:-]*$/;

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : serializeString(text);
}

/** The two header fields of a composed signature. */
export function signatureHeaders(composed: ComposedSignature): {
  "Signature-Input": string;
  Signature: string;
} {
  const { label, signatureInput, signature } = composed;
  return { "Signature-Input": `${label}=${signatureInput}`, Signature: `${label}=${signature}` };
}

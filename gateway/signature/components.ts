/** Rule 5: what a signature covers. */
import { type Item, serializeItem } from "structured-headers";
import { maxComponents } from "./limits.ts";
import { refuse } from "./refusal.ts";

export interface Component {
  readonly name: string;
  /** `;req`: the component is taken from the request that is being answered (RFC 9421 2.4). */
  readonly req: boolean;
  /** `;key="…"`: one member of a dictionary field (RFC 9421 2.1.2). */
  readonly key: string | undefined;
  /** The identifier as it stands in the signature base, for instance `"signature";req;key="sig"`. */
  readonly id: string;
}

const derivedName = /^@(?:method|target-uri|status)$/;
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Reads component identifiers. With `parameters: false` (requests, webhooks) any component parameter is refused:
 * `;req` there would sign another message's field, `;bs`, `;sf` and `;key` only part of one. Refuses with
 * `signature_coverage`.
 */
export function readComponents(
  items: readonly Item[],
  allowed: { readonly parameters: boolean },
): readonly Component[] {
  if (allowed.parameters) return readAnew(items, true);
  const known = readBefore.get(items);
  if (known !== undefined) return known;
  const components = readAnew(items, false);
  readBefore.set(items, components);
  return components;
}

/** Lists without parameters, by the items that plain-member.ts keeps. */
const readBefore = new WeakMap<readonly Item[], readonly Component[]>();

function readAnew(items: readonly Item[], parametersAllowed: boolean): Component[] {
  if (items.length > maxComponents)
    refuse("signature_coverage", `A signature covers at most ${maxComponents} components.`);
  const components = items.map((item) => readComponent(item, parametersAllowed));
  const identities = new Set(components.map((c) => componentId(c.name, c)));
  if (identities.size !== components.length) refuse("signature_coverage", "A component is covered twice.");
  return components;
}

function readComponent(item: Item, parametersAllowed: boolean): Component {
  const [name, params] = item;
  if (typeof name !== "string" || !(derivedName.test(name) || fieldName.test(name))) {
    refuse("signature_coverage", "A component is neither @method, @target-uri, @status nor a lower-case field name.");
  }
  if (params.size > 0 && !parametersAllowed)
    refuse("signature_coverage", `The component "${name}" must have no parameters.`);
  for (const parameter of params.keys()) {
    if (parameter !== "req" && parameter !== "key") {
      refuse("signature_coverage", `The component parameter ${parameter} is not part of this profile.`);
    }
  }
  const req = params.get("req") ?? false;
  const key = params.get("key");
  if (typeof req !== "boolean" || (params.has("req") && !req))
    refuse("signature_coverage", `;req of "${name}" is malformed.`);
  if (key !== undefined && typeof key !== "string") refuse("signature_coverage", `;key of "${name}" must be a string.`);
  return { name, req, key, id: params.size === 0 ? `"${name}"` : serializeItem(item) };
}

/** The identifier with its parameters in this profile's order, `req` before `key`. */
export function componentId(
  name: string,
  params: { readonly req?: boolean; readonly key?: string | undefined } = {},
): string {
  return `"${name}"${params.req ? ";req" : ""}${params.key === undefined ? "" : `;key="${params.key}"`}`;
}

/** Refuses with `signature_coverage` when one of `required` (canonical identifiers) is not covered. */
export function requireCoverage(components: readonly Component[], required: readonly string[]): void {
  for (const id of required) {
    // Parameters may be spelt in another order than ours.
    if (!components.some((c) => c.id === id) && !components.some((c) => componentId(c.name, c) === id))
      refuse("signature_coverage", `The signature must cover ${id}.`);
  }
}

/**
 * Rule 4: the one signature that speaks to us, chosen by its tag. Labels mean nothing, foreign tags are not ours to
 * judge.
 */
import { type Item, type Parameters, isInnerList } from "structured-headers";
import { type Fields, fieldValue } from "./fields.ts";
import { maxSignatureChars, maxSignatureInputChars, maxSignatures } from "./limits.ts";
import { type Member, hasDuplicates, readMembers } from "./members.ts";
import { refuse } from "./refusal.ts";

export interface SelectedSignature {
  readonly label: string;
  readonly components: readonly Item[];
  readonly params: Parameters;
  /** The inner list of `Signature-Input` as received, without its label: the value of `@signature-params`. */
  readonly inputText: string;
  /** The member of `Signature` as received, without its label: `:base64:`. */
  readonly signatureText: string;
  readonly signature: Uint8Array;
}

/** Picks the signature with `tag`. Refuses with `signature_missing`, `signature_ambiguous` or `signature_params`. */
export function selectSignature(fields: Fields, tag: string): SelectedSignature {
  const inputs = readField(fields, "signature-input", maxSignatureInputChars);
  const signatures = readField(fields, "signature", maxSignatureChars);
  const tagged = inputs.filter((input) => input.value[1].get("tag") === tag);
  const [input] = tagged;
  if (input === undefined) refuse("signature_missing", `No signature carries tag="${tag}".`);
  if (tagged.length > 1) refuse("signature_ambiguous", `More than one signature carries tag="${tag}".`);

  const list = input.value;
  if (!isInnerList(list)) refuse("signature_params", "The Signature-Input member must be a list of components.");
  // Only the canonical spelling: signer and verifier then cannot differ about the text that is signed.
  if (!input.canonical) {
    refuse(
      "signature_params",
      "Signature-Input is not in canonical form: single spaces, no doubled parameter, plain integers.",
    );
  }
  const member = signatures.find((signature) => signature.label === input.label);
  if (member === undefined) refuse("signature_missing", "Signature has no member under the label of Signature-Input.");
  const bytes = member.value[0];
  if (!member.canonical || !(bytes instanceof ArrayBuffer) || member.value[1].size > 0) {
    refuse(
      "signature_params",
      "The Signature member must be padded standard base64 between colons, without parameters.",
    );
  }
  return {
    label: input.label,
    components: list[0],
    params: list[1],
    inputText: input.text,
    signatureText: member.text,
    signature: new Uint8Array(bytes),
  };
}

function readField(fields: Fields, name: string, maxChars: number): Member[] {
  const raw = fieldValue(fields, name);
  if (raw === undefined || raw === "") refuse("signature_missing", `The header ${name} is missing.`);
  if (raw.length > maxChars) refuse("signature_params", `The header ${name} exceeds ${maxChars} characters.`);
  const members = parse(raw, name);
  if (hasDuplicates(members)) refuse("signature_ambiguous", `The header ${name} uses a label twice.`);
  return members;
}

function parse(raw: string, name: string): Member[] {
  try {
    return readMembers(raw, maxSignatures);
  } catch {
    return refuse(
      "signature_params",
      `The header ${name} is not a structured dictionary of at most ${maxSignatures} members.`,
    );
  }
}

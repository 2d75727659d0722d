/**
 * The way that requests, answers and webhooks share: pick → components → coverage → parameters → base → freshness →
 * key → bytes.
 */
import { type BaseSource, signatureBase } from "./base.ts";
import { type Component, readComponents, requireCoverage } from "./components.ts";
import { verifyBase, verifyInVain } from "./crypto.ts";
import type { VerifyKey } from "./keys.ts";
import { type SignatureParams, checkFreshness, readParams } from "./params.ts";
import { refuse } from "./refusal.ts";
import { type SelectedSignature, selectSignature } from "./select.ts";

export interface Policy {
  readonly tag: string;
  readonly nonce: boolean;
  readonly maxAgeSeconds: number;
  /** Whether components may be taken from the answered request. */
  readonly componentParameters: boolean;
  /** Identifiers that this message's signature must cover. */
  readonly required: (components: readonly Component[]) => readonly string[];
}

/** A signature that satisfies the profile in form; only its bytes are still to be proven. */
export interface Candidate {
  readonly selected: SelectedSignature;
  readonly components: readonly Component[];
  readonly params: SignatureParams;
  readonly base: string;
}

/** Reads the message's signature under a policy. Refuses by throwing; see refusal.ts. */
export function readCandidate(source: BaseSource, policy: Policy, nowMs: number): Candidate {
  const selected = selectSignature(source.fields, policy.tag);
  const components = readComponents(selected.components, {
    parameters: policy.componentParameters,
  });
  requireCoverage(components, policy.required(components));
  const params = readParams(selected.params, { nonce: policy.nonce });
  const base = signatureBase(components, source, selected.inputText);
  checkFreshness(params, nowMs, policy.maxAgeSeconds, base);
  return { selected, components, params, base };
}

/**
 * Whether the bytes verify. For an unknown key the same work is done against a key that nobody holds, so that the
 * time taken does not tell known keys from unknown ones (rule 14).
 */
export function isValid(candidate: Candidate, key: VerifyKey | undefined): boolean {
  const { base, selected } = candidate;
  return key === undefined ? verifyInVain(base, selected.signature) : verifyBase(key, base, selected.signature);
}

/** One answer for an unknown key and for wrong bytes (rule 14). */
export function refuseInvalid(candidate: Candidate): never {
  return refuse("signature_invalid", "The signature does not verify with an active key of this keyid.", {
    base: candidate.base,
  });
}

/** Rule 15, sandbox only: why a signature failed, in terms that its sender can act on alone. */
import type { Refusal, RefusalCode } from "./refusal.ts";

export interface Explanation {
  readonly code: RefusalCode;
  readonly rule: number;
  readonly detail: string;
  /** The signature base computed here; absent when the message was refused before there was one. */
  readonly base?: string;
  /** Where the sender's base first differs from it. */
  readonly firstDifference?: Difference;
  readonly hints: readonly string[];
}

export interface Difference {
  /** From 1. */
  readonly line: number;
  /** The line here; absent when the sender's base has more lines. */
  readonly expected?: string;
  /** The sender's line; absent when the sender's base has fewer. */
  readonly received?: string;
}

/** Compares the sender's signature base, when it was sent along, with the one computed here. */
export function explainRefusal(refused: Refusal, senderBase?: string): Explanation {
  const { code, rule, detail, base } = refused;
  if (base === undefined) return { code, rule, detail, hints: [] };
  const difference = senderBase === undefined ? undefined : firstDifference(base, senderBase);
  const hints = code === "signature_invalid" ? invalidHints(base, senderBase, difference) : [];
  return { code, rule, detail, base, ...(difference && { firstDifference: difference }), hints };
}

/**
 * The first line in which two bases differ, a trailing line break or carriage return included; undefined when they
 * are equal.
 */
export function firstDifference(expected: string, received: string): Difference | undefined {
  const ours = expected.split("\n");
  const theirs = received.split("\n");
  const index = Array.from({ length: Math.max(ours.length, theirs.length) }).findIndex((_, i) => ours[i] !== theirs[i]);
  if (index === -1) return undefined;
  const [our, their] = [ours[index], theirs[index]];
  return {
    line: index + 1,
    ...(our !== undefined && { expected: our }),
    ...(their !== undefined && { received: their }),
  };
}

function invalidHints(base: string, senderBase: string | undefined, difference: Difference | undefined): string[] {
  if (senderBase === undefined) return ["Send your own signature base along to see the first line that differs."];
  if (difference === undefined) {
    return [
      "The bases are equal: the key differs from the registered one, or the signature bytes are encoded otherwise.",
      "Ed25519 signs the base itself, not its hash.",
      "ES256 signatures are 64 bytes r‖s, not DER; PS256 uses SHA-256 and a salt of 32 bytes.",
    ];
  }
  if (senderBase.includes("\r")) return ["Lines end with LF alone, not with CR LF."];
  if (senderBase === `${base}\n`) return ["The base has no line break after its last line."];
  if (difference.expected?.startsWith('"@target-uri"')) {
    return ["@target-uri is the public origin and the target as sent: mind scheme, port, query and percent-encoding."];
  }
  if (difference.expected?.startsWith('"@signature-params"')) {
    return ["@signature-params is the text of Signature-Input after the label and its =, byte for byte."];
  }
  return [];
}

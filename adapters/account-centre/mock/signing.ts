import {
  createNonceWindow,
  generateJwk,
  loadKeySet,
  loadSignKey,
  publicJwks,
  signResponse,
  unverifiedBinding,
  verifyRequest,
} from "#signature";
import type { RequestBinding, SignKey, VerifyKey } from "#signature";
import type { MockContext, WireAnswer, WireRequest } from "#mocks";
import { problem, Refused } from "./problems.ts";
import type { Trouble } from "./scenarios.ts";

/** An answer before it is signed. */
export interface Unsigned {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Further headers that the signature covers. */
  covered?: Record<string, string>;
  trouble?: Trouble;
}

type Verified = { ok: true; binding: RequestBinding } | { ok: false; binding: RequestBinding; answer: Unsigned };

export interface Signing {
  /** The private JWK that the gateway signs with, and the keys that the platform publishes. */
  credentials: { privateJwk: unknown; platformJwks: { keys: unknown[] } };
  verify(request: WireRequest): Promise<Verified>;
  sign(answer: Unsigned, binding: RequestBinding): WireAnswer;
  /** For a request that nobody verified. */
  unverified(request: WireRequest): RequestBinding;
}

/** Fields of the gateway's that a signature must cover when they are there. */
const coveredWhenPresent = ["partner-id", "resource-id"];

/**
 * Our signature profile as the platform uses it, both ways, on raw bytes. The gateway's key is made here and handed out
 * with the credentials, as on the platform's onboarding page; keys that the gateway published are accepted too.
 */
export async function createSigning(context: MockContext): Promise<Signing> {
  const gatewayJwk = await context.keep("gateway-key", () => generateJwk());
  const own = await loadSignKey(await context.keep("platform-key", () => generateJwk()));
  const stranger = await loadSignKey(await context.keep("stranger-key", () => generateJwk()));
  const registered = await loadSignKey(gatewayJwk);
  const published = context.gatewayJwks.keys.length === 0 ? [] : await loadKeySet(context.gatewayJwks);
  const known: ReadonlyMap<string, VerifyKey> = new Map([...published, [registered.keyid, registered]]);
  const nonces = createNonceWindow({ nowMs: () => context.now().getTime() });

  function unverified(request: WireRequest): RequestBinding {
    return unverifiedBinding({ method: request.method, originalUrl: request.target, publicOrigin: context.origin });
  }

  function refused(binding: RequestBinding, code: string, detail: string, status: number): Verified {
    return { ok: false, binding, answer: asAnswer(new Refused(code, detail), status) };
  }

  return {
    credentials: { privateJwk: gatewayJwk, platformJwks: publicJwks([own]) },
    unverified,

    async verify(request) {
      const verdict = verifyRequest({
        method: request.method,
        originalUrl: request.target,
        rawHeaders: request.rawHeaders,
        body: request.body,
        publicOrigin: context.origin,
        nowMs: context.now().getTime(),
        resolveKey: (keyid) => {
          const key = known.get(keyid);
          return key === undefined ? undefined : { partner: "gateway", key };
        },
      });
      if (!verdict.ok) return refused(unverified(request), verdict.code, verdict.detail, verdict.status);
      const { binding, keyid, nonce, nonceExpiresAtMs } = verdict;
      const bare = coveredWhenPresent.find(
        (name) => request.headers[name] !== undefined && !binding.signed.fields.has(name),
      );
      if (bare !== undefined) return refused(binding, "signature_coverage", `The signature must cover ${bare}.`, 401);
      if (await nonces.claim(keyid, nonce, nonceExpiresAtMs)) return { ok: true, binding };
      return refused(binding, "signature_replay", "The nonce was used before.", 401);
    },

    sign({ status, headers, body, covered = {}, trouble = {} }, binding) {
      const key: SignKey = trouble.signature === "stranger" ? stranger : own;
      const bytes = Buffer.from(body);
      const signed = signResponse({
        status,
        headers: { "Content-Type": headers["Content-Type"] ?? "", ...covered },
        body: bytes,
        request: binding,
        key,
        created: Math.floor(context.now().getTime() / 1000),
      });
      return {
        status,
        headers: { ...headers, ...covered, ...(trouble.signature === "none" ? {} : signed) },
        body: trouble.signature === "tampered" ? body.replace('"status":"open"', '"status":"closed"') : body,
        ...(trouble.fault === undefined ? {} : { fault: trouble.fault }),
        ...(trouble.delayMs === undefined ? {} : { delayMs: trouble.delayMs }),
      };
    },
  };
}

/** A refusal as an answer. */
export function asAnswer(refusal: Refused, status?: number): Unsigned {
  const made = problem(refusal, status);
  const retryAfter: Record<string, string> = made.status === 503 ? { "Retry-After": "1" } : {};
  return { ...made, headers: { "Content-Type": "application/problem+json", ...retryAfter } };
}

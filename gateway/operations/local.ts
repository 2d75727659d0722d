import { operations } from "#specs";
import { Problem } from "#problem";
import { claimLifetimeMs, leaseMarginMs } from "./begin.ts";
import type { EffectRequest, OperationAnswer, OperationPorts } from "./types.ts";

/** A claimed effect of the gateway's own, such as registering an endpoint: no vendor is asked. */
export interface LocalClaim {
  request: EffectRequest;
  /** The process that claimed it first died: what it did may be there already. */
  takenOver: boolean;
}

export type LocallyBegun =
  | { kind: "claimed"; claim: LocalClaim }
  | { kind: "answered"; answer: OperationAnswer; replayed: true };

type Ports = Pick<OperationPorts, "store" | "now">;

/**
 * Claims nonce and idempotency key in one durable unit, before anything is done; a finished twin is answered from the store.
 * Problems: `idempotency_in_flight`, `idempotency_key_reused`, `signature_replay`.
 */
export async function claimLocal(ports: Ports, request: EffectRequest): Promise<LocallyBegun> {
  const { partner, key, operationId, fingerprint, nonce } = request;
  const nowMs = ports.now().getTime();
  const result = await ports.store.begin({
    partner,
    key,
    operationId,
    fingerprint,
    nonce,
    nowMs,
    claimExpiresAtMs: nowMs + claimLifetimeMs,
    leaseUntilMs: nowMs + operations[operationId].deadlineMs + leaseMarginMs,
  });
  switch (result.kind) {
    case "claimed":
      return { kind: "claimed", claim: { request, takenOver: false } };
    case "abandoned":
      return { kind: "claimed", claim: { request, takenOver: true } };
    case "replay":
      return { kind: "answered", answer: result, replayed: true };
    case "in_flight":
      throw new Problem("idempotency_in_flight", {
        retryAfterSeconds: Math.max(1, Math.ceil((result.leaseUntilMs - nowMs) / 1_000)),
      });
    case "mismatch":
      throw new Problem("idempotency_key_reused");
    case "nonce_replayed":
      throw new Problem("signature_replay");
  }
}

/**
 * Runs a claimed effect and stores its answer for repetitions. The effect must bear being run again after a crash, and must throw
 * a Problem only while it has done nothing: then the key is given back.
 */
export async function runClaimed(
  ports: Ports,
  { request }: LocalClaim,
  effect: () => Promise<OperationAnswer>,
): Promise<OperationAnswer> {
  const { partner, key, operationId } = request;
  let answer: OperationAnswer;
  try {
    answer = await effect();
  } catch (error) {
    if (error instanceof Problem && error.code !== "internal_error") await ports.store.release(request);
    throw error;
  }
  await ports.store.complete({ partner, key, operationId, nowMs: ports.now().getTime(), answer });
  return answer;
}

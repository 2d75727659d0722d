/** What makes an effect happen once, and what a read answers: intent, outcome, state. */
import { operations } from "#specs";
import { act } from "./act.ts";
import { begin } from "./begin.ts";
import type { Begun } from "./begin.ts";
import { create } from "./create.ts";
import { claimLocal, runClaimed } from "./local.ts";
import type { LocalClaim, LocallyBegun } from "./local.ts";
import { read } from "./read.ts";
import type {
  EffectRequest,
  Intent,
  OperationAnswer,
  OperationPorts,
  OperationRequest,
  OperationTrace,
} from "./types.ts";

export { within } from "./invoke.ts";
export { lanes } from "./lane.ts";
export { moveForward, refresh } from "./refresh.ts";
export { voidStatus } from "./states.ts";
export { isStuck, nextAskAtMs } from "./schedule.ts";
export type { RecoveryLimits } from "./schedule.ts";
export { stored } from "./rows.ts";
export type { LocalClaim } from "./local.ts";
export type { Intent, OperationAnswer, OperationPorts, OperationTrace } from "./types.ts";

export interface Operations {
  begin(request: EffectRequest): Promise<Begun>;
  /** Carries out what `begin` committed. */
  perform(intent: Intent, trace: OperationTrace): Promise<OperationAnswer>;
  read(request: OperationRequest, trace: OperationTrace): Promise<OperationAnswer>;
  /** The same two steps for an effect of the gateway's own. */
  claim(request: EffectRequest): Promise<LocallyBegun>;
  run(claim: LocalClaim, effect: () => Promise<OperationAnswer>): Promise<OperationAnswer>;
  /** For an unsafe method without an idempotency key; false = it was used before. */
  claimNonce(nonce: { keyid: string; nonce: string; expiresAtMs: number }): Promise<boolean>;
}

export function createOperations(ports: OperationPorts): Operations {
  return {
    begin: (request) => begin(ports, request),
    perform: (intent, trace) =>
      operations[intent.request.operationId].creates ? create(ports, intent, trace) : act(ports, intent, trace),
    read: (request, trace) => read(ports, request, trace),
    claim: (request) => claimLocal(ports, request),
    run: (claim, effect) => runClaimed(ports, claim, effect),
    claimNonce: ({ keyid, nonce, expiresAtMs }) =>
      ports.store.claimNonce(keyid, nonce, expiresAtMs, ports.now().getTime()),
  };
}

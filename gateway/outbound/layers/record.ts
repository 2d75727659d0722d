import { Fault } from "#capability";
import { outboundLimits as limits } from "../limits.ts";
import type { Layer } from "../types.ts";

/** One attempt as an operator may see it: where, how long, what kind of answer; nothing that was said. */
export interface Transcript {
  at: string;
  requestId: string;
  operationId: string;
  adapter: string;
  vendorOperation: string;
  attempt: number;
  method: string;
  host: string;
  requestBytes: number;
  status?: number;
  answerBytes?: number;
  fault?: { code: string; outcome: string; vendorCode?: string };
  durationMs: number;
}

/** One that nobody reads yet, which nearly all of them stay. */
type Attempt = Omit<Transcript, "at"> & { atMs: number };

/** A bounded ring of the latest attempts, read by request id. */
export class Transcripts {
  readonly #ring: Attempt[] = [];
  #next = 0;

  add(attempt: Attempt): void {
    this.#ring[this.#next] = attempt;
    this.#next = (this.#next + 1) % limits.maxTranscripts;
  }

  /** Oldest first. */
  of(requestId: string): Transcript[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)]
      .filter((attempt) => attempt.requestId === requestId)
      .map(({ atMs, ...rest }) => ({ at: new Date(atMs).toISOString(), ...rest }));
  }
}

/** Writes down each attempt, scrubbed by construction: sizes and codes only. */
export const record =
  (transcripts: Transcripts, now: () => Date): Layer =>
  (next) =>
  async (call) => {
    const startedMs = performance.now();
    const transcript: Attempt = {
      atMs: now().getTime(),
      requestId: call.origin.requestId,
      operationId: call.origin.operationId,
      adapter: call.adapter.manifest.name,
      vendorOperation: call.operation.id,
      attempt: call.attempt,
      method: call.operation.method,
      host: call.request?.url.host ?? "",
      requestBytes: call.request?.body?.length ?? 0,
      durationMs: 0,
    };
    try {
      const result = await next(call);
      transcript.status = result.raw.status;
      transcript.answerBytes = result.raw.bytes.length;
      return result;
    } catch (error) {
      if (error instanceof Fault) {
        const vendorCode = error.vendor?.code;
        transcript.fault = { code: error.code, outcome: error.outcome, ...(vendorCode ? { vendorCode } : {}) };
      }
      throw error;
    } finally {
      transcript.durationMs = Math.round(performance.now() - startedMs);
      transcripts.add(transcript);
    }
  };

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

/** A bounded ring of the latest attempts, read by request id. */
export class Transcripts {
  readonly #ring: Transcript[] = [];

  add(transcript: Transcript): void {
    this.#ring.push(transcript);
    if (this.#ring.length > limits.maxTranscripts) this.#ring.shift();
  }

  of(requestId: string): Transcript[] {
    return this.#ring.filter((transcript) => transcript.requestId === requestId);
  }
}

/** Writes down each attempt, scrubbed by construction: sizes and codes only. */
export const record =
  (transcripts: Transcripts, now: () => Date): Layer =>
  (next) =>
  async (call) => {
    const startedMs = performance.now();
    const transcript: Transcript = {
      at: now().toISOString(),
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

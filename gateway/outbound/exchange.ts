import type { Dispatcher } from "undici";
import type { RawAnswer } from "#capability";

/** The answer was larger than the limit; the socket was closed. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

export interface Wire {
  origin: string;
  path: string;
  method: string;
  headers: Record<string, string>;
  body: Buffer | null;
}

export interface Bounds {
  signal: AbortSignal;
  /** Of the answer's body. */
  maxBytes: number;
}

/**
 * One request and the whole of its answer over undici's dispatch, without a stream in between; repeated header fields joined with `, `. Rejects with what the socket or
 * the parser says, with the signal's reason, or with `AnswerTooLarge`; the socket is let go of in any case.
 */
export function exchange(dispatcher: Dispatcher, wire: Wire, { signal, maxBytes }: Bounds): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Record<string, string> = {};
    const chunks: Buffer[] = [];
    let size = 0;
    const abort = (): void => {
      // Still waiting for a connection: it is told when it starts.
      controller?.abort(asError(signal.reason));
      fail(asError(signal.reason));
    };
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(error);
    };
    signal.addEventListener("abort", abort, { once: true });
    dispatcher.dispatch(wire, {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) started.abort(asError(signal.reason));
      },
      onResponseStart(_controller, statusCode, received) {
        status = statusCode;
        headers = singleValued(received);
      },
      onResponseData(started, chunk) {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
        else started.abort(new AnswerTooLarge(`answer larger than ${maxBytes} bytes`));
      },
      onResponseEnd() {
        signal.removeEventListener("abort", abort);
        resolve({ status, headers, bytes: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) });
      },
      onResponseError: (_controller, error) => fail(error),
    });
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}

function singleValued(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return out;
}

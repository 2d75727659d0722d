import http from "node:http";
import https from "node:https";
import type { MockContext } from "../types.ts";
import { maxSendAnswerBytes, sendTimeoutMs } from "./limits.ts";

/** A callback that did not get through: refused, reset, timed out. Not a fault of the mock's. */
export class SendFailed extends Error {
  override readonly name = "SendFailed";
}

type Send = MockContext["send"];

/**
 * The vendor calling out. One connection per call, redirects not followed, the whole exchange bounded by `timeoutMs`, the
 * answer's body cut at `maxSendAnswerBytes`. Throws `SendFailed`. `stopped` ends what is in flight.
 */
export function createSend(stopped: () => AbortSignal): Send {
  return (request) => {
    const url = new URL(request.url);
    const body = request.body === undefined ? undefined : Buffer.from(request.body);
    const signal = AbortSignal.any([stopped(), AbortSignal.timeout(request.timeoutMs ?? sendTimeoutMs)]);
    const headers = body === undefined ? request.headers : { ...request.headers, "content-length": `${body.length}` };
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<Send>>>();
    const fail = (error: Error): void =>
      reject(
        new SendFailed(`${request.method} ${url.origin}${url.pathname}: ${error.message}`, {
          cause: error,
        }),
      );

    const outgoing = (url.protocol === "https:" ? https : http).request(
      url,
      { method: request.method, headers, agent: false, signal },
      (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        const finish = (): void => {
          const bytes = Buffer.concat(chunks).subarray(0, maxSendAnswerBytes);
          resolve({
            status: answer.statusCode ?? 0,
            headers: plain(answer.headers),
            body: bytes.toString("utf8"),
          });
        };
        answer.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          length += chunk.length;
          if (length < maxSendAnswerBytes) return;
          finish();
          answer.destroy();
        });
        answer.on("end", finish);
        answer.on("error", fail);
      },
    );
    outgoing.on("error", fail);
    outgoing.end(body);
    return promise;
  };
}

function plain(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

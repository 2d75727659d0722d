import type { Request, RequestHandler } from "express";
import { Problem } from "#problem";
import { callOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

/**
 * Reads the body as raw bytes under the limits, before anything looks at it. What is refused is still taken in, up to the
 * time that a request may take, and thrown away: closing on a sender would take the answer from it.
 * Problems: `headers_too_large`, `body_too_large`, `request_timeout`.
 */
export const receive: RequestHandler = async (request, _response, next) => {
  if (request.rawHeaders.length / 2 > limits.maxHeaderCount) throw new Problem("headers_too_large");
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limits.maxBodyBytes) throw tooLarge();
  if (hasBody(request)) callOf(request).body = await readBounded(request);
  next();
};

/** RFC 9112 6.3: a request that has neither field has no body. */
function hasBody({ headers }: Request): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

function readBounded(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limits.maxBodyBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
    });
    let ended = false;
    request.on("end", () => {
      ended = true;
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    // The sender went away, or its time ran out and that was answered: nobody reads this one.
    const unfinished = () => {
      if (!ended) reject(new Problem("request_timeout"));
    };
    request.on("error", unfinished);
    request.on("close", unfinished);
  });
}

function tooLarge(): Problem {
  return new Problem("body_too_large", { detail: `The body may have ${limits.maxBodyBytes} bytes.` });
}

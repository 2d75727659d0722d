import type { Request, RequestHandler } from "express";
import { Problem } from "#problem";
import { callOf } from "./call.ts";
import { inboundLimits as limits } from "./limits.ts";

/**
 * Reads the body as raw bytes under the limits, before anything looks at it.
 * Problems: `headers_too_large`, `body_too_large`.
 */
export const receive: RequestHandler = async (request, _response, next) => {
  if (request.rawHeaders.length / 2 > limits.maxHeaderCount) throw new Problem("headers_too_large");
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limits.maxBodyBytes) throw tooLarge();
  callOf(request).body = await readBounded(request);
  next();
};

async function readBounded(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The rest of the body is not read, so the connection cannot be used again. */
function tooLarge(): Problem {
  return new Problem("body_too_large", {
    detail: `The body may have ${limits.maxBodyBytes} bytes.`,
    headers: { Connection: "close" },
  });
}

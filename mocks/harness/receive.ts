import type { IncomingMessage } from "node:http";
import type { WireRequest } from "../types.ts";
import { maxRequestBodyBytes } from "./limits.ts";

/** The request as it came, with its whole body; undefined if the body is over the limit or the client went away. */
export async function receive(message: IncomingMessage): Promise<WireRequest | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxRequestBodyBytes) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return { ...headOf(message), body: Buffer.concat(chunks) };
}

/** What is known of a request before its body is read. */
export function headOf(message: IncomingMessage): WireRequest {
  const target = message.url ?? "/";
  const queryAt = target.indexOf("?");
  return {
    method: message.method ?? "GET",
    target,
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? "" : target.slice(queryAt + 1)),
    headers: firstOfEach(message.rawHeaders),
    rawHeaders: message.rawHeaders,
    body: Buffer.alloc(0),
  };
}

function firstOfEach(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    headers[name] ??= rawHeaders[at + 1] ?? "";
  }
  return headers;
}

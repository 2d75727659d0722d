import type { ServerResponse } from "node:http";
import type { WireAnswer, WireFault } from "../types.ts";
import { dripIntervalMs, missingBytes, resetAfterMs } from "./limits.ts";

/** Sends the answer over the socket, spoilt by its fault if it has one. A connection that is gone already is left alone. */
export async function respond(response: ServerResponse, answer: WireAnswer): Promise<void> {
  if (answer.delayMs !== undefined) await pause(response, answer.delayMs);
  if (response.destroyed || response.socket === null) return;
  const body = Buffer.from(answer.body ?? "");
  if (answer.fault !== undefined) return spoil[answer.fault](response, answer, body);
  head(response, answer, answer.body === undefined && hasNoBody(answer.status) ? undefined : body.length);
  response.end(body);
}

type Spoiler = (response: ServerResponse, answer: WireAnswer, body: Buffer) => void;

/** Each fault of `WireFault`, as it looks on the wire. */
const spoil: Record<WireFault, Spoiler> = {
  hang() {
    // The socket stays open and silent until the client gives up, or the mock dies or stops.
  },
  hang_after_headers(response, answer, body) {
    head(response, answer, Math.max(body.length, 1));
    response.flushHeaders();
  },
  drip(response, answer, body) {
    head(response, answer, body.length);
    response.flushHeaders();
    let sent = 0;
    const timer = setInterval(() => {
      if (sent < body.length) response.write(body.subarray(sent, (sent += 1)));
      if (sent < body.length) return;
      clearInterval(timer);
      response.end();
    }, dripIntervalMs);
    response.once("close", () => clearInterval(timer));
  },
  reset(response) {
    response.socket?.resetAndDestroy();
  },
  reset_mid_body(response, answer, body) {
    half(response, answer, body, () => {
      const timer = setTimeout(() => response.socket?.resetAndDestroy(), resetAfterMs);
      response.once("close", () => clearTimeout(timer));
    });
  },
  truncate(response, answer, body) {
    half(response, answer, body, () => response.socket?.destroySoon());
  },
  html_502(response) {
    const page =
      "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n" +
      "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    head(response, { status: 502, headers: { "content-type": "text/html" } }, Buffer.byteLength(page));
    response.end(page);
  },
};

function head(response: ServerResponse, answer: WireAnswer, contentLength: number | undefined): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    ...(contentLength === undefined ? {} : { "content-length": `${contentLength}` }),
  });
}

/** The head of the whole answer, the first half of its body, then `next` once that is written. */
function half(response: ServerResponse, answer: WireAnswer, body: Buffer, next: () => void): void {
  const part = body.subarray(0, Math.floor(body.length / 2));
  head(response, answer, body.length > 0 ? body.length : missingBytes);
  response.flushHeaders();
  if (part.length === 0) next();
  else response.write(part, next);
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 304;
}

function pause(response: ServerResponse, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    response.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

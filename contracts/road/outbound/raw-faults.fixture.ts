/** What the bare vendor answers, by the name of the fault. Each says `ended` when its answer is whole. */
import { gzipSync } from "node:zlib";
import type { RawRequest } from "./raw-vendor.fixture.ts";
import { goodAnswer, hmac } from "./vendor.fixture.ts";

type Behaviour = (request: RawRequest, ended: () => void) => void;

const mib = 1024 * 1024;
export const hugeBodyBytes = 20 * mib;
const dripEveryMs = 50;

/** A head and a body as bytes; with a length unless the headers say otherwise, and the vendor's good signature. */
function http(status: string, headers: Record<string, string>, body: string | Buffer = ""): Buffer {
  const bytes = Buffer.from(body);
  const own = { "content-type": "application/json", "x-answer-signature": hmac(bytes) };
  const all = { ...own, "content-length": String(bytes.length), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`, "latin1"), bytes]);
}

function good({ reference }: RawRequest, headers: Record<string, string> = {}): Buffer {
  return http("200 OK", headers, goodAnswer(reference).body);
}

const says =
  (bytes: (request: RawRequest) => Buffer): Behaviour =>
  (request, ended) =>
    request.socket.write(bytes(request), ended);

const page = "<html><body><h1>It works</h1><!-- nginx/1.18 at /srv/app --></body></html>";
const stack = "Error: boom at Bank.pay (/srv/app/bank.js:10:5) at Server.handle (/srv/app/server.js:7:1)";

const drip: Behaviour = ({ socket, reference }) => {
  const bytes = good({ reference } as RawRequest);
  let at = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(at, (at += 1))), dripEveryMs);
  socket.once("close", () => clearInterval(timer));
};

const flood: Behaviour = ({ socket }) => {
  socket.write(
    http("200 OK", { "transfer-encoding": "chunked", "content-length": "" })
      .toString()
      .replace("content-length: \r\n", ""),
  );
  const block = Buffer.alloc(64 * 1024, "x");
  const chunk = Buffer.concat([Buffer.from(`${block.length.toString(16)}\r\n`), block, Buffer.from("\r\n")]);
  let sent = 0;
  const pour = (): void => {
    while (sent < hugeBodyBytes && !socket.destroyed) {
      sent += block.length;
      if (!socket.write(chunk)) return void socket.once("drain", pour);
    }
    if (!socket.destroyed) socket.write("0\r\n\r\n");
  };
  pour();
};

export const rawFaults: Record<string, Behaviour> = {
  fine: says((request) => good(request)),
  // Off what HTTP allows.
  no_http: says(() => Buffer.from("220 mail.example ESMTP\r\n")),
  head_drip: drip,
  huge_headers: says((request) => good(request, { "x-filler": "x".repeat(64 * 1024) })),
  continue_100: says((request) => Buffer.concat([Buffer.from("HTTP/1.1 100 Continue\r\n\r\n"), good(request)])),
  switching_101: says(() =>
    Buffer.from("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  ),
  // What HTTP allows and is the vendor's good answer all the same.
  early_hints_103: says((request) =>
    Buffer.concat([Buffer.from("HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n"), good(request)]),
  ),
  said_twice: says((request) => Buffer.concat([good(request), good(request)])),
  // Off what the vendor promised.
  corrupt_json: says(() => http("200 OK", {}, '{"reference": "a", "no')),
  duplicate_keys: says(({ reference }) => http("200 OK", {}, `{"reference":"x","reference":"${reference}","note":""}`)),
  not_an_object: says(() => http("200 OK", {}, "null")),
  off_spec: says(({ reference }) => http("200 OK", {}, JSON.stringify({ reference, note: 5 }))),
  stranger: says(() => http("200 OK", {}, JSON.stringify({ reference: "another", note: "" }))),
  html_200: says(() => http("200 OK", { "content-type": "text/html" }, page)),
  other_type: says((request) => good(request, { "content-type": "text/plain" })),
  no_content_204: says(() => Buffer.from(`HTTP/1.1 204 No Content\r\nx-answer-signature: ${hmac("")}\r\n\r\n`)),
  created_201: says(({ reference }) => http("201 Created", {}, goodAnswer(reference).body)),
  gzip: says(({ reference }) => http("200 OK", { "content-encoding": "gzip" }, gzipSync(goodAnswer(reference).body))),
  huge_body: flood,
  wrong_signature: says((request) => good(request, { "x-answer-signature": hmac("other") })),
  no_signature: says((request) =>
    Buffer.from(
      good(request)
        .toString()
        .replace(/x-answer-signature: .*\r\n/, ""),
    ),
  ),
  redirect_302: says(({ elsewhere }) => http("302 Found", { location: `${elsewhere}/` })),
  // Refusals by the status alone, and in the vendor's own words.
  stack_500: says(() => http("500 Oops", {}, JSON.stringify({ error_code: "E_INTERNAL", error_message: stack }))),
  html_403: says(() => http("403 Forbidden", { "content-type": "text/html" }, page)),
  html_401: says(() => http("401 Unauthorized", { "content-type": "text/html" }, page)),
  no_money: says(() => http("422 No", {}, JSON.stringify({ error_code: "NO_MONEY", error_message: "Not enough." }))),
  busy: says(() => http("400 No", { "retry-after": "0" }, JSON.stringify({ error_code: "BUSY" }))),
  unavailable_503: says(() => http("503 Later", {})),
  unavailable_long: says(() => http("503 Later", { "retry-after": "60" })),
  /** Unavailable for a second, the first time only. */
  unavailable_short: (request, ended) =>
    request.socket.write(request.onPath === 1 ? http("503 Later", { "retry-after": "1" }) : good(request), ended),
  rate_seconds: says(() => http("429 Slow", { "retry-after": "7" })),
  rate_capped: says(() => http("429 Slow", { "retry-after": "999999" })),
  rate_date: says(() => http("429 Slow", { "retry-after": new Date(Date.now() + 60_000).toUTCString() })),
  rate_nonsense: says(() => http("429 Slow", { "retry-after": "soon 5" })),
  /** Limited the first time only. */
  rate_passing: (request, ended) =>
    request.socket.write(request.onPath === 1 ? http("429 Slow", { "retry-after": "0" }) : good(request), ended),
  /** Ends a connection that was used before when the next request comes over it; answers on a fresh one. */
  kept_alive_closed(request, ended) {
    if (request.onSocket > 1) request.socket.resetAndDestroy();
    else request.socket.write(good(request), ended);
  },
};

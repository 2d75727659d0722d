import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { WireAnswer, WireFault } from "../types.ts";

/** A fault on the way to or from a vendor, by when it strikes. */
export type Strike =
  /** The vendor has acted; its answer is spoilt. */
  | { when: "after"; spoil: (answer: WireAnswer) => WireAnswer }
  /** Something in front of the vendor answers; the vendor never sees the request. */
  | { when: "instead"; answer: () => WireAnswer }
  /** The connection breaks before the body is read. */
  | { when: "unread"; fault: WireFault };

/** More than any gateway should read of an answer. */
const oversizedBytes = 5 * 1024 * 1024;
/** What a few hundred kilobytes unpack to. */
const bombBytes = 64 * 1024 * 1024;
const shortRetryAfterSeconds = 2;

const after = (spoil: (answer: WireAnswer) => WireAnswer): Strike => ({ when: "after", spoil });
const broken = (fault: WireFault): Strike => after((answer) => ({ ...answer, fault }));
const proxy = (status: number, headers: Record<string, string> = {}): Strike => ({
  when: "instead",
  answer: () => ({ status, headers: { "content-type": "text/html", ...headers }, body: page(status), offSpec: true }),
});

let bomb: Buffer | undefined;

/** Every fault that an answer of any vendor's can have, whatever its protocol. */
export const strikes = {
  hang: broken("hang"),
  hang_after_headers: broken("hang_after_headers"),
  drip: broken("drip"),
  reset_unread: { when: "unread", fault: "reset" },
  reset: broken("reset"),
  reset_mid_body: broken("reset_mid_body"),
  truncate: broken("truncate"),
  html_502: broken("html_502"),
  corrupt: rewritten((body) => Buffer.concat([body.subarray(0, Math.ceil(body.length / 2)), randomBytes(8)])),
  off_spec: rewritten(() => Buffer.from('{"kit":"what no vendor promised"}')),
  oversized: rewritten((body) => Buffer.concat([body, Buffer.alloc(oversizedBytes, " ")])),
  tampered: after((answer) => tampered(answer)),
  redirect: after((answer) => ({
    status: 302,
    headers: { ...answer.headers, location: "http://127.0.0.1:1/" },
    offSpec: true,
  })),
  gzip_bomb: after((answer) => ({
    ...answer,
    headers: { ...answer.headers, "content-encoding": "gzip" },
    body: (bomb ??= gzipSync(Buffer.alloc(bombBytes, " "))),
    offSpec: true,
  })),
  limited: proxy(429, { "retry-after": String(shortRetryAfterSeconds) }),
  limited_silently: proxy(429),
} satisfies Record<string, Strike>;

export type StrikeName = keyof typeof strikes;

function rewritten(change: (body: Buffer) => Buffer): Strike {
  return after((answer) => ({ ...answer, body: change(Buffer.from(answer.body ?? "")), offSpec: true }));
}

/** The same JSON written differently and with a member more in each object, which any signature over it must show. */
function tampered(answer: WireAnswer): WireAnswer {
  try {
    const body = JSON.stringify(widened(JSON.parse(String(answer.body ?? ""))), undefined, 1);
    return { ...answer, body, offSpec: true };
  } catch {
    return answer;
  }
}

function widened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(widened);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, widened(member)]);
  return { kit: "put in after signing", ...Object.fromEntries(members) };
}

function page(status: number): string {
  return `<html><head><title>${status}</title></head><body><h1>${status}</h1><!-- nginx at /srv/app --></body></html>\n`;
}

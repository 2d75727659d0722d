/**
 * A partner's webhook receiver, played: takes nothing that does not verify (rule 12 of the signature profile), takes each
 * event once, answers at once. node:crypto and node:http only, as a partner writes it.
 */
import { createHash, createHmac, timingSafeEqual, verify } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Header, type Jwk, type Jwks, hashFor, keyInput } from "./profile.ts";

/** An event, as its body says. */
export interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One delivery as it arrived. */
export interface Delivery {
  readonly headers: readonly Header[];
  readonly body: Buffer;
  readonly atMs: number;
  /** Absent when the delivery is not to be believed; then `refused` says why. */
  readonly event?: ReceivedEvent;
  readonly refused?: string;
}

export interface Receiver {
  /** To be registered with the gateway. */
  readonly url: string;
  /** Every delivery, repetitions and refused ones too. */
  readonly deliveries: readonly Delivery[];
  /** Events that verified, each once, in the order of arrival. */
  readonly events: readonly ReceivedEvent[];
  /** Resolves with the first event that fits, one that came already included. Throws when none comes in time. */
  next(fits: (event: ReceivedEvent) => boolean, withinMs?: number): Promise<ReceivedEvent>;
  close(): Promise<void>;
}

export interface ReceiverOptions {
  /** The gateway's published keys. */
  readonly gatewayJwks: Jwks;
  /** What to answer; 204 for what verified and 401 otherwise when absent. */
  readonly answer?: (delivery: Delivery) => number;
  readonly port?: number;
}

const host = "127.0.0.1";
const path = "/hooks/qiao";
const maxAgeSeconds = 300;
const maxBodyBytes = 1024 * 1024;
const waitMs = 10_000;

/** Starts a receiver on 127.0.0.1. */
export async function startReceiver({ gatewayJwks, answer, port = 0 }: ReceiverOptions): Promise<Receiver> {
  const deliveries: Delivery[] = [];
  const events = new Map<string, ReceivedEvent>();
  const waiting = new Set<() => void>();
  const server = http.createServer(async (request, response) => {
    const body = await read(request);
    const headers = pairs(request.rawHeaders);
    // The URL that was registered, not one put together from the request.
    const verdict = request.url === path ? judge({ url, headers, body, jwks: gatewayJwks }) : "it is for another path";
    const arrived = { headers, body, atMs: Date.now() };
    const delivery: Delivery =
      typeof verdict === "string" ? { ...arrived, refused: verdict } : { ...arrived, event: verdict };
    deliveries.push(delivery);
    const status = answer?.(delivery) ?? (delivery.event === undefined ? 401 : 204);
    const accepted = status >= 200 && status < 300;
    if (accepted && delivery.event !== undefined && !events.has(delivery.event.id)) {
      events.set(delivery.event.id, delivery.event);
    }
    response.writeHead(status).end();
    for (const look of waiting) look();
  });
  await once(server.listen(port, host), "listening");
  const url = `http://${host}:${(server.address() as AddressInfo).port}${path}`;
  return {
    url,
    deliveries,
    get events() {
      return [...events.values()];
    },
    next(fits, withinMs = waitMs) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const found = [...events.values()].find(fits);
          if (found === undefined) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(found);
        };
        const late = setTimeout(() => {
          waiting.delete(look);
          const seen = deliveries.map(({ event, refused }) => event?.type ?? `refused: ${refused}`);
          reject(new Error(`no such event within ${withinMs} ms; there came: ${seen.join(", ") || "nothing"}`));
        }, withinMs);
        waiting.add(look);
        look();
      });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Believes a delivery or says why not. */
function judge(delivery: {
  url: string;
  headers: readonly Header[];
  body: Buffer;
  jwks: Jwks;
}): ReceivedEvent | string {
  try {
    checkWebhook(delivery);
    const event = JSON.parse(delivery.body.toString()) as ReceivedEvent;
    return event.id === valueOf(delivery.headers, "webhook-id") ? event : "its Webhook-Id is not its event's id";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Rule 12: verifies one delivery against the URL that was registered. Returns the keyid; throws with the reason. */
export function checkWebhook(delivery: {
  url: string;
  headers: readonly Header[];
  body: Buffer;
  jwks: Jwks;
  nowMs?: number;
}): string {
  const { url, headers, body, jwks, nowMs = Date.now() } = delivery;
  const [, label, input = "", list = ""] = /^(\w+)=(\(([^)]*)\);.*)$/.exec(need(headers, "signature-input")) ?? [];
  const param = (name: string): string => new RegExp(`;${name}="?([^";]*)`).exec(input)?.[1] ?? "";
  if (param("tag") !== "gateway-webhook") throw new Error("its signature is no webhook's signature");
  const ageSeconds = nowMs / 1000 - Number(param("created"));
  if (!(Math.abs(ageSeconds) <= maxAgeSeconds)) throw new Error("it is not fresh");
  const ids = list.split(" ");
  for (const id of ["@method", "@target-uri", "content-digest", "content-type", "webhook-id"]) {
    if (!ids.includes(`"${id}"`)) throw new Error(`its signature does not cover ${id}`);
  }
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  if (need(headers, "content-digest") !== digest) throw new Error("its body is not what its digest says");
  const own: Record<string, string> = { '"@method"': "POST", '"@target-uri"': url };
  const lines = ids.map((id) => `${id}: ${own[id] ?? need(headers, id.slice(1, -1))}`);
  const base = [...lines, `"@signature-params": ${input}`].join("\n");
  const jwk = jwks.keys.find(({ kid }) => kid === param("keyid"));
  if (jwk === undefined) throw new Error(`no published key has the keyid ${param("keyid")}`);
  const signature = Buffer.from(need(headers, "signature").slice(`${label}=:`.length, -1), "base64");
  if (!verified(jwk, base, signature)) throw new Error(`its signature does not verify over this base:\n${base}`);
  return param("keyid");
}

function verified(jwk: Jwk, base: string, signature: Buffer): boolean {
  return verify(hashFor(jwk), Buffer.from(base), keyInput(jwk), signature);
}

/**
 * The other signature, for those who have Standard Webhooks code: whether any of `webhook-signature` is ours with this secret, and
 * fresh.
 */
export function checkStandardWebhook(
  headers: readonly Header[],
  body: Buffer,
  secret: string,
  nowMs: number = Date.now(),
): boolean {
  const timestamp = need(headers, "webhook-timestamp");
  if (!(Math.abs(nowMs / 1000 - Number(timestamp)) <= maxAgeSeconds)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const content = Buffer.concat([Buffer.from(`${need(headers, "webhook-id")}.${timestamp}.`), body]);
  const expected = createHmac("sha256", key).update(content).digest();
  return need(headers, "webhook-signature")
    .split(" ")
    .map((each) => Buffer.from(each.replace(/^v1,/, ""), "base64"))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected));
}

async function read(request: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxBodyBytes) throw new Error("a webhook is never that large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function pairs(rawHeaders: readonly string[]): Header[] {
  return rawHeaders.flatMap((name, i): Header[] => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ""]] : []));
}

function valueOf(headers: readonly Header[], name: string): string | undefined {
  const values = headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}

function need(headers: readonly Header[], name: string): string {
  const value = valueOf(headers, name);
  if (value === undefined) throw new Error(`it has no ${name}`);
  return value;
}

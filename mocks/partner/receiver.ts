/**
 * A partner's webhook receiver, played: takes nothing that does not verify (rule 12 of the signature profile), takes each
 * event once, answers at once.
 */
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { Header, Jwks } from "./profile.ts";
import { checkWebhook, valueOf } from "./webhook.ts";

/** An event, as its body says. */
interface ReceivedEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One delivery as it arrived. */
interface Delivery {
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

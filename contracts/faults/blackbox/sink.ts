/** The partners' webhook endpoints: they verify what comes, write it down, and are not always well. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { verifyWebhook } from "#signature";
import type { VerifyKey } from "#signature";
import type { Arrival, PartnerName } from "./history.ts";
import type { Choices } from "./random.ts";
import type { Tally } from "./tally.ts";
import { calm } from "./weather.ts";
import type { SinkMood, Weather } from "./weather.ts";

const maxBodyBytes = 256 * 1024;

export interface WebhookSink {
  url(partner: PartnerName): string;
  setWeather(weather: Weather): void;
  stop(): Promise<void>;
}

export interface SinkPorts {
  keys: ReadonlyMap<string, VerifyKey>;
  arrivals: Arrival[];
  choices: Choices;
  tally: Tally;
}

/** Listens on a free port; every arrival is appended to `arrivals`. */
export async function startSink({ keys, arrivals, choices, tally }: SinkPorts): Promise<WebhookSink> {
  let weather = calm;
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy());
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = (partner: PartnerName): string => `${origin}/${partner}/webhooks`;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const partner: PartnerName = request.url === "/a/webhooks" ? "a" : "b";
    const mood = choices.weighted(weather.sink);
    if (mood !== "ok") tally.add(`webhook endpoint: ${mood}`);
    arrivals.push({
      ...read(request, body, partner),
      partner,
      atMs: performance.now(),
      accepted: mood === "ok" || mood === "accept_then_reset",
    });
    answer(response, mood);
  }

  function read(request: IncomingMessage, body: Buffer, partner: PartnerName) {
    const verdict = verifyWebhook({
      url: url(partner),
      rawHeaders: request.rawHeaders,
      body,
      nowMs: Date.now(),
      resolveKey: (keyid) => keys.get(keyid),
    });
    const text = body.toString("utf8");
    const webhookId = String(request.headers["webhook-id"]);
    const event = eventOf(text);
    if (!verdict.ok) return { refused: verdict.code, webhookId, text, ...event };
    return { ...(event.id === webhookId ? {} : { refused: "its id is not its event's" }), webhookId, text, ...event };
  }

  return {
    url,
    setWeather: (next) => void (weather = next),
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, mood: SinkMood): void {
  switch (mood) {
    case "ok":
      response.writeHead(204).end();
      break;
    case "error":
      response.writeHead(500).end("broken");
      break;
    case "busy":
      response.writeHead(503, { "retry-after": "1" }).end();
      break;
    case "hang":
      break;
    case "reset":
      response.socket?.resetAndDestroy();
      break;
    case "accept_then_reset":
      // Taken, but the sender does not learn of it: it must send the same again, under the same id.
      response.socket?.resetAndDestroy();
      break;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new RangeError("a webhook that large is none of ours");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function eventOf(text: string): { id: string; type: string; resourceId: string; state: string } {
  const event = JSON.parse(text) as { id?: string; type?: string; data?: { id?: string; status?: string } };
  const { id = "", type = "", data = {} } = event;
  return { id, type, resourceId: data.id ?? "", state: data.status ?? "" };
}

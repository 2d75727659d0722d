import { verifyWebhook } from "#signature";
import type { VerifyKey } from "#signature";
import type { SendResult, WebhookSender } from "../../../gateway/webhooks/send.ts";
import type { WebhookSeen } from "../invariants/index.ts";
import { strike } from "./place.ts";
import type { Place } from "./place.ts";

const deadlineMs = 10_000;

/** The partners' webhook endpoints: what came, whether it verified, what was answered. */
export interface Sink {
  arrivals: WebhookSeen[];
  /** The partner whose endpoint this URL is. */
  partnerAt(url: string): string;
  /** Keys that the gateway publishes. */
  keys: ReadonlyMap<string, VerifyKey>;
}

/** The wire to the endpoints, in place of the relay's sender. */
export function sinkPort(sink: Sink, clockMs: () => number, place: Place): WebhookSender {
  const { time } = place;
  return {
    send: (url, headers, body) =>
      new Promise((resolve) => {
        if (!place.alive()) return;
        const partner = sink.partnerAt(url);
        const there = place.weather.legMs("sink");
        const back = place.weather.legMs("sink");
        // A partner's clock is right; that the gateway's is may be a fault of its own.
        const nowMs = clockMs();
        const arrive = (accepted: boolean): void => {
          const seen = read(sink, { partner, url, headers, body, nowMs, atMs: time.nowMs, accepted });
          place.chronicle.note(`sink ${partner} ${seen.type} ${accepted ? "takes" : "refuses"} it`);
          sink.arrivals.push(seen);
        };
        const end = (delayMs: number, result: SendResult) =>
          time.after(delayMs, place.owner, () => (place.alive() ? resolve(result) : undefined));
        switch (strike(place, { port: "sink", what: partner })) {
          case "fails_before":
            return void end(there, { error: "refused" });
          case "error_before":
            return void time.after(there, undefined, () => (arrive(false), end(back, { status: 500 })));
          case "busy":
            return void time.after(
              there,
              undefined,
              () => (arrive(false), end(back, { status: 429, retryAfter: "20" })),
            );
          case "fails_after":
            return void time.after(there, undefined, () => (arrive(true), end(back, { error: "reset" })));
          case "error_after":
            return void time.after(there, undefined, () => (arrive(true), end(back, { status: 503 })));
          case "hangs":
            end(deadlineMs, { error: "timeout" });
            return void time.after(deadlineMs + back, undefined, () => arrive(true));
          case "dies_before":
            return void time.after(0, place.owner, () => place.die());
          case "dies_after":
            return void time.after(there, place.owner, () => (arrive(true), place.die()));
          default:
            return void time.after(there, undefined, () => (arrive(true), end(back, { status: 200 })));
        }
      }),
    close: () => Promise.resolve(),
  };
}

interface Arrival {
  partner: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  nowMs: number;
  atMs: number;
  accepted: boolean;
}

function read(sink: Sink, { partner, url, headers, body, nowMs, atMs, accepted }: Arrival): WebhookSeen {
  const rawHeaders = Object.entries(headers).flat();
  const verdict = verifyWebhook({ url, rawHeaders, body, nowMs, resolveKey: (keyid) => sink.keys.get(keyid) });
  const said = JSON.parse(body.toString()) as { id: string; type: string; data: { id: string } };
  return {
    partner,
    webhookId: headers["Webhook-Id"] ?? "",
    type: said.type,
    resourceId: said.data.id,
    body: body.toString(),
    atMs,
    accepted,
    verified: verdict.ok && verdict.webhookId === said.id,
  };
}

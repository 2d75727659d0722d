import { randomUUID } from "node:crypto";
import { describe, expect, it, onTestFinished } from "vitest";
import { generateJwk, loadSignKey, publicJwks, signWebhook } from "#signature";
import type { SignKey } from "#signature";
import { startReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";

async function setting(alg: "EdDSA" | "ES256" | "PS256" = "EdDSA"): Promise<{ key: SignKey; hook: Receiver }> {
  const key = await loadSignKey(await generateJwk(alg));
  const hook = await startReceiver({ gatewayJwks: publicJwks([key]) });
  onTestFinished(() => hook.close());
  return { key, hook };
}

const eventOf = (id: string) => ({
  id,
  type: "instalment.paid",
  createdAt: "2026-11-22T12:00:00.000Z",
  data: { id: "i" },
});
const newId = (): string => `evt_${randomUUID().replaceAll("-", "")}`;

interface Sent {
  key: SignKey;
  id?: string;
  /** The URL that is signed; the receiver's own otherwise. */
  url?: string;
  created?: number;
  headers?: Record<string, string>;
  body?: Buffer;
}

async function send(
  hook: Receiver,
  { key, id = newId(), url = hook.url, created, headers, body }: Sent,
): Promise<number> {
  const bytes = Buffer.from(JSON.stringify(eventOf(id)));
  const seconds = created ?? Math.floor(Date.now() / 1000);
  const signed = signWebhook({ url, body: bytes, webhookId: id, key, created: seconds });
  const { status } = await fetch(hook.url, { method: "POST", headers: { ...signed, ...headers }, body: body ?? bytes });
  return status;
}

describe("the receiver", () => {
  it.each(["EdDSA", "ES256", "PS256"] as const)("believes the gateway's signature, %s", async (alg) => {
    const { key, hook } = await setting(alg);
    const id = newId();
    const next = hook.next((event) => event.id === id);
    expect(await send(hook, { key, id })).toBe(204);
    expect(await next).toEqual(eventOf(id));
  });

  it("takes an event once, and acknowledges it as often as it comes", async () => {
    const { key, hook } = await setting();
    const id = newId();
    expect([await send(hook, { key, id }), await send(hook, { key, id })]).toEqual([204, 204]);
    expect([hook.deliveries.length, hook.events.length]).toEqual([2, 1]);
  });

  it("takes nothing that does not verify", async () => {
    const { key, hook } = await setting();
    const stranger = await loadSignKey(await generateJwk("EdDSA"));
    const seconds = Math.floor(Date.now() / 1000);
    const forged: [string, Sent][] = [
      ["no published key", { key: stranger }],
      ["does not verify", { key, url: "https://other.example/hooks" }],
      ["not fresh", { key, created: seconds - 301 }],
      ["not fresh", { key, created: seconds + 301 }],
      ["not what its digest says", { key, body: Buffer.from("{}") }],
      ["does not verify", { key, headers: { "Webhook-Id": newId() } }],
      ["does not verify", { key, headers: { "Content-Type": "text/plain" } }],
      ["no webhook's signature", { key, headers: { "Signature-Input": 'sig=("@method");tag="fapi-2-request"' } }],
      [
        "does not cover",
        { key, headers: { "Signature-Input": `sig=("@method");created=${seconds};tag="gateway-webhook"` } },
      ],
    ];
    for (const [why, sent] of forged) {
      expect(await send(hook, sent)).toBe(401);
      expect(hook.deliveries.at(-1)?.refused).toContain(why);
    }
    expect(hook.events).toEqual([]);
  });

  it("says what came when the awaited event does not", async () => {
    const { key, hook } = await setting();
    await send(hook, { key });
    await expect(hook.next(() => false, 20)).rejects.toThrow("no such event within 20 ms; there came: instalment.paid");
  });
});

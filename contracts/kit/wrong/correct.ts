/** The small adapter that keeps every law: payments at a vendor that exists nowhere. The wrong ones are this one, spoilt. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { defineAdapter, done, Fault } from "#capability";
import type { Adapter, Call, Callbacks, Capability, Done, Output } from "#capability";

export const config = z.strictObject({
  baseUrl: z.url({ protocol: /^https?$/ }).describe("The vendor."),
  key: z.string().min(16).describe("Signs requests, answers and callbacks. A secret."),
});
export type Config = z.output<typeof config>;
export type Operations = {
  "order.create": {
    requestBody: { content: { "application/json": OrderRequest } };
    responses: { 200: { content: { "application/json": Order } } };
  };
  "order.query": {
    parameters: { path: { number: string } };
    responses: { 200: { content: { "application/json": Order } } };
  };
};
export type CorrectAdapter = Adapter<Config, Operations>;
type Payment = Output<"bankPayments.get">;
type Asked = Pick<Payment, "amount" | "reference">;

export interface OrderRequest {
  number: string;
  amount: string;
  currency: string;
  payee: string;
  notifyUrl: string;
}

export interface Order {
  number: string;
  amount: string;
  currency: string;
  state: "accepted" | "settled" | "absent";
}

const maxAgeSeconds = 300;
/** No creation is under way for so long. */
const absentAfterMs = 20_000;

export function hmac(key: string, text: string | Buffer): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** The order's request, as the vendor takes it. */
export function orderOf(call: Call<"bankPayments.create", Config>): OrderRequest {
  const { amount, creditor } = call.input.body;
  return { number: call.reference, ...amount, payee: creditor.name, notifyUrl: call.callbackUrl };
}

/** The order must be the one that was asked about, over the same money. */
export function compare(order: Order, reference: string, { amount }: Asked): void {
  if (order.number === reference && order.amount === amount.amount && order.currency === amount.currency) return;
  throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: "another order or amount" });
}

export function shown(
  call: { id: string; now: Date; resource?: { createdAt: Date } | undefined },
  { amount, reference }: Asked,
  state: Order["state"],
): Done<Payment> {
  const createdAt = (call.resource?.createdAt ?? call.now).toISOString();
  const base = { id: call.id, amount, reference, createdAt };
  if (state === "settled") return done({ ...base, status: "completed", completedAt: call.now.toISOString() });
  if (state === "accepted") return done({ ...base, status: "processing" });
  return done({ ...base, status: "rejected", failure: { code: "never_received", detail: "There is no such order." } });
}

export const bankPayments: Capability<"bankPayments", Operations, Config> = {
  async create(call, vendor) {
    const { body } = await vendor.call("order.create", { body: orderOf(call) });
    compare(body, call.reference, call.input.body);
    return shown(call, call.input.body, body.state);
  },
  async get(call, vendor) {
    const { resource } = call;
    if (resource === undefined) throw new TypeError("the core gives the resource with every get");
    const { body } = await vendor.call("order.query", { path: { number: resource.reference } });
    if (body.state !== "absent") compare(body, resource.reference, resource.body);
    else if (call.now.getTime() - resource.createdAt.getTime() < absentAfterMs) {
      throw new Fault("outcome_unknown", { outcome: "unknown", detail: "not there, or not there yet" });
    }
    return shown(call, resource.body, body.state);
  },
};

export const callbacks: Callbacks<Config, Operations> = {
  verify({ headers, body }, { config: { key }, now }) {
    const stamp = headers["x-timestamp"] ?? "";
    const wanted = Buffer.from(hmac(key, `${stamp}.${body.toString()}`));
    const given = Buffer.from(headers["x-signature"] ?? "");
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return { verdict: "refused", why: "signature" };
    if (Math.abs(now.getTime() / 1_000 - Number(stamp)) > maxAgeSeconds) return { verdict: "refused", why: "too old" };
    const event = JSON.parse(body.toString()) as Order;
    return { verdict: "verified", capability: "bankPayments", handle: event.number, event };
  },
  receive: {
    bankPayments(call) {
      const event = call.event as Order;
      const { resource } = call;
      if (resource === undefined) throw new TypeError("the core gives the resource with every callback");
      compare(event, resource.reference, resource.body);
      return Promise.resolve(shown(call, resource.body, event.state));
    },
  },
  acknowledge: ({ result }) => ({ status: result === "accepted" || result === "ignored" ? 200 : 400 }),
};

export const correct: CorrectAdapter = defineAdapter<Config, Operations>({
  name: "correct",
  title: "A vendor that exists nowhere",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ baseUrl }) => [new URL(baseUrl).host],
  protocol: {
    baseUrl: ({ baseUrl }) => baseUrl,
    authorize(request, { config: { key }, now }) {
      const stamp = String(Math.floor(now.getTime() / 1_000));
      request.headers["x-timestamp"] = stamp;
      request.headers["x-signature"] = hmac(key, `${stamp}.${request.url.pathname}.${request.body?.toString() ?? ""}`);
    },
    verify(answer, _request, { config: { key } }) {
      if (answer.headers["x-signature"] === hmac(key, answer.bytes)) return;
      throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: "the answer's signature" });
    },
    failure({ body }) {
      const { code, message } = (body ?? {}) as { code?: unknown; message?: unknown };
      if (typeof code !== "string") return undefined;
      return typeof message === "string" ? { code, message } : { code };
    },
  },
  errors: [
    { code: "NO_MONEY", problem: "insufficient_funds", outcome: "rejected" },
    { code: "BAD_SIGNATURE", problem: "vendor_unauthenticated", outcome: "rejected" },
    { code: "BUSY", problem: "vendor_unavailable", outcome: "not_sent" },
    { code: "INTERNAL", problem: "vendor_fault", outcome: "unknown" },
  ],
  capabilities: { bankPayments },
  unsupported: [],
  callbacks,
  proof: { grade: "declared" },
});

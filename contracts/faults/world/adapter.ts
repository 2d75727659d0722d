/** The adapter to the vendors of the harnesses: written as any adapter is, so that the gateway's whole road is walked. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { defineAdapter } from "#capability";
import type { Adapter, Call, Callbacks, Capability, ErrorTable } from "#capability";
import { z } from "zod";
import { instalment, known, never, refund } from "./adapter-bodies.ts";
import type { Order, Refund } from "./adapter-bodies.ts";

type Json<T> = { content: { "application/json": T } };
interface NewOrder {
  no: string;
  amount: string;
  memo: string;
  code?: string;
}
interface Operations {
  "orders.create": { requestBody: Json<NewOrder>; responses: { 200: Json<Order> } };
  "orders.get": { parameters: { path: { no: string } }; responses: { 200: Json<Order> } };
  "orders.close": { parameters: { path: { no: string } }; responses: { 200: Json<Order> } };
  "refunds.create": {
    requestBody: Json<{ no: string; orderNo: string; amount: string; memo: string }>;
    responses: { 200: Json<Refund> };
  };
  "refunds.get": { parameters: { path: { no: string } }; responses: { 200: Json<Refund> } };
}

const config = z.strictObject({ origin: z.url(), secret: z.string().min(1) });
type Config = z.infer<typeof config>;
const errors: ErrorTable = [
  { code: "OVER_LIMIT", problem: "amount_out_of_range", outcome: "rejected" },
  { code: "OVER_PAID", problem: "refund_exceeds_paid", outcome: "rejected" },
  { code: "PAID_ALREADY", problem: "resource_state_conflict", outcome: "rejected" },
  { code: "NOT_PAID", problem: "resource_state_conflict", outcome: "rejected" },
  { code: "NOT_KNOWN", operation: "orders.close", problem: "resource_state_conflict", outcome: "rejected" },
  { code: "NOT_KNOWN", problem: "resource_not_found", outcome: "rejected" },
  { code: "BUSY", problem: "vendor_rate_limited", outcome: "not_sent" },
];

const instalments: Partial<Capability<"instalments", Operations, Config>> = {
  async create(call, vendor) {
    const { amount, subject, payer } = call.input.body;
    const code = payer.type === "code" ? { code: payer.code } : {};
    const body = { no: call.reference, amount: amount.amount, memo: subject, ...code };
    return instalment(call, call.input.body, (await vendor.call("orders.create", { body })).body);
  },
  async get(call, vendor) {
    const { reference, body, createdAt } = resourceOf(call);
    const order = await known(call, createdAt, () => vendor.call("orders.get", { path: { no: reference } }));
    return order === undefined ? never({ ...body, status: "failed" }) : instalment(call, body, order);
  },
  async cancel(call, vendor) {
    const { reference, body } = resourceOf(call);
    return instalment(call, body, (await vendor.call("orders.close", { path: { no: reference } })).body);
  },
};

const refunds: Partial<Capability<"refunds", Operations, Config>> = {
  async create(call, vendor) {
    const { amount, reason = "" } = call.input.body;
    const orderNo = call.parents.instalments?.reference ?? "";
    const body = { no: call.reference, orderNo, amount: amount.amount, memo: reason };
    return refund(call, call.input.body, (await vendor.call("refunds.create", { body })).body);
  },
  async get(call, vendor) {
    const { reference, body, createdAt } = resourceOf(call);
    const made = await known(call, createdAt, () => vendor.call("refunds.get", { path: { no: reference } }));
    return made === undefined ? never({ ...body, status: "failed" }) : refund(call, body, made);
  },
};

const event = z.strictObject({
  kind: z.enum(["order", "refund"]),
  no: z.string(),
  amount: z.string(),
  state: z.string(),
  at: z.int(),
});

const callbacks: Callbacks<Config, Operations> = {
  verify({ headers, body }, context) {
    const ours = createHmac("sha256", context.config.secret).update(body).digest();
    const theirs = Buffer.from(headers["x-vendor-signature"] ?? "", "hex");
    if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs))
      return { verdict: "refused", why: "the signature does not verify" };
    return heard(body);
  },
  receive: {
    instalments: async (call) => instalment(call, resourceOf(call).body, event.parse(call.event) as unknown as Order),
    refunds: async (call) => refund(call, resourceOf(call).body, event.parse(call.event) as unknown as Refund),
  },
  acknowledge: ({ result }) => ({ status: result === "accepted" || result === "ignored" ? 200 : 503 }),
};

/** What a callback says, its signature aside. */
export function heard(body: Buffer): ReturnType<Callbacks<Config, Operations>["verify"]> {
  const said = event.parse(JSON.parse(body.toString()));
  const capability = said.kind === "order" ? "instalments" : "refunds";
  return { verdict: "verified", capability, handle: said.no, event: said };
}

/** The signature that a vendor sets under a callback. */
export function callbackSignature(body: Buffer, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** One adapter for each of the vendors. */
export function vendorAdapter(name: string): Adapter<Config, Operations> {
  return defineAdapter<Config, Operations>({
    name,
    title: `The vendor ${name}`,
    kind: "vendor",
    spec: new URL("./vendor.openapi.yaml", import.meta.url),
    config,
    hosts: ({ origin }) => [new URL(origin).host],
    protocol: {
      baseUrl: ({ origin }) => origin,
      authorize() {},
      verify: { unsigned: "what is played here never leaves the process" },
      failure: ({ body }) => refusalIn(body),
    },
    errors,
    capabilities: { instalments, refunds },
    unsupported: [{ operation: "instalments.quote", why: "nothing to be proven by it" }],
    callbacks,
    proof: { grade: "declared" },
  });
}

function refusalIn(body: unknown): { code: string } | undefined {
  const { code } = (body ?? {}) as { code?: unknown };
  return typeof code === "string" ? { code } : undefined;
}

function resourceOf<Id extends "instalments.get" | "refunds.get" | "instalments.cancel">(call: Call<Id, Config>) {
  if (call.resource === undefined) throw new TypeError("the core gives the resource");
  return call.resource;
}

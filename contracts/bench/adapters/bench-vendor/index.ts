/** The adapter to the bench's vendor, written as any other: an HMAC on each attempt, a table of errors, a mapping both ways. */
import { defineAdapter, done, Fault } from "#capability";
import type { Capability, ErrorTable, Output } from "#capability";
import { z } from "zod";
import { vendorSignature } from "../../exchange.ts";
import type { VendorAccount, VendorOrder } from "../../exchange.ts";

type Json<T> = { content: { "application/json": T } };
interface Operations {
  "accounts.list": {
    parameters: { query?: { count?: number } };
    responses: { 200: Json<{ accounts: VendorAccount[] }> };
  };
  "orders.create": {
    requestBody: Json<{ no: string; amount: string; periods: number; memo: string; payer: string }>;
    responses: { 200: Json<VendorOrder> };
  };
  "orders.get": { parameters: { path: { no: string } }; responses: { 200: Json<VendorOrder> } };
}

const config = z.strictObject({ origin: z.url(), secret: z.string().min(1) });
type Config = z.infer<typeof config>;

const pageSize = 20;
const errors: ErrorTable = [{ code: "NOT_KNOWN", problem: "resource_not_found", outcome: "rejected" }];
const states = { waiting: "awaiting_payment", paid: "paid", closed: "closed" } as const;

const customerAccounts: Partial<Capability<"customerAccounts", Operations, Config>> = {
  async list(_call, vendor) {
    const { body } = await vendor.call("accounts.list", { query: { count: pageSize } });
    const data = body.accounts.map(({ no, state, customer, number, openedAt }) => {
      const at = new Date(openedAt).toISOString();
      return {
        id: no,
        status: state === "OPEN" ? ("open" as const) : ("closed" as const),
        reference: customer,
        createdAt: at,
        accountNumber: number,
        openedAt: at,
      };
    });
    return done({ data });
  },
};

type Instalment = Output<"instalments.get">;
type Asked = Pick<Instalment, "amount" | "periods" | "feeBearer" | "reference">;
type Named = { id: string; reference: string; now: Date };

function instalment({ id, reference: no, now }: Named, asked: Asked, order: VendorOrder) {
  const { amount, periods, feeBearer, reference } = asked;
  if (order.no !== no || order.amount !== amount.amount) {
    throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: "another order or amount" });
  }
  const paidAt = order.state === "paid" ? { paidAt: new Date(order.at).toISOString() } : {};
  const status = states[order.state];
  return done({ id, status, amount, periods, feeBearer, reference, createdAt: now.toISOString(), ...paidAt });
}

const instalments: Partial<Capability<"instalments", Operations, Config>> = {
  async create(call, vendor) {
    const { body } = call.input;
    const payer = body.payer.type === "account" ? body.payer.accountId : body.payer.code;
    const order = { no: call.reference, amount: body.amount.amount, periods: body.periods, memo: body.subject, payer };
    return instalment(call, body, (await vendor.call("orders.create", { body: order })).body);
  },
  async get(call, vendor) {
    const { resource } = call;
    if (resource === undefined) throw new TypeError("the core gives the resource");
    const { body } = await vendor.call("orders.get", { path: { no: resource.reference } });
    return instalment({ ...call, reference: resource.reference, now: resource.createdAt }, resource.body, body);
  },
};

export default defineAdapter<Config, Operations>({
  name: "bench-vendor",
  title: "The vendor of the bench",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ origin }) => [new URL(origin).host],
  protocol: {
    baseUrl: ({ origin }) => origin,
    authorize(request, { config: { secret }, now }) {
      const at = String(now.getTime());
      const { pathname, search } = request.url;
      const body = request.body?.toString() ?? "";
      const signature = vendorSignature(secret, { at, method: request.method, path: pathname + search, body });
      request.headers["x-time"] = at;
      request.headers["x-signature"] = signature;
    },
    verify: { unsigned: "the bench measures the gateway, and this vendor signs nothing" },
    failure: ({ body }) => {
      const { code } = (body ?? {}) as { code?: unknown };
      return typeof code === "string" ? { code } : undefined;
    },
  },
  errors,
  capabilities: { customerAccounts, instalments },
  unsupported: [
    { operation: "customerAccounts.open", why: "not measured" },
    { operation: "customerAccounts.get", why: "not measured" },
    { operation: "customerAccounts.close", why: "not measured" },
    { operation: "instalments.quote", why: "not measured" },
    { operation: "instalments.cancel", why: "not measured" },
  ],
  proof: { grade: "declared" },
});

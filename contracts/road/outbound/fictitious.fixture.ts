/**
 * An adapter for a vendor that exists nowhere. Tests copy this file as `index.ts` into a folder of their own (its only
 * link to the project is what any adapter may import) and let the gateway find it there. One operation of the vendor's for
 * each thing that can go wrong, each in a group of its own, so that one's breaker is not another's.
 */
import { createHmac, randomUUID } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { defineAdapter, done, Fault } from "#capability";
import type { Call, Output, VendorClient } from "#capability";

const url = z.url({ protocol: /^http$/ });
const config = z.strictObject({
  baseUrl: url.describe("The vendor."),
  elsewhere: z.record(z.string(), url).default({}).describe("Where the operations about a fault stand instead."),
  strayUrl: url.optional().describe("Where signing leads the request to; not among the hosts."),
  key: z.string().min(16).describe("Signs requests and answers."),
  faults: z.array(z.string()).max(99).describe("By number: the cents of a quote's amount choose one."),
  tokens: z.boolean().default(false).describe("Whether requests need a token."),
});
type Config = z.output<typeof config>;

interface Json<Body> {
  content: { "application/json": Body };
}
interface Act {
  requestBody: Json<{ reference: string }>;
  responses: { 200: Json<{ reference: string; note: string }> };
}
type Operations = Record<`${"read" | "charged" | "once"}.${string}`, Act> & {
  status: {
    parameters: { path: { reference: string } };
    responses: { 200: Json<{ reference: string; state: "made" | "absent" }> };
  };
  token: {
    requestBody: Json<{ client: string }>;
    responses: { 200: Json<{ access_token: string; expires_in: number }> };
  };
};
type Vendor = VendorClient<Operations>;

const hmac = (key: string, text: string | Buffer): string => createHmac("sha256", key).update(text).digest("hex");
const faultOf = (operation: string): string => operation.slice(operation.indexOf(".") + 1);

async function acted(call: { reference: string }, vendor: Vendor, operation: `once.${string}`): Promise<void> {
  const { body } = await vendor.call(operation, { body: { reference: call.reference } });
  if (body.reference === call.reference) return;
  throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: "another reference" });
}

type Instalment = Output<"instalments.get">;

function shown(
  call: { id: string; now: Date; resource: { createdAt: Date } | undefined },
  asked: Pick<Instalment, "amount" | "periods" | "feeBearer" | "reference">,
  more: Pick<Instalment, "status" | "failure">,
): Instalment {
  const { amount, periods, feeBearer, reference } = asked;
  const createdAt = (call.resource?.createdAt ?? call.now).toISOString();
  return { id: call.id, amount, periods, feeBearer, reference, createdAt, ...more };
}

export default defineAdapter<Config, Operations>({
  name: basename(import.meta.dirname),
  title: "A vendor that exists nowhere",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ baseUrl, elsewhere }) => [baseUrl, ...Object.values(elsewhere)].map((each) => new URL(each).host),
  protocol: {
    baseUrl: ({ baseUrl, elsewhere }, operation) => elsewhere[faultOf(operation)] ?? baseUrl,
    async authorize(request, { config: { key, tokens, strayUrl }, vendor, now }) {
      const stamp = now.toISOString();
      const nonce = randomUUID();
      request.headers["x-timestamp"] = stamp;
      request.headers["x-nonce"] = nonce;
      request.headers["x-signature"] = hmac(key, `${stamp}.${nonce}.${request.body?.toString() ?? ""}`);
      if (strayUrl !== undefined && request.operation.endsWith(".stray")) request.url = new URL(strayUrl);
      if (!tokens || request.operation === "token") return;
      const token = await vendor.credential("client", async () => {
        const { body } = await vendor.call("token", { body: { client: "qiao" } });
        return { value: body.access_token, expiresAt: new Date(now.getTime() + body.expires_in * 1_000) };
      });
      request.headers["authorization"] = `Bearer ${token}`;
    },
    verify(answer, _request, { config: { key } }) {
      if (answer.headers["x-answer-signature"] === hmac(key, answer.bytes)) return;
      throw new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail: "the vendor's signature" });
    },
    failure({ body }) {
      const { error_code: code, error_message: message } = body as { error_code?: unknown; error_message?: unknown };
      if (typeof code !== "string") return undefined;
      return typeof message === "string" ? { code, message } : { code };
    },
  },
  errors: [
    { code: "NO_MONEY", problem: "insufficient_funds", outcome: "rejected" },
    { code: "TOKEN_ENDED", problem: "vendor_unauthenticated", outcome: "rejected" },
    { code: "BUSY", problem: "vendor_unavailable", outcome: "not_sent" },
  ],
  capabilities: {
    instalments: {
      async quote(call: Call<"instalments.quote", Config>, vendor: Vendor) {
        const cents = Number(call.input.body.amount.amount.split(".")[1] ?? 0);
        await acted(call, vendor, `read.${call.config.faults[cents] ?? "good"}` as `once.${string}`);
        return done({ amount: call.input.body.amount, plans: [] });
      },
      async create(call: Call<"instalments.create", Config>, vendor: Vendor) {
        await acted(call, vendor, `once.${call.input.body.reference}`);
        return done(shown(call, call.input.body, { status: "awaiting_payment" }));
      },
      async get(call: Call<"instalments.get", Config>, vendor: Vendor) {
        const { body } = await vendor.call("status", { path: { reference: call.reference } });
        const asked = call.resource?.body;
        if (asked === undefined) throw new TypeError("the core gives the resource with every get");
        if (body.state === "made") return done(shown(call, asked, { status: "paid" }));
        const failure = { code: "never_received", detail: "The vendor has no such order." };
        return done(shown(call, asked, { status: "failed", failure }));
      },
    },
    identityChecks: {
      async create(call: Call<"identityChecks.create", Config>, vendor: Vendor) {
        const { type, reference = "good" } = call.input.body;
        await acted(call, vendor, `charged.${reference}` as `once.${string}`);
        const createdAt = call.now.toISOString();
        return done({ id: call.id, type, status: "completed", verdict: "match", billed: true, reference, createdAt });
      },
      get: "stored",
    },
  },
  unsupported: [{ operation: "instalments.cancel", why: "Its vendor exists nowhere and cannot take anything back." }],
  proof: { grade: "declared" },
});

/** The vendor of the small adapter, played. Magic cents of an amount make it lie: 15 amount, 16 currency, 17 number. */
import { createHmac } from "node:crypto";
import { defineMock } from "#mocks";
import type { MockDefinition, Sample, WireAnswer, WireRequest } from "#mocks";

interface Order {
  number: string;
  amount: string;
  currency: string;
  notifyUrl: string;
  state: "accepted" | "settled";
}

const settlesAfterMs = 120;
const maxSkewSeconds = 300;
const key = "0123456789abcdef0123456789abcdef";
const hmac = (text: string): string => createHmac("sha256", key).update(text).digest("hex");

export const correctMock: MockDefinition = defineMock({
  adapter: "correct",
  title: "A vendor that exists nowhere",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  create(context) {
    const orders = context.table<Order>("orders");

    function settle(number: string): Promise<unknown> {
      const order = orders.get(number);
      if (order === undefined) return Promise.resolve();
      orders.set(number, { ...order, state: "settled" });
      const body = JSON.stringify(told({ ...order, state: "settled" }));
      const stamp = String(Math.floor(context.now().getTime() / 1_000));
      const headers = {
        "content-type": "application/json",
        "x-timestamp": stamp,
        "x-signature": hmac(`${stamp}.${body}`),
      };
      return context.send({ method: "POST", url: order.notifyUrl, headers, body });
    }

    function create({ body }: WireRequest): WireAnswer {
      const asked = JSON.parse(body.toString()) as Omit<Order, "state">;
      const known = orders.get(asked.number);
      if (known !== undefined) return signed(200, told(known));
      const order: Order = { ...asked, state: "accepted" };
      orders.set(asked.number, order);
      context.later(settlesAfterMs, () => settle(asked.number).then(() => undefined));
      return signed(200, told(order));
    }

    return {
      credentials: {},
      config: { baseUrl: context.origin, key },
      operationOf({ method, path }) {
        if (method === "POST" && path === "/orders") return "order.create";
        return method === "GET" && path.startsWith("/orders/") ? "order.query" : undefined;
      },
      handle(request, operation) {
        const refused = judge(request, context.now());
        if (refused !== undefined) return refused;
        if (operation === "order.create") return create(request);
        const number = request.path.slice("/orders/".length);
        const order = orders.get(number);
        const absent = { number, amount: "0.00", currency: "XXX", state: "absent" };
        return signed(200, order === undefined ? absent : told(order));
      },
      notFound: () => signed(404, { code: "NOT_FOUND" }),
      kit: {
        samples: { "bankPayments.create": payment("10.00") },
        lies: {
          "bankPayments.create": { amount: payment("10.15"), currency: payment("10.16"), id: payment("10.17") },
        },
        refusal: (_request, _operation, said) => signed(400, said),
        effects: () => orders.entries().length,
        callbacks: { maxAgeSeconds: maxSkewSeconds },
      },
    };
  },
});

function judge({ headers, path, body }: WireRequest, now: Date): WireAnswer | undefined {
  const stamp = headers["x-timestamp"] ?? "";
  const isFresh = Math.abs(now.getTime() / 1_000 - Number(stamp)) <= maxSkewSeconds;
  if (isFresh && headers["x-signature"] === hmac(`${stamp}.${path}.${body.toString()}`)) return undefined;
  return signed(401, { code: "BAD_SIGNATURE", message: "the signature does not verify" });
}

/** What the vendor says of an order, which is not always true. */
function told({ number, amount, currency, state }: Order): Record<string, string> {
  const lie = amount.split(".")[1];
  if (lie === "15") return { number, amount: "9.15", currency, state };
  if (lie === "16") return { number, amount, currency: "EUR", state };
  return lie === "17" ? { number: "0".repeat(32), amount, currency, state } : { number, amount, currency, state };
}

function signed(status: number, said: object): WireAnswer {
  const body = JSON.stringify(said);
  return { status, headers: { "content-type": "application/json", "x-signature": hmac(body) }, body };
}

function payment(amount: string): Sample {
  const account = { scheme: "uk_sort_code", sortCode: "080800", accountNumber: "21325698" };
  return {
    body: {
      amount: { amount, currency: "GBP" },
      creditor: { name: "ACME Inc", account },
      returnUrl: "https://partner.example/return",
      reference: "INVOICE-1",
    },
  };
}

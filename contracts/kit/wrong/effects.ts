/** Wrong in the mapping: what was done, how often, and what of it is told. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { done, Fault, rejected } from "#capability";
import { bankPayments, compare, correct, orderOf, shown } from "./correct.ts";
import type { CorrectAdapter } from "./correct.ts";
import { wrong } from "./wrong.ts";

type Payments = NonNullable<CorrectAdapter["capabilities"]["bankPayments"]>;

/** The correct capability with another creation or get. */
const mapped = (other: Partial<Payments>): Partial<CorrectAdapter> => ({
  capabilities: { bankPayments: { ...bankPayments, ...other } },
});

const get = bankPayments.get as Exclude<typeof bankPayments.get, "stored">;

/** Compares nothing. */
const trusting: Partial<Payments> = {
  async create(call, vendor) {
    const { body } = await vendor.call("order.create", { body: orderOf(call) });
    return shown(call, call.input.body, body.state);
  },
  async get(call, vendor) {
    if (call.resource === undefined) throw rejected("resource_not_found");
    const { body } = await vendor.call("order.query", { path: { number: call.resource.reference } });
    return shown(call, call.resource.body, body.state);
  },
};

/** The vendor's spec with nothing required and nothing typed in its answers. */
function laxSpec(): URL {
  const text = readFileSync(correct.spec, "utf8");
  const lax = text
    .replace("required: [number, amount, currency, state]", "required: []")
    .replace("{ enum: [accepted, settled, absent] }", "{}");
  const file = join(mkdtempSync(join(tmpdir(), "qiao-lax-")), "vendor.openapi.yaml");
  writeFileSync(file, lax);
  return pathToFileURL(file);
}

export const effects = [
  wrong("leaves-the-contract", "answers", "answers without what the contract requires", () =>
    mapped({
      async create(call, vendor) {
        const answer = await bankPayments.create(call, vendor);
        if (answer.outcome !== "done") return answer;
        const { createdAt: _gone, ...rest } = answer.body;
        return done(rest as typeof answer.body);
      },
    }),
  ),
  wrong("timeout-as-a-no", "outcomes", "calls a time-out a definite no", () =>
    mapped({
      async create(call, vendor) {
        try {
          return await bankPayments.create(call, vendor);
        } catch (error) {
          throw error instanceof Fault && error.code === "vendor_timeout" ? rejected("vendor_rejected") : error;
        }
      },
    }),
  ),
  wrong("amount-not-compared", "outcomes", "takes whatever amount the vendor answers about", () => mapped(trusting)),
  wrong("believes-any-shape", "outcomes", "its spec lets through what the vendor never promised", ({ protocol }) => ({
    ...mapped(trusting),
    spec: laxSpec(),
    protocol: { ...protocol, verify: { unsigned: "It does not look." } },
  })),
  wrong("gives-up-on-reading", "outcomes", "fails a payment because the vendor cannot be asked now", () =>
    mapped({
      async get(call, vendor) {
        try {
          return await get(call, vendor);
        } catch (error) {
          if (call.resource === undefined) throw error;
          return shown(call, call.resource.body, "absent");
        }
      },
    }),
  ),
  wrong("never-finds-out", "outcomes", "cannot say what became of a creation whose answer was lost", () =>
    mapped({
      get(call, vendor) {
        if (call.resource?.status === "unknown") throw new Fault("outcome_unknown", { outcome: "unknown" });
        return get(call, vendor);
      },
    }),
  ),
  wrong("believes-absence-at-once", "outcomes", "fails what the vendor does not know of yet", () =>
    mapped({
      async get(call, vendor) {
        const { resource } = call;
        if (resource?.status !== "unknown") return get(call, vendor);
        const { body } = await vendor.call("order.query", { path: { number: resource.reference } });
        return shown(call, resource.body, body.state);
      },
    }),
  ),
  wrong("random-key", "once", "gives the vendor another number for every attempt", () =>
    mapped({
      async create(call, vendor) {
        const number = randomUUID().replaceAll("-", "");
        const { body } = await vendor.call("order.create", { body: { ...orderOf(call), number } });
        compare(body, number, call.input.body);
        return shown(call, call.input.body, body.state);
      },
    }),
  ),
  wrong("blind-retry", "once", "does it again when the answer was lost", () =>
    mapped({
      async create(call, vendor) {
        try {
          return await bankPayments.create(call, vendor);
        } catch (error) {
          if (!(error instanceof Fault) || error.outcome !== "unknown") throw error;
          return bankPayments.create(call, vendor);
        }
      },
    }),
  ),
  wrong("waits-on", "limits", "goes on waiting when its time is over", () =>
    mapped({
      async create(call, vendor) {
        try {
          return await bankPayments.create(call, vendor);
        } catch (error) {
          await sleep(3_000);
          throw error;
        }
      },
    }),
  ),
  wrong("name-in-the-log", "silence", "puts the payee's name into an error's detail", () =>
    mapped({
      async create(call, vendor) {
        try {
          return await bankPayments.create(call, vendor);
        } catch (error) {
          const { name } = call.input.body.creditor;
          throw new Fault("vendor_fault", { outcome: "unknown", detail: `could not pay ${name}`, cause: error });
        }
      },
    }),
  ),
];

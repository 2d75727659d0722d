import { describe, expect, it } from "vitest";
import { Fault } from "#capability";
import type { FaultOptions, VendorClient } from "#capability";
import { vendorClient } from "./client.ts";
import { startBudget } from "./layers/budget.ts";
import type { Exchange } from "./types.ts";

type Outcome = FaultOptions["outcome"] | "done";

/** A client whose calls end as told, one after the other: `once` has an effect, `read` asks. */
function clientThat(outcomes: Outcome[]): VendorClient<Record<"once" | "read", object>> {
  const left = [...outcomes];
  const exchange: Exchange = () => {
    const outcome = left.shift() ?? "done";
    if (outcome !== "done") throw new Fault("vendor_unavailable", { outcome, retryAfterSeconds: 3, vendor });
    return Promise.resolve({ raw: { status: 200, headers: {}, bytes: Buffer.alloc(0) }, body: undefined });
  };
  const operations = new Map(["once", "read"].map((id) => [id, { id, effect: id }]));
  const context = { adapter: { manifest: { name: "fictitious" }, spec: { operations } } };
  const rest = { reference: "", origin: { requestId: "", traceparent: "", operationId: "" } };
  const budget = startBudget(1_000);
  budget.stop();
  return vendorClient({ ...context, ...rest, budget } as never, exchange, {} as never);
}
const vendor = { adapter: "fictitious", code: "CLOSED" };

async function last(outcomes: Outcome[], calls: ("once" | "read")[]): Promise<unknown> {
  const client = clientThat(outcomes);
  let end: unknown;
  for (const operation of calls) end = await client.call(operation, {}).catch((error: unknown) => error);
  return end;
}

describe("a question after an effect", () => {
  it.each<[Outcome, Outcome]>([
    ["done", "not_sent"],
    ["done", "rejected"],
    ["unknown", "not_sent"],
    ["unknown", "rejected"],
  ])("effect %s, question %s: what became of the effect is not known", async (effect, question) => {
    const fault = await last([effect, question], ["once", "read"]);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ outcome: "unknown", code: "vendor_unavailable", vendor, retryAfterSeconds: 3 });
  });

  it("stays what it is where no effect can have been", async () => {
    expect(await last(["not_sent"], ["read"])).toMatchObject({ outcome: "not_sent" });
    expect(await last(["done", "not_sent"], ["read", "read"])).toMatchObject({ outcome: "not_sent" });
    expect(await last(["rejected", "not_sent"], ["once", "read"])).toMatchObject({ outcome: "not_sent" });
    expect(await last(["not_sent", "rejected"], ["once", "read"])).toMatchObject({ outcome: "rejected" });
  });

  it("does not change what a second effect says of itself", async () => {
    expect(await last(["done", "not_sent"], ["once", "once"])).toMatchObject({ outcome: "not_sent" });
  });
});

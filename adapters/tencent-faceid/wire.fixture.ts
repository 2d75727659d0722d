import { errorRow, Fault } from "#capability";
import type { Call, OperationId, Outcome, ResourceView, VendorClient } from "#capability";
import type { RunningMock } from "#mocks";
import adapter from "./index.ts";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

const reference = "0123456789abcdef0123456789abcdef";
const partner = { id: "partner" };

export function configOf(mock: RunningMock, changed: Record<string, unknown> = {}): Config {
  return adapter.config.parse({ ...mock.config, ...changed });
}

/** The shortest way to the mock: signs, sends and reads as the adapter's protocol says, and throws what its table says. */
export function wireClient(config: Config, now = new Date()): VendorClient<operations> {
  const client: VendorClient<operations> = {
    async call(operation, input) {
      const { protocol } = adapter;
      const url = new URL("/", protocol.baseUrl(config, operation));
      const body = Buffer.from(JSON.stringify(input.body));
      const headers: Record<string, string> = { host: url.host, "content-type": "application/json" };
      const request = { operation, method: "POST", url, headers, body };
      await protocol.authorize(request, { config, reference, attempt: 1, now, vendor: client });
      const { host: _, ...sent } = request.headers;
      const answer = await fetch(request.url, { method: "POST", headers: sent, body });
      const parsed: unknown = await answer.json();
      const refused = protocol.failure({ status: answer.status, headers: {}, body: parsed }, operation);
      if (refused !== undefined) throw faultOf(refused.code, refused.message ?? "", operation);
      return { status: answer.status, headers: {}, body: parsed as never };
    },
    keep: () => Promise.reject(new TypeError("Tencent keeps nothing half-way")),
    credential: () => Promise.reject(new Error("this vendor has no credentials to fetch")),
  };
  return client;
}

function faultOf(code: string, message: string, operation: string): Fault {
  const row = errorRow(adapter.errors, code, operation);
  const vendor = { adapter: adapter.name, code, message };
  return new Fault(row?.problem ?? "vendor_fault", { outcome: row?.outcome ?? "unknown", vendor });
}

/** A call that creates. */
export function creation<Id extends OperationId>(
  operationId: Id,
  config: Config,
  body: Call<Id, Config>["input"]["body"],
  now = new Date(),
): Call<Id, Config> {
  const input = { path: {}, query: {}, body } as Call<Id, Config>["input"];
  const id = "xxx_01JD9ZK3V7W8X9Y0Z1A2B3";
  return { operationId, id, reference, input, resource: undefined, parents: {}, partner, config, callbackUrl: "", now };
}

/** The `get` of what a creation made. `outcome` undefined: our process died before it learned of one. */
export function reading(
  created: Call<"faceVerifications.create", Config>,
  outcome: Outcome<"faceVerifications.create"> | undefined,
  now = new Date(),
): Call<"faceVerifications.get", Config> {
  const resource: ResourceView<never> = {
    id: created.id,
    reference: created.reference,
    status: "pending",
    body: (outcome?.outcome === "done" ? outcome.body : {}) as never,
    state: outcome?.outcome === "done" ? outcome.state : undefined,
    createdAt: created.now,
    request: created.input.body,
  };
  const input = { path: { faceVerificationId: created.id }, query: {}, body: undefined };
  const get = { ...created, operationId: "faceVerifications.get", input, resource, now };
  return get as unknown as Call<"faceVerifications.get", Config>;
}

/** What a handler threw. */
export async function faultFrom(run: Promise<unknown>): Promise<Fault> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error;
  throw new Error("the handler threw no Fault", { cause: error });
}

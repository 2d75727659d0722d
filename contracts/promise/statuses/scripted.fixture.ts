/**
 * An adapter for every operation there is, read off the contract. The driver copies this file as `index.ts` into a folder of
 * its own and lets the gateway find it there. What its vendor says is scripted, operation by operation: a good answer, a
 * status for the resource, or one of the codes of the catalogue.
 */
import { z } from "zod";
import { defineAdapter, done } from "#capability";
import type { Call, OperationId, VendorClient } from "#capability";
import { operations, problems, resources } from "#specs";
import type { ProblemCode, ResourceName } from "#specs";

const config = z.strictObject({ baseUrl: z.url().describe("The scripted vendor.") });
type Config = z.output<typeof config>;

interface Act {
  requestBody: { content: { "application/json": { reference: string } } };
  responses: {
    200: { content: { "application/json": { status?: string; handle?: string; answer?: Record<string, unknown> } } };
  };
}
type Vendor = VendorClient<Record<string, Act>>;
type AnyCall = Call<OperationId, Config>;

/** The resource with what is required of it: its id, status, creation, and what it repeats from the request. */
function shown(call: AnyCall, resource: ResourceName, status: string | undefined): Record<string, unknown> {
  const asked = (call.resource?.body ?? call.input.body ?? {}) as Record<string, unknown>;
  const echoed = resources[resource].echo.flatMap((field) =>
    asked[field] === undefined ? [] : [[field, asked[field]]],
  );
  const first = resources[resource].states["unknown"]?.find((each) => each !== "processing");
  return {
    ...Object.fromEntries(echoed),
    id: call.id,
    status: status ?? call.resource?.status ?? first,
    createdAt: (call.resource?.createdAt ?? call.now).toISOString(),
  };
}

const handler = (operation: OperationId) => async (call: AnyCall, vendor: Vendor) => {
  const { body } = await vendor.call(operation, { body: { reference: call.reference } });
  const { resource } = operations[operation];
  const kept = body.handle === undefined ? {} : { handles: [body.handle] };
  return done((resource === undefined ? body.answer : shown(call, resource, body.status)) as never, kept);
};

const capabilities: Record<string, Record<string, unknown>> = {};
for (const [operation, { answeredBy }] of Object.entries(operations)) {
  if (answeredBy !== "adapter") continue;
  const [capability = "", verb = ""] = operation.split(".");
  capabilities[capability] = { ...capabilities[capability], [verb]: handler(operation as OperationId) };
}

export default defineAdapter<Config, Record<string, Act>>({
  name: "scripted",
  title: "A vendor that says what it is told to say",
  kind: "vendor",
  spec: new URL("./vendor.openapi.yaml", import.meta.url),
  config,
  hosts: ({ baseUrl }) => [new URL(baseUrl).host],
  protocol: {
    baseUrl: ({ baseUrl }) => baseUrl,
    authorize: async () => undefined,
    verify: () => undefined,
    failure({ body }) {
      const { code } = (body ?? {}) as { code?: unknown };
      return typeof code === "string" ? { code } : undefined;
    },
  },
  errors: [
    { code: "LOST", problem: "vendor_fault", outcome: "unknown", note: "it may have happened" },
    ...(Object.keys(problems) as ProblemCode[]).map((problem) => ({
      code: problem,
      problem,
      outcome: "rejected" as const,
    })),
  ],
  capabilities,
  unsupported: [],
  proof: { grade: "conforms" },
});

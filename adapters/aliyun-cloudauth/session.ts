import { z } from "zod";
import { done, Fault, rejected } from "#capability";
import type { Call, Done, Output, VendorClient } from "#capability";
import { succeeded } from "./answers.ts";
import type { Config } from "./config.ts";
import { failureOf, sessionExpired, sessionStates, verdictOf } from "./face-results.ts";
import type { components, operations } from "./vendor.d.ts";

type Verification = Output<"faceVerifications.get">;
type GetCall = Call<"faceVerifications.get", Config>;
type Result = components["schemas"]["DescribeFaceResult"];

/** A face shown in the last second is still being compared when the session ends; clocks may differ by fifteen minutes. */
const expiryGraceSeconds = 1_200;
/** DescribeFaceVerify: no such CertifyId. */
const unknownSession = "406";

/** What the vendor knows a session by, kept with the resource. */
export const stateSchema = z.object({
  certifyId: z.string(),
  sceneId: z.int(),
  url: z.string(),
  expiresAt: z.iso.datetime(),
});
export type State = z.infer<typeof stateSchema>;

const requestSchema = z.object({ reference: z.string().optional() });

/**
 * What became of a session, as the vendor says when asked. `said` is the `SubCode` that a callback brought: one that the vendor
 * does not confirm makes the callback a forgery, and nothing moves.
 */
export async function readSession(
  call: GetCall,
  vendor: VendorClient<operations>,
  said?: string,
): Promise<Done<Verification>> {
  const { id, resource, now } = call;
  if (resource === undefined) throw new Fault("internal_error", { outcome: "not_sent", detail: "no resource" });
  const { reference } = requestSchema.parse(resource.request);
  const base = {
    id,
    ...(reference === undefined ? {} : { reference }),
    createdAt: resource.createdAt.toISOString(),
  };
  // A session whose CertifyId was never learned cannot be asked about, nor can anyone have its URL: it will never be used.
  if (resource.state === undefined) return done({ ...base, ...expired });
  return done({ ...base, ...(await progress(stateSchema.parse(resource.state), now, vendor, said)) });
}

const expired = { status: "expired", failure: sessionExpired } as const;

async function progress(
  state: State,
  now: Date,
  vendor: VendorClient<operations>,
  said: string | undefined,
): Promise<Pick<Verification, "status" | "url" | "expiresAt" | "similarity" | "failure">> {
  const isOver = now.getTime() > Date.parse(state.expiresAt) + expiryGraceSeconds * 1000;
  const found = await describe(state, vendor).catch((error: unknown): "open" => {
    // Once nobody can finish it any more, the vendor may have forgotten it too.
    if (isOver && error instanceof Fault && error.vendor?.code === unknownSession) return "open";
    throw error;
  });
  if (found === "open") return isOver ? expired : { status: "pending", url: state.url, expiresAt: state.expiresAt };
  if ("ended" in found) return { status: "failed", failure: failureOf(found.ended) };
  if (said !== undefined && said !== found.SubCode) {
    throw rejected("vendor_rejected", "the callback says otherwise than the vendor does when asked");
  }
  return verdictOf(found);
}

async function describe(
  { certifyId, sceneId }: State,
  vendor: VendorClient<operations>,
): Promise<Result | "open" | { ended: string }> {
  const { body } = await vendor.call("DescribeFaceVerify", { query: { SceneId: sceneId, CertifyId: certifyId } });
  if (succeeded(body)) return body.ResultObject;
  return sessionStates[body.Code] === "ended" ? { ended: body.Code } : "open";
}

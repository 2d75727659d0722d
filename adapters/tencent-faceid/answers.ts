import { Fault } from "#capability";
import type { VendorWords } from "#capability";
import type { components } from "./vendor.d.ts";

export const adapterName = "tencent-faceid";

/** The vendor's words for a problem. */
export function words(code: string, message?: string | null): VendorWords {
  return { adapter: adapterName, code, ...(message ? { message } : {}) };
}

/** An answer that contradicts itself or what was asked: whatever it tells cannot be believed. */
export function invalidAnswer(detail: string): Fault {
  return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail });
}

/** The result in `Response`. The error shape, which `protocol.failure` has ruled out before, would be refused here. */
export function resultOf<Result extends { RequestId: string }>(
  response: Result | components["schemas"]["ErrorResult"],
): Result {
  if ("Error" in response) throw invalidAnswer("Response.Error beside a result");
  return response;
}

import { Fault } from "#capability";
import type { VendorWords } from "#capability";
import type { components } from "./vendor.d.ts";

export const adapterName = "aliyun-cloudauth";
/** `Code` of an answer of the product's that is no refusal. */
export const successCode = "200";

type Refusal = components["schemas"]["Refusal"];

interface Success<Result> {
  Code: "200";
  ResultObject: Result;
}

/** Whether the product answered; what else it may say is a refusal, or a state of a session. */
export function succeeded<Result>(body: Success<Result> | Refusal): body is Success<Result> {
  return body.Code === successCode;
}

/** The result. A refusal, which `protocol.failure` has ruled out before, would be an answer that contradicts itself. */
export function resultOf<Result>(body: Success<Result> | Refusal): Result {
  if (!succeeded(body)) throw invalidAnswer("a refusal where a result was due");
  return body.ResultObject;
}

/** The vendor's words for a problem. */
export function words(code: string, message?: string): VendorWords {
  return { adapter: adapterName, code, ...(message === undefined ? {} : { message }) };
}

/** An answer that contradicts itself or what was asked: whatever it tells cannot be believed. */
export function invalidAnswer(detail: string): Fault {
  return new Fault("vendor_invalid_answer", { outcome: "unknown", counts: true, detail });
}

import { Fault } from "#capability";
import type { Config } from "./config.ts";
import { invalidAnswer } from "./money.ts";

type Response<Body, Key extends string> = Body extends { [K in Key]: infer Value } ? Value : never;
type Success<Value> = Value extends { code: "10000" | "10003" } ? Value : never;

/**
 * The operation's own response, once refusals were ruled out. Throws an unknown `vendor_invalid_answer` if there is none,
 * which the outbound road's checks leave no room for.
 */
export function saidSuccess<Body extends object, Key extends string>(
  body: Body,
  key: Key,
): Success<Response<Body, Key>> {
  const response: unknown = Reflect.get(body, key);
  if (!isSuccess<Success<Response<Body, Key>>>(response)) throw invalidAnswer("no success where a success was due");
  return response;
}

function isSuccess<Value>(response: unknown): response is Value {
  if (typeof response !== "object" || response === null || !("code" in response)) return false;
  return response.code === "10000" || response.code === "10003";
}

/** Whether a call ended with one of these codes of Alipay's. */
export function vendorSaid(fault: unknown, ...codes: string[]): boolean {
  return fault instanceof Fault && fault.vendor !== undefined && codes.includes(fault.vendor.code);
}

/** Whether no request that made the resource can still be under way. */
export function isAbsentForSure(createdAt: Date, { now, config }: { now: Date; config: Config }): boolean {
  return now.getTime() - createdAt.getTime() >= config.absentAfterSeconds * 1_000;
}

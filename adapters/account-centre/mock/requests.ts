import type { WireRequest } from "#mocks";
import type { Customer } from "./accounts.ts";
import { Refused } from "./problems.ts";
import type { Found } from "./problems.ts";

const maxPageSize = 200;
const defaultPageSize = 50;

const customerRules: Record<string, RegExp> = {
  name: /^\P{Cc}{1,64}$/u,
  nationalId: /^[1-9][0-9]{16}[0-9X]$/,
  phone: /^\+[1-9][0-9]{6,14}$/,
  email: /^[^@\s]{1,64}@[^@\s]{1,189}$/,
  reference: /^[A-Za-z0-9._:/-]{1,64}$/,
};
const closingRules = { reason: /^(customer_request|deceased|fraud|inactivity|compliance)$/ };

/** The customer in the body, or a `request_invalid` that names every fault. */
export function customerIn(body: Buffer): Customer {
  return fieldsIn(body, customerRules, ["email"]) as unknown as Customer;
}

/** The reason in the body of a closing. */
export function reasonIn(body: Buffer): string {
  return fieldsIn(body, closingRules).reason;
}

/** `Partner-Id` or `Resource-Id`, or a refusal. */
export function headerIn(request: WireRequest, name: "Partner-Id" | "Resource-Id"): string {
  const pattern = name === "Partner-Id" ? /^[a-z0-9][a-z0-9-]{0,63}$/ : /^cac_[0-9A-Za-z]{20,32}$/;
  const value = request.headers[name.toLowerCase()];
  if (value !== undefined && pattern.test(value)) return value;
  throw invalid([{ header: name, detail: value === undefined ? "is missing" : "does not match the pattern" }]);
}

/** How many entries a page may hold. */
export function limitIn(query: URLSearchParams): number {
  const text = query.get("limit") ?? String(defaultPageSize);
  const limit = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxPageSize) return limit;
  throw invalid([{ parameter: "limit", detail: `must be an integer from 1 to ${maxPageSize}` }]);
}

function fieldsIn<Name extends string>(
  body: Buffer,
  rules: Record<Name, RegExp>,
  optional: readonly string[] = [],
): Record<Name, string> {
  const fields = objectIn(body);
  const found: Found[] = Object.keys(fields)
    .filter((name) => !Object.hasOwn(rules, name))
    .map((name) => ({ pointer: `/${name}`, detail: "is not known here", code: "additionalProperties" }));
  for (const [name, pattern] of Object.entries<RegExp>(rules)) {
    const value = fields[name];
    if (value === undefined && optional.includes(name)) continue;
    if (value === undefined) found.push({ pointer: `/${name}`, detail: "is missing", code: "required" });
    else if (typeof value !== "string" || !pattern.test(value)) {
      found.push({ pointer: `/${name}`, detail: "does not match the pattern", code: "pattern" });
    }
  }
  if (found.length > 0) throw invalid(found);
  return fields as Record<Name, string>;
}

function objectIn(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // refused below, like any other body that is no object
  }
  throw new Refused("body_malformed", "Send one JSON object.");
}

function invalid(errors: Found[]): Refused {
  return new Refused("request_invalid", "Mend what errors names.", errors);
}

/** Bodies of requests about people, each under a reference of its own. */
import { randomUUID } from "node:crypto";
import { person } from "./draft.fixture.ts";

/** An identity check. */
export function check(more: Record<string, string> = {}): Record<string, string> {
  return { ...person, reference: randomUUID(), ...more };
}

let customers = 0;
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A customer that the account centre has not seen, with a national ID whose check digit is right (GB 11643). */
export function customer(name = "李四"): Record<string, string> {
  customers += 1;
  const digits = `11010519491231${String(customers).padStart(3, "0")}`;
  const sum = weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  const nationalId = digits + "10X98765432".charAt(sum % 11);
  return { name, nationalId, phone: "+8613800138000", reference: randomUUID() };
}

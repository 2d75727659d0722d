/** Personal values of the kit's own, each of which occurs nowhere else: found again wherever one flies to. */
import { readBundle } from "#specs";
import { pointersOf, replacedAt, textAt } from "./pointers.ts";

let sown = 400;

/** Codes and regions have too few letters to be found again, and vendors look at them. */
const minCanaryChars = 5;
const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A value of the same form as the example: digits stay digits, what carries check digits keeps them right. */
function canaryLike(example: string, pii: string, field: string): string | undefined {
  sown += 1;
  const number = String(sown);
  if (pii === "name") return `Quokka${number}`;
  if (pii === "email") return `quokka${number}@mail.example`;
  if (pii === "free_text") return `Quokka note ${number}`;
  if (pii === "birth_date") return `19${30 + (sown % 60)}-0${1 + (sown % 9)}-${10 + (sown % 18)}`;
  if (pii === "national_id" && /^\d{17}[\dX]$/.test(example))
    return withCheckDigit(`${example.slice(0, 14)}${number.padStart(3, "0").slice(-3)}`, sown);
  if (/^[A-Z]{2}\d{2}/.test(example) && field === "iban") return iban(example, number);
  if (example.length < minCanaryChars || field === "region") return undefined;
  if (pii === "address" && !/\d/.test(example)) return `Quokkaville ${number}`;
  if (!/\d{4}/.test(example)) return `${example.slice(0, 20)} ${number}`;
  return example.replace(/\d{1,6}(?=\D*$)/, (digits) => number.padStart(digits.length, "0").slice(-digits.length));
}

/** GB 11643: another day of birth for each, and the 18th character. */
function withCheckDigit(seventeen: string, nth: number): string {
  const day = `19${30 + (Math.floor(nth / 1_000) % 60)}1${nth % 3}1${nth % 9}`;
  const body = `${seventeen.slice(0, 6)}${day}${seventeen.slice(14)}`;
  const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + "10X98765432".charAt(sum % 11);
}

/** ISO 7064 mod 97-10 over an account number of our own. */
function iban(example: string, number: string): string {
  const account = example.slice(4, -6) + number.padStart(6, "0").slice(-6);
  const digits = `${account}${example.slice(0, 2)}00`.replaceAll(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  const check = 98n - (BigInt(digits) % 97n);
  return example.slice(0, 2) + String(check).padStart(2, "0") + account;
}

export interface Planted {
  body: Record<string, unknown>;
  canaries: string[];
}

const bundle = readBundle();

/** Puts a canary in the place of every personal value of an operation's request, but for the pointers in `keep`. */
export function plant(operationId: string, body: Record<string, unknown>, keep: readonly string[] = []): Planted {
  let planted: unknown = body;
  const canaries: string[] = [];
  const done = new Set(keep);
  for (const { pointer, pii } of pointersOf(bundle, operationId)) {
    const example = textAt(planted, pointer);
    if (example === undefined || done.has(pointer)) continue;
    done.add(pointer);
    const canary = canaryLike(example, pii, pointer.split("/").at(-1) ?? "");
    if (canary === undefined) continue;
    canaries.push(canary);
    planted = replacedAt(planted, pointer, canary);
  }
  return { body: planted as Record<string, unknown>, canaries };
}

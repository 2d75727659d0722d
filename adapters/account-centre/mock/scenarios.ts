import type { WireFault } from "#mocks";

/** How an answer goes wrong, after the effect unless `lost`. */
export interface Trouble {
  /** Nothing reaches the platform's books, although the connection broke as if it might have. */
  lost?: true;
  fault?: WireFault;
  delayMs?: number;
  /** Signed with a key that the platform never published, or changed after signing. */
  signature?: "stranger" | "tampered" | "none";
}

/** What a customer's name makes of the account. */
export interface Scenario {
  /** Refusal of the opening, with its words. */
  refusal?: [code: string, detail: string];
  opening?: Trouble;
  /** Pending first; then open, or rejected. */
  pending?: "open" | "rejected";
  /** Money on the account: it cannot be closed. */
  balance?: true;
  closing?: Trouble;
}

/** How long a pending account stays so. */
export const pendingMs = 400;
/** The answer to `Slow`: longer than the gateway waits. */
const slowAnswerMs = 20_000;

/** By name; anybody else gets an open account at once. */
const scenarios: Record<string, Scenario> = {
  Refused: { refusal: ["vendor_rejected", "The customer is on the platform's refusal list."] },
  Unknown: { refusal: ["customer_unknown", "The identity register does not know the customer."] },
  Busy: { refusal: ["vendor_unavailable", "The core banking system is closed for the day's end."] },
  Pending: { pending: "open" },
  Declined: { pending: "rejected" },
  Balance: { balance: true },
  Slow: { opening: { delayMs: slowAnswerMs } },
  Reset: { opening: { fault: "reset" } },
  Lost: { opening: { fault: "reset", lost: true } },
  Html: { opening: { fault: "html_502" } },
  Forged: { opening: { signature: "stranger" } },
  Tampered: { opening: { signature: "tampered" } },
  Unsigned: { opening: { signature: "none" } },
  Fickle: { closing: { fault: "reset" } },
};

export function scenarioOf(name: string): Scenario {
  return scenarios[name] ?? {};
}

import type { WireFault } from "#mocks";

/** How long a simulated buyer takes to confirm in the app. */
export const buyerDelayMs = 300;
/** How long a refund takes that is not made at once. */
export const refundDelayMs = 300;
export const slowAnswerMs = 3_000;

/** What a magic buyer does; an ordinary one confirms after `buyerDelayMs` (or has paid at once, with a payment code). */
export interface Behaviour {
  /** Pays; never acts; has the trade closed. Default: pays. */
  acts?: "pays" | "never" | "declines";
  /** Confirms before the creation is answered, and the notification comes first. */
  early?: true;
  /** With a payment code: must confirm on the phone first. */
  confirms?: true;
  /** Refused at creation. */
  refusedAs?: string;
  /** The trade is made, but the answer says ACQ.SYSTEM_ERROR the first time; or it is not made, and the answer says so always. */
  systemError?: "after" | "before";
  /** The answer to a creation is spoilt: always before the trade is made, or the first time after it was made. */
  fault?: { how: WireFault; when: "after" | "before" };
  badSignature?: "wrong" | "none";
  slow?: true;
  /** Pays one fen less than was asked: off the vendor's word. */
  paysLess?: true;
  notifies?: "twice" | "backwards" | "forged";
  refund?: "no_balance" | "answer_lost" | "later" | "other_amount";
}

/**
 * By the last four digits of the buyer's account `208800000000xxxx`, or of a payment code of 17 digits that begins with 28 and
 * eleven zeros: `2800000000000xxxx`.
 */
export const magic: Readonly<Record<string, Behaviour>> = {
  "0001": { acts: "never" },
  "0002": { acts: "declines" },
  "0003": { refusedAs: "ACQ.BUYER_BALANCE_NOT_ENOUGH" },
  "0004": { refusedAs: "ACQ.BUYER_ENABLE_STATUS_FORBID" },
  "0005": { paysLess: true },
  "0006": { fault: { how: "reset", when: "after" } },
  "0007": { systemError: "after" },
  "0008": { systemError: "before" },
  "0009": { notifies: "twice" },
  "0010": { notifies: "backwards" },
  "0011": { early: true },
  "0012": { acts: "never", notifies: "forged" },
  "0013": { fault: { how: "hang", when: "before" } },
  "0014": { fault: { how: "html_502", when: "before" } },
  "0015": { badSignature: "wrong" },
  "0016": { badSignature: "none" },
  "0017": { fault: { how: "truncate", when: "after" } },
  "0018": { slow: true },
  "0019": { confirms: true },
  "0020": { refund: "no_balance" },
  "0021": { refund: "answer_lost" },
  "0022": { refund: "later" },
  "0023": { refund: "other_amount" },
  "0024": { fault: { how: "hang", when: "after" } },
  "0025": { fault: { how: "html_502", when: "after" } },
  "0026": { fault: { how: "reset_mid_body", when: "after" } },
  "0027": { fault: { how: "hang_after_headers", when: "after" } },
  "0028": { fault: { how: "drip", when: "after" } },
  "0029": { fault: { how: "reset", when: "before" } },
  "0030": { refusedAs: "ACQ.PAYMENT_AUTH_CODE_INVALID" },
};

const ordinary: Behaviour = {};

/** The behaviour of a buyer's account. */
export function behaviourOf(buyerId: string): Behaviour {
  const digits = /^208800000000(\d{4})$/.exec(buyerId)?.[1];
  return (digits === undefined ? undefined : magic[digits]) ?? ordinary;
}

/** Whose code it is: a magic one names a magic buyer, any other an ordinary one. Undefined if it is no payment code. */
export function buyerOfCode(code: string): string | undefined {
  if (!/^(2[5-9]|30)\d{14,22}$/.test(code)) return undefined;
  const digits = /^280{11}(\d{4})$/.exec(code)?.[1];
  return digits === undefined ? `2088102${code.slice(-9)}` : `208800000000${digits}`;
}

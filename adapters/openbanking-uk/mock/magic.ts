/** The pence of the instructed amount decide what goes wrong. Answers are spoilt once: a repeat with the same key is well. */
export type Magic =
  | "rejected"
  | "no_funds"
  | "slow"
  | "lost"
  | "wrong_amount"
  | "bad_signature"
  | "fault_after"
  | "refused"
  | "pending";

const payments: Readonly<Record<string, Magic>> = {
  "11": "rejected",
  "12": "no_funds",
  "13": "slow",
  "14": "lost",
  "15": "wrong_amount",
  "16": "bad_signature",
  "17": "fault_after",
  "18": "refused",
  "19": "pending",
};

const consents: Readonly<Record<string, Magic>> = {
  "21": "refused",
  "22": "slow",
  "23": "lost",
  "24": "wrong_amount",
  "25": "bad_signature",
  "26": "fault_after",
};

/** How long a slow answer takes. */
export const slowAnswerMs = 3_000;

/** What goes wrong with a payment or the consent to it. */
export function magicOf(kind: "consent" | "payment", initiation: Record<string, unknown>): Magic | undefined {
  const { Amount } = initiation["InstructedAmount"] as { Amount: string };
  return (kind === "consent" ? consents : payments)[Amount.split(".")[1] ?? ""];
}

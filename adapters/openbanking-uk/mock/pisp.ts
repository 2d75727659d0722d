import { createHash, randomUUID } from "node:crypto";
import type { WireAnswer, WireRequest } from "#mocks";
import type { Bank, Consent, Payment } from "./bank.ts";
import { bodyOf, consentBody, consentStatus, findConsent, grantOf, isRecord } from "./consents.ts";
import { magicOf, slowAnswerMs } from "./magic.ts";
import { Refusal } from "./refusals.ts";
import { paymentBody } from "./settle.ts";
import { checkSignature } from "./signature.ts";

const base = "/open-banking/v4.0/pisp";
const consentsPath = `${base}/domestic-payment-consents`;
const keyLifetimeMs = 24 * 3_600_000;

type Answer = { status: number; body?: unknown; forged?: true } & Pick<WireAnswer, "fault" | "delayMs" | "offSpec">;

/** The payment initiation API: every POST signed and idempotent, every answer signed. */
export async function pisp(bank: Bank, request: WireRequest, operation: string): Promise<Answer> {
  const id = decodeURIComponent(request.path.split("/").at(-1) ?? "");
  if (operation === "CreateDomesticPaymentConsents") return stage(bank, request);
  if (operation === "CreateDomesticPayments") return pay(bank, request);
  grantOf(bank, request, "payments", "client");
  if (operation === "GetDomesticPaymentConsentsConsentId") {
    return { status: 200, body: consentBody(bank, consentsPath, findConsent(bank, id, "payments")) };
  }
  const payment = bank.payments.get(id);
  if (payment === undefined) throw new Refusal(400, "U011", "no such payment", "DomesticPaymentId");
  return { status: 200, body: paymentBody(bank, payment) };
}

async function stage(bank: Bank, request: WireRequest): Promise<Answer> {
  grantOf(bank, request, "payments", "client");
  await checkSignature(bank, request);
  const { Data, Risk: risk } = bodyOf(request);
  const initiation = initiationOf(Data);
  const known = repeated(bank, request, "consent");
  if (known !== undefined) {
    return { status: 201, body: consentBody(bank, consentsPath, findConsent(bank, known, "payments")) };
  }
  const magic = magicOf("consent", initiation);
  if (magic === "refused")
    throw new Refusal(400, "U002", "this account cannot be paid", "Data.Initiation.CreditorAccount");
  const createdAt = bank.now().toISOString();
  const consent: Consent = {
    id: `dpc-${randomUUID()}`,
    api: "payments",
    status: "AWAU",
    createdAt,
    updatedAt: createdAt,
    data: { Initiation: initiation },
    risk,
  };
  bank.consents.set(consent.id, consent);
  remember(bank, request, "consent", consent.id);
  if (magic === "fault_after") throw new Refusal(500, "U000", "unexpected error");
  if (magic !== "wrong_amount") return spoilt(magic, consentBody(bank, consentsPath, consent));
  return {
    status: 201,
    body: consentBody(bank, consentsPath, { ...consent, data: { Initiation: dearer(initiation) } }),
  };
}

async function pay(bank: Bank, request: WireRequest): Promise<Answer> {
  const grant = grantOf(bank, request, "payments", "customer");
  await checkSignature(bank, request);
  const { Data, Risk } = bodyOf(request);
  const initiation = initiationOf(Data);
  const known = repeated(bank, request, "payment");
  const payment = known === undefined ? undefined : bank.payments.get(known);
  if (payment !== undefined) return { status: 201, body: paymentBody(bank, payment) };
  const consent = findConsent(bank, String(Data["ConsentId"]), "payments");
  if (grant.consentId !== consent.id)
    throw new Refusal(403, "U009", "the token is for another consent", "Data.ConsentId");
  if (consentStatus(bank, consent) !== "AUTH")
    throw new Refusal(400, "U009", "the consent is not authorised", "Data.ConsentId");
  if (canonical(initiation) !== canonical(consent.data["Initiation"])) {
    throw new Refusal(400, "U008", "differs from the consent", "Data.Initiation");
  }
  if (canonical(Risk) !== canonical(consent.risk)) throw new Refusal(400, "U008", "differs from the consent", "Risk");
  const magic = magicOf("payment", initiation);
  if (magic === "refused")
    throw new Refusal(400, "AM14", "above the customer's limit", "Data.Initiation.InstructedAmount");
  const createdAtMs = bank.now().getTime();
  const made: Payment = { id: `dp-${randomUUID().slice(0, 30)}`, consentId: consent.id, initiation, createdAtMs };
  bank.payments.set(made.id, made);
  bank.consents.set(consent.id, { ...consent, status: "COND", updatedAt: bank.now().toISOString() });
  remember(bank, request, "payment", made.id);
  if (magic === "fault_after") throw new Refusal(500, "U000", "unexpected error");
  return spoilt(
    magic,
    paymentBody(bank, magic === "wrong_amount" ? { ...made, initiation: dearer(initiation) } : made),
  );
}

function spoilt(magic: ReturnType<typeof magicOf>, body: object): Answer {
  if (magic === "slow") return { status: 201, body, delayMs: slowAnswerMs };
  if (magic === "lost") return { status: 201, body, fault: "reset" };
  if (magic === "bad_signature") return { status: 201, body, forged: true };
  return { status: 201, body };
}

function initiationOf(data: Record<string, unknown>): Record<string, unknown> {
  const initiation = data["Initiation"];
  if (!isRecord(initiation)) throw new Refusal(400, "U004", "missing", "Data.Initiation");
  const amount = initiation["InstructedAmount"];
  if (!isRecord(amount) || typeof amount["Amount"] !== "string" || !/^\d{1,13}(\.\d{1,5})?$/.test(amount["Amount"])) {
    throw new Refusal(400, "U010", "not an amount", "Data.Initiation.InstructedAmount.Amount");
  }
  if (amount["Currency"] !== "GBP") {
    throw new Refusal(400, "U023", "GBP only", "Data.Initiation.InstructedAmount.Currency");
  }
  if (!isRecord(initiation["CreditorAccount"]) || typeof initiation["CreditorAccount"]["Name"] !== "string") {
    throw new Refusal(400, "U004", "missing", "Data.Initiation.CreditorAccount.Name");
  }
  return initiation;
}

/** The resource that this x-idempotency-key made; 400 if the key is missing, malformed or came with another body. */
function repeated(bank: Bank, request: WireRequest, kind: "consent" | "payment"): string | undefined {
  const key = request.headers["x-idempotency-key"];
  if (key === undefined) throw new Refusal(400, "U007", "missing", "x-idempotency-key");
  if (key.length > 40 || key.trim() !== key || key === "")
    throw new Refusal(400, "U006", "invalid", "x-idempotency-key");
  const known = bank.keys.get(`${kind} ${key}`);
  if (known === undefined || known.atMs + keyLifetimeMs <= bank.now().getTime()) return undefined;
  if (known.digest !== digest(request))
    throw new Refusal(400, "U006", "the key came with another body", "x-idempotency-key");
  return known.resourceId;
}

function remember(bank: Bank, request: WireRequest, kind: "consent" | "payment", resourceId: string): void {
  const key = `${kind} ${request.headers["x-idempotency-key"] ?? ""}`;
  bank.keys.set(key, { digest: digest(request), resourceId, atMs: bank.now().getTime() });
}

function digest(request: WireRequest): string {
  return createHash("sha256").update(request.body).digest("hex");
}

/** The same instruction over one pound more. */
function dearer(initiation: Record<string, unknown>): Record<string, unknown> {
  const { Amount, Currency } = initiation["InstructedAmount"] as { Amount: string; Currency: string };
  const [whole = "0", pence = "00"] = Amount.split(".");
  return { ...initiation, InstructedAmount: { Amount: `${BigInt(whole) + 1n}.${pence}`, Currency } };
}

/** JSON with sorted names, to compare what was staged with what is paid. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

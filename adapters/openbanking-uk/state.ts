import { z } from "zod";

const opening = z.object({
  /** PKCE verifier (RFC 7636 4.1) and nonce: the same for every URL of one resource, so that each of them works. */
  verifier: z.string(),
  nonce: z.string(),
  url: z.string(),
  urlExpiresAt: z.string(),
});

const tokens = z.object({
  accessToken: z.string(),
  accessExpiresAt: z.string(),
  refreshToken: z.string().optional(),
});

const consentState = z.object({
  consentId: z.string(),
  opening,
  tokens: tokens.optional(),
  authorisedAt: z.string().optional(),
});

const paymentState = z.object({
  consentId: z.string(),
  opening,
  /** Risk.PaymentContextCode as it was staged: the payment must repeat it. */
  context: z.enum([
    "BillingGoodsAndServicesInAdvance",
    "BillingGoodsAndServicesInArrears",
    "EcommerceMerchantInitiatedPayment",
    "TransferToThirdParty",
  ]),
  tokens: tokens.optional(),
  submittedAt: z.string().optional(),
  paymentId: z.string().optional(),
});

/** An authorisation that waits for the customer. */
export type Opening = z.output<typeof opening>;
/** What the customer's authorisation gave; the core seals it with the resource. */
export type Tokens = z.output<typeof tokens>;
export type ConsentState = z.output<typeof consentState>;
export type PaymentState = z.output<typeof paymentState>;

/** The vendor state of a consent, or undefined if its creation was never learned. Throws on a state that is not ours. */
export function readConsentState(state: unknown): ConsentState | undefined {
  return state === undefined ? undefined : consentState.parse(state);
}

/** The vendor state of a payment, or undefined if its creation was never learned. Throws on a state that is not ours. */
export function readPaymentState(state: unknown): PaymentState | undefined {
  return state === undefined ? undefined : paymentState.parse(state);
}

/** What `done` should be told of the state: nothing where it is as it was stored, so that nothing is written anew. */
export function changed<State>(stored: unknown, state: State): { state?: State } {
  return JSON.stringify(stored) === JSON.stringify(state) ? {} : { state };
}

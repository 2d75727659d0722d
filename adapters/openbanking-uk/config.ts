import { z } from "zod";

const maxHosts = 10;

/** What the adapter must know of the bank and of our registration with it. */
export const config = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .describe("The bank's OAuth issuer; its discovery document stands below it. Compared with `iss` everywhere."),
  apiBaseUrl: z
    .url({ protocol: /^https?$/ })
    .describe("Where the bank's resource server stands, without /open-banking/v4.0."),
  otherHosts: z
    .array(z.string().min(1).max(260))
    .max(maxHosts)
    .default([])
    .describe("Further hosts (host[:port]) that the bank's discovery document names, for tokens or keys."),
  clientId: z.string().min(1).max(256).describe("Our client id at the bank."),
  signingKeyPem: z
    .string()
    .min(1_000)
    .includes("BEGIN PRIVATE KEY")
    .describe(
      "Our RSA signing key (at least 2048 bits), PKCS #8 in PEM. Signs assertions, request objects and bodies.",
    ),
  signingKeyId: z.string().min(1).max(128).describe("The `kid` under which the directory publishes that key."),
  organisationId: z.string().min(1).max(64).describe("Our organisation id in the Open Banking directory."),
  softwareStatementId: z.string().min(1).max(64).describe("The id of our software statement."),
  bankOrganisationId: z.string().min(1).max(64).describe("The bank's organisation id: `iss` of the bodies it signs."),
  trustAnchor: z
    .enum(["openbanking.org.uk", "openbankingtest.org.uk"])
    .describe("`tan` of signed bodies: the live directory or its sandbox."),
  paymentContext: z
    .enum([
      "BillingGoodsAndServicesInAdvance",
      "BillingGoodsAndServicesInArrears",
      "EcommerceMerchantInitiatedPayment",
      "TransferToThirdParty",
    ])
    .default("TransferToThirdParty")
    .describe("Risk.PaymentContextCode of payments."),
  authorisationLifetimeSeconds: z
    .int()
    .min(60)
    .max(604_800)
    .default(86_400)
    .describe("How long a customer may take: seconds during which fresh authorisation URLs are given out."),
});

export type Config = z.output<typeof config>;

/** The hosts that the configuration names. */
export function hosts(value: Config): string[] {
  return [...new Set([new URL(value.issuer).host, new URL(value.apiBaseUrl).host, ...value.otherHosts])];
}

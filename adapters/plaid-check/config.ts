import { z } from "zod";

/** How Plaid Check is reached. The secrets have no default: without them the gateway does not start. */
export const config = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => url.startsWith("https://") || new URL(url).hostname === "127.0.0.1", "https, or http to 127.0.0.1")
    .describe("Plaid's address: https://production.plaid.com, https://sandbox.plaid.com, or the mock's"),
  environment: z
    .enum(["production", "sandbox"])
    .describe("The Plaid environment of these keys; a webhook from the other one is refused"),
  clientId: z.string().min(8).describe("PLAID-CLIENT-ID, from the Plaid dashboard"),
  secret: z.string().min(16).describe("PLAID-SECRET of the environment; two can be active while one is rotated"),
  lendScoreVersion: z.enum(["v1.0", "v2.0", "LS1"]).default("LS1").describe("The LendScore model that is ordered"),
});

export type Config = z.infer<typeof config>;

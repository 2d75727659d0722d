import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { privateKeyOf, publicKeyOf } from "./keys.ts";
import { fenOf } from "./money.ts";

const minModulusBits = 2048;
const yuan = z.string().regex(/^(0|[1-9]\d{0,8})\.\d{2}$/, "yuan with two decimals");

const rate = z.strictObject({
  periods: z.union([z.literal(3), z.literal(6), z.literal(12)]).describe("Number of monthly instalments."),
  feeBearer: z.enum(["customer", "merchant"]).describe("Who pays the fee at this rate."),
  feeRate: z
    .string()
    .regex(/^0(\.\d{1,8})?$/, "a fraction below 1 with at most 8 decimals")
    .describe('Fee for all periods together, as a fraction of the amount: "0.023" is 2.3 %.'),
});

/** What an operator must know to reach Alipay as one seller: keys, contract rates, limits. */
export const configSchema = z
  .strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .describe("Origin of the gateway; /gateway.do is appended. Production: https://openapi.alipay.com"),
    appId: z
      .string()
      .regex(/^\d{16,32}$/, "16 to 32 digits")
      .describe("The application's id (app_id) from the open platform."),
    appPrivateKey: z
      .string()
      .min(1_000)
      .refine(isLargeEnough(privateKeyOf), "an RSA private key of at least 2048 bits")
      .describe(
        "The application's RSA2 private key: PEM, or the base64 of PKCS#8 (or PKCS#1) as Alipay's tool gives it.",
      ),
    alipayPublicKey: z
      .string()
      .min(300)
      .refine(isLargeEnough(publicKeyOf), "an RSA public key of at least 2048 bits")
      .describe("Alipay's public key for this application (not the application's own): PEM or the base64 of SPKI."),
    sellerId: z
      .string()
      .regex(/^2088\d{12}$/, "2088 and 12 digits")
      .optional()
      .describe("The seller's account (PID). If given, notifications for another seller are refused."),
    createProductCode: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe(
        "product_code for trades that the customer confirms in the app, if the contract names one (JSAPI_PAY).",
      ),
    payProductCode: z
      .string()
      .min(1)
      .max(64)
      .optional()
      .describe("product_code for payment codes, if the contract names one (FACE_TO_FACE_PAYMENT)."),
    rates: z
      .array(rate)
      .min(1)
      .max(6)
      .refine(
        (rates) => new Set(rates.map((r) => `${r.periods} ${r.feeBearer}`)).size === rates.length,
        "no pair twice",
      )
      .describe("The seller's contract: one rate per number of periods and fee bearer. What has none is not offered."),
    minAmountYuan: yuan.default("0.01").describe("Least order amount in yuan. Default: Alipay's own limit."),
    maxAmountYuan: yuan
      .default("100000000.00")
      .describe(
        "Greatest order amount in yuan. Default: Alipay's own limit; the instalment contract sets a lower one.",
      ),
    absentAfterSeconds: z
      .int()
      .min(1)
      .max(600)
      .default(20)
      .describe(
        "Seconds after which an order that Alipay does not know is taken as never made. Must exceed the deadline of a creation.",
      ),
  })
  .refine((config) => fenOf(config.minAmountYuan) <= fenOf(config.maxAmountYuan), {
    path: ["maxAmountYuan"],
    message: "is less than minAmountYuan",
  });

export type Config = z.infer<typeof configSchema>;

function isLargeEnough(read: (text: string) => KeyObject): (text: string) => boolean {
  return (text) => {
    try {
      const key = read(text);
      return key.asymmetricKeyType === "rsa" && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= minModulusBits;
    } catch {
      return false;
    }
  };
}

import { z } from "zod";

const jwk = z.looseObject({ kty: z.enum(["OKP", "EC", "RSA"]) });

/** How the account centre is reached. Both keys are required: nothing is sent unsigned, no answer is taken unsigned. */
export const config = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).origin === url, "an origin: scheme, host and port only")
    .refine((url) => url.startsWith("https://") || new URL(url).hostname === "127.0.0.1", "https, or http to 127.0.0.1")
    .describe("The platform's origin; its signatures cover it"),
  privateJwk: jwk
    .extend({ d: z.string().min(32) })
    .describe(
      "The gateway's private JWK towards this platform (Ed25519, P-256 or RSA), registered there by its public half",
    ),
  platformJwks: z
    .strictObject({
      keys: z
        .array(jwk.refine((key) => !("d" in key), "a public key only"))
        .min(1)
        .max(8),
    })
    .describe("The platform's public keys; any of them is accepted, so that overlap is rotation"),
});

export type Config = z.infer<typeof config>;

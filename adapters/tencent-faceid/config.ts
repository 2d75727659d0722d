import { z } from "zod";

const ruleId = z.string().regex(/^[0-9A-Za-z]{1,32}$/);

/** What an operator sets to reach Tencent Cloud faceid. */
export const configSchema = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://faceid.tencentcloudapi.com")
    .describe("Base URL of the faceid API, without a path."),
  secretId: z.string().min(16).max(128).describe("SecretId of the CAM key; it may call faceid and nothing else."),
  secretKey: z.string().min(16).max(128).describe("SecretKey that belongs to secretId. A secret."),
  region: z
    .string()
    .regex(/^[a-z]{2}-[a-z]{2,16}$/)
    .optional()
    .describe("X-TC-Region, e.g. ap-guangzhou; faceid does not ask for one."),
  ruleId: ruleId.describe("业务流程ID for face verifications of level `standard`, from the vendor's console."),
  enhancedRuleId: ruleId
    .optional()
    .describe("业务流程ID for level `enhanced` (liveness by actions or light); without it that level is refused."),
});

export type Config = z.infer<typeof configSchema>;

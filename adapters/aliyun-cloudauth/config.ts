import { z } from "zod";

/** What an operator sets to reach Alibaba Cloud cloudauth. */
export const configSchema = z.strictObject({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .default("https://cloudauth.aliyuncs.com")
    .describe(
      "Base URL of the cloudauth API, without a path; cloudauth.cn-shanghai.aliyuncs.com and -beijing exist too.",
    ),
  accessKeyId: z
    .string()
    .min(16)
    .max(128)
    .describe("AccessKey ID of a RAM user that may call cloudauth and nothing else."),
  accessKeySecret: z.string().min(16).max(128).describe("AccessKey secret that belongs to accessKeyId. A secret."),
  sceneId: z.int().positive().describe("认证场景ID for face verifications, from the vendor's console."),
  metaInfo: z
    .string()
    .max(2_048)
    .refine(isJsonObject, "must be a JSON object")
    .describe(
      "MetaInfo of a mobile browser, as the vendor's script (getMetaInfo) tells it: decides which page it gives.",
    ),
  callbackSecret: z
    .string()
    .min(32)
    .max(256)
    .describe(
      "Key from which the token of each session's callback is derived; 32 characters or more. A secret of our own.",
    ),
});

export type Config = z.infer<typeof configSchema>;

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

import { messageSignatures } from "#capability";
import type { Protocol } from "#capability";
import type { Config } from "./config.ts";
import type { operations } from "./vendor.d.ts";

const maxMessageLength = 256;

/** Our own wire towards a platform of the company: our signatures both ways, our problems. */
export const protocol: Protocol<Config, operations> = {
  ...messageSignatures<Config>({
    privateJwk: (config) => config.privateJwk,
    platformJwks: (config) => config.platformJwks,
  }),

  baseUrl: (config) => config.baseUrl,

  failure({ status, headers, body }) {
    if (status < 400 || typeof body !== "object" || body === null) return undefined;
    const { code, detail } = body as { code?: unknown; detail?: unknown };
    if (typeof code !== "string" || code === "") return undefined;
    const after = headers["retry-after"];
    return {
      code,
      ...(typeof detail === "string" ? { message: detail.slice(0, maxMessageLength) } : {}),
      ...(after !== undefined && /^\d{1,6}$/.test(after) ? { retryAfterSeconds: Number(after) } : {}),
    };
  },
};

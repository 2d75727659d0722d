import { createHash, createPrivateKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import type { webcrypto } from "node:crypto";
import type { MockContext, WireAnswer } from "#mocks";
import { answer, PlaidError } from "./answers.ts";

interface SigningKey {
  kid: string;
  jwk: webcrypto.JsonWebKey;
  /** Unix seconds. */
  createdAt: number;
  expiredAt: number | null;
}

/** Plaid waits 30 s and then four times as long each time, for 24 hours; here the first wait is shorter. */
const firstRetryMs = 500;
const retryFactor = 4;
const maxAttempts = 6;
/** Plaid gives up on an answer after this. */
const answerTimeoutMs = 10_000;

export interface Webhooks {
  publicKey(keyId: unknown): WireAnswer;
  /** Ends the key in use and makes the next one. */
  rotate(): void;
  /** Delivers until answered with 2xx. `forged` signs other bytes than it sends, and is not repeated. */
  deliver(url: string, body: Record<string, unknown>, forged?: boolean): void;
}

/** Plaid's webhooks: ES256 JWT over the SHA-256 of the body, in `Plaid-Verification`. Signed by hand, not with jose. */
export function createWebhooks(context: MockContext): Webhooks {
  const keys = context.table<SigningKey>("webhook-keys");
  const seconds = (): number => Math.floor(context.now().getTime() / 1000);

  function make(): SigningKey {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = privateKey.export({ format: "jwk" });
    const key: SigningKey = { kid: randomUUID(), jwk, createdAt: seconds(), expiredAt: null };
    keys.set(key.kid, key);
    return key;
  }

  function inUse(): SigningKey {
    return keys.entries().find(([, key]) => key.expiredAt === null)?.[1] ?? make();
  }

  function verification(body: string): string {
    const key = inUse();
    const claims = {
      iat: seconds(),
      request_body_sha256: createHash("sha256").update(body).digest("hex"),
    };
    const input = [{ alg: "ES256", kid: key.kid, typ: "JWT" }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
      .join(".");
    const privateKey = createPrivateKey({ key: key.jwk, format: "jwk" });
    const signature = sign("sha256", Buffer.from(input), {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    return `${input}.${signature.toString("base64url")}`;
  }

  async function attempt(url: string, body: string, number: number, forged: boolean): Promise<void> {
    const headers = {
      "content-type": "application/json",
      "user-agent": "Plaid Webhooks",
      "plaid-verification": verification(forged ? `${body} ` : body),
    };
    const status = await context
      .send({ method: "POST", url, headers, body, timeoutMs: answerTimeoutMs })
      .then((reply) => reply.status)
      .catch(() => 0);
    if ((status >= 200 && status < 300) || number >= maxAttempts || forged) return;
    context.later(firstRetryMs * retryFactor ** (number - 1), () => attempt(url, body, number + 1, false));
  }

  return {
    publicKey(keyId) {
      const key = typeof keyId === "string" ? keys.get(keyId) : undefined;
      if (key === undefined) throw new PlaidError("INVALID_WEBHOOK_VERIFICATION_KEY_ID");
      const { kty, crv, x, y } = key.jwk;
      const dates = { created_at: key.createdAt, expired_at: key.expiredAt };
      return answer(200, {
        key: { alg: "ES256", crv, kid: key.kid, kty, use: "sig", x, y, ...dates },
      });
    },
    rotate() {
      const old = inUse();
      keys.set(old.kid, { ...old, expiredAt: seconds() });
      make();
    },
    deliver(url, body, forged = false) {
      // Plaid indents its webhooks by two blanks; the digest covers the bytes as they are.
      context.later(0, () => attempt(url, JSON.stringify(body, null, 2), 1, forged));
    },
  };
}

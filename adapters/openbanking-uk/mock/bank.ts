import { randomUUID } from "node:crypto";
import { exportJWK, exportPKCS8, generateKeyPair } from "jose";
import type { JWK } from "jose";
import type { MockContext, Table } from "#mocks";

/** What the bank, played, is made of: its keys, its books, and who its one client is. */
export interface Bank {
  issuer: string;
  now(): Date;
  client: { id: string; organisationId: string; softwareStatementId: string; key: JWK & { kid: string } };
  organisationId: string;
  trustAnchor: "openbankingtest.org.uk";
  key: { kid: string; privatePem: string; publicJwk: JWK };
  /** A key that the bank never published, for answers with a wrong signature. */
  strangerPem: string;
  assertions: Table<{ expiresAtMs: number }>;
  pushed: Table<Pushed>;
  codes: Table<Code>;
  tokens: Table<Grant>;
  consents: Table<Consent>;
  payments: Table<Payment>;
  keys: Table<Idempotent>;
}

/** A signed authorisation request that was laid down. */
export interface Pushed {
  consentId: string;
  scope: "accounts" | "payments";
  redirectUri: string;
  state: string;
  nonce: string;
  challenge: string;
  expiresAtMs: number;
}

interface Code extends Pushed {
  used: boolean;
}

/** What a token opens. Without a consent it is the client's own. */
export interface Grant {
  kind: "access" | "refresh";
  scope: "accounts" | "payments";
  consentId?: string;
  expiresAtMs: number;
}

export interface Consent {
  id: string;
  api: "accounts" | "payments";
  status: "AWAU" | "AUTH" | "RJCT" | "COND" | "CANC" | "DELETED";
  createdAt: string;
  updatedAt: string;
  /** `Data` as it was staged, without what the bank adds. */
  data: Record<string, unknown>;
  risk: Record<string, unknown>;
}

export interface Payment {
  id: string;
  consentId: string;
  initiation: Record<string, unknown>;
  createdAtMs: number;
}

/** What came of an x-idempotency-key. */
interface Idempotent {
  digest: string;
  resourceId: string;
  atMs: number;
}

interface KeptKeys {
  bankPem: string;
  bankJwk: JWK;
  clientPem: string;
  clientJwk: JWK;
  strangerPem: string;
}

/** Opens the bank; its keys and our client's are made once and kept. */
export async function openBank(context: MockContext): Promise<{ bank: Bank; clientPem: string }> {
  const kept = await context.keep<KeptKeys>("keys", makeKeys);
  const bank: Bank = {
    issuer: context.origin,
    now: context.now,
    client: {
      id: "qiao-sandbox-client",
      organisationId: "0015800001041RHAAY",
      softwareStatementId: "HQuZPIt3ipkh33Uxytox1E",
      key: { ...kept.clientJwk, kid: "client-signing-1" },
    },
    organisationId: "00158000016i44JAAQ",
    trustAnchor: "openbankingtest.org.uk",
    key: { kid: "bank-signing-1", privatePem: kept.bankPem, publicJwk: kept.bankJwk },
    strangerPem: kept.strangerPem,
    assertions: context.table("assertions"),
    pushed: context.table("pushed"),
    codes: context.table("codes"),
    tokens: context.table("tokens"),
    consents: context.table("consents"),
    payments: context.table("payments"),
    keys: context.table("keys"),
  };
  return { bank, clientPem: kept.clientPem };
}

/** Publishes another key in the place of the one in use, and ends every access token. */
export async function rotateKeys(bank: Bank): Promise<void> {
  const { pem, jwk } = await makeKey();
  bank.key = { kid: randomUUID(), privatePem: pem, publicJwk: jwk };
  for (const [token, { kind }] of bank.tokens.entries()) if (kind === "access") bank.tokens.delete(token);
}

async function makeKeys(): Promise<KeptKeys> {
  const [bank, client, stranger] = await Promise.all([makeKey(), makeKey(), makeKey()]);
  return {
    bankPem: bank.pem,
    bankJwk: bank.jwk,
    clientPem: client.pem,
    clientJwk: client.jwk,
    strangerPem: stranger.pem,
  };
}

async function makeKey(): Promise<{ pem: string; jwk: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair("PS256", { extractable: true });
  return { pem: await exportPKCS8(privateKey), jwk: await exportJWK(publicKey) };
}

/** Fills a store with instalments as the gateway would have left them: claim and answer, resource, history, event, evidence; sealed. */
import { createHash, randomBytes } from "node:crypto";
import { openSqliteStore, sealer } from "#store";
import type { AuditEntry, SealingKey, Store } from "#store";
import { deriveReference, newId } from "../../../gateway/operations/ids.ts";
import { orderBody } from "../exchange.ts";

export interface Prefilling {
  file: string;
  keys: SealingKey[];
  partners: readonly { id: string }[];
  operations: number;
  /** The youngest are as old, the others evenly up to a day more. */
  ageMs?: number;
  /** Told of each tenth of it. */
  say(line: string): void;
}

/** In one commit; far more than the gateway's own, since this is about what is stored and not about how. */
const batchOperations = 2_000;
const limits = { maxBatchUnits: batchOperations, maxQueuedUnits: 8 * batchOperations, deadlineMs: 120_000 };
const claimLifetimeMs = 48 * 3_600_000;
const leaseMs = 15_000;
const dayMs = 24 * 3_600_000;
const operationId = "instalments.create";

export async function prefill({ file, keys, partners, operations, ageMs = 0, say }: Prefilling): Promise<void> {
  const store = await openSqliteStore({ path: file, sealer: sealer({ keys }), limits });
  try {
    const youngestMs = Date.now() - ageMs;
    let [before, last] = [Promise.resolve(), Promise.resolve()];
    for (let done = 0; done < operations; done += batchOperations) {
      const count = Math.min(batchOperations, operations - done);
      const made = Array.from({ length: count }, (_, at) => {
        const nowMs = Math.round(youngestMs - dayMs * (1 - (done + at + 1) / operations));
        return stored(partners[(done + at) % partners.length]?.id ?? "", nowMs);
      });
      // One batch is sealed while another is written.
      await before;
      [before, last] = [last, commit(store, made)];
      if (Math.floor((10 * (done + count)) / operations) > Math.floor((10 * done) / operations))
        say(`${done + count} of ${operations} operations stored`);
    }
    await Promise.all([before, last]);
  } finally {
    await store.close();
  }
}

/** An endpoint that wants everything, for each partner. */
export async function addEndpoints({ file, keys, partners }: Prefilling, url: string): Promise<void> {
  const store = await openSqliteStore({ path: file, sealer: sealer({ keys }) });
  try {
    for (const { id: partner } of partners)
      await store.addEndpoint({
        id: newId("whe"),
        partner,
        url,
        types: ["*"],
        secrets: [],
        createdAtMs: Date.now() - dayMs,
      });
  } finally {
    await store.close();
  }
}

async function commit(store: Store, made: readonly ReturnType<typeof stored>[]): Promise<void> {
  await Promise.all(made.map(({ begin }) => store.begin(begin)));
  await Promise.all([
    ...made.map(({ complete }) => store.complete(complete)),
    store.appendAudit(made.map(({ evidence }) => evidence)),
  ]);
}

/** One instalment that was paid at once. */
function stored(partner: string, nowMs: number) {
  const id = newId("ins");
  const key = randomBytes(16).toString("hex");
  const request = orderBody(`ORDER-${key.slice(0, 24)}`);
  const { amount, periods, feeBearer, reference: theirs } = request;
  const createdAt = new Date(nowMs).toISOString();
  const shown = { id, amount, periods, feeBearer, reference: theirs, createdAt };
  const paid = { ...shown, status: "paid", paidAt: createdAt };
  const body = Buffer.from(JSON.stringify(paid));
  const name = { partner, key, operationId };
  return {
    begin: {
      ...name,
      fingerprint: createHash("sha256").update(key).digest("hex"),
      nowMs,
      claimExpiresAtMs: nowMs + claimLifetimeMs,
      leaseUntilMs: nowMs + leaseMs,
      resource: {
        id,
        kind: "instalments",
        adapter: "bench-vendor",
        reference: deriveReference({ ...name, id }),
        status: "unknown",
        body: { body: { ...shown, status: "unknown" }, request },
        createdAtMs: nowMs,
        askAtMs: nowMs + leaseMs,
        partner,
        operationId,
      },
    },
    complete: {
      ...name,
      nowMs,
      answer: { status: 201, contentType: "application/json", headers: { Location: `/v1/instalments/${id}` }, body },
      resource: {
        id,
        status: "paid",
        body: { body: paid, request },
        cause: "answer",
        event: { id: newId("evt"), type: "instalment.paid", data: paid },
      },
    },
    evidence: evidenceOf(partner, nowMs, body),
  };
}

const signatureBytes = 64;

/** As long as the real thing. */
function evidenceOf(partner: string, atMs: number, body: Buffer): AuditEntry {
  const digest = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
  const [nonce, keyid] = [randomBytes(16).toString("hex"), randomBytes(32).toString("base64url")];
  const signature = (): string => randomBytes(signatureBytes).toString("base64");
  const created = Math.floor(atMs / 1_000);
  const asked = '("@method" "@target-uri" "content-digest" "content-type" "idempotency-key")';
  return {
    atMs,
    requestId: `req_${nonce}`,
    kind: "exchange",
    partner,
    facts: {
      operation: operationId,
      method: "POST",
      target: "/v1/instalments",
      keyid,
      nonce,
      created,
      signatureLabel: "sig",
      signatureInput: `${asked};created=${created};keyid="${keyid}";nonce="${nonce}";tag="fapi-2-request"`,
      signature: signature(),
      contentDigest: digest,
      outcome: "done",
      adapter: "bench-vendor",
      status: 201,
      answerKeyid: keyid,
      answerSignatureInput: `("@status" "content-digest" "content-type" "@method";req "@target-uri";req);created=${created}`,
      answerSignature: signature(),
      answerContentDigest: digest,
      answerContentType: "application/json",
    },
  };
}

import { expect, it } from "vitest";
import { exchangeEntry } from "./record.ts";

const answer = {
  status: 201,
  keyid: "gateway",
  contentType: "application/json",
  signed: { "Signature-Input": "sig=()", Signature: "sig=:AA==:", "Content-Digest": "sha-256=:AA==:" },
};
const exchange = {
  atMs: 1,
  requestId: "req_1",
  answer,
  replayed: true,
  outcome: "done",
  code: "none",
  adapter: "bank",
};
const fields = new Map([
  ["idempotency-key", "of words"],
  ["content-type", "application/json"],
]);
const binding = { method: "POST", targetUri: "https://a.example/v1/payments" };
const signed = { label: "sig", signatureInput: "()", signature: ":AA==:", fields };
const rawHeaders = ["Signature-Input", "sig=()", "Signature", "sig=:AA==:"];

it.each([
  ["of nobody", { ...exchange, request: { binding, rawHeaders } }],
  [
    "of a partner",
    {
      ...exchange,
      operation: "payments.create",
      request: { binding: { ...binding, signed }, rawHeaders },
      signer: { partner: "acme", keyid: "k", nonce: "n", created: 1 },
    },
  ],
])("has its facts in the order in which they are hashed and stored: %s", (_whose, whole) => {
  const names = Object.keys(exchangeEntry(whole).facts);
  expect(names.length).toBeGreaterThan(12);
  expect(names).toEqual(names.toSorted());
});

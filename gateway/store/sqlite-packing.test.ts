import { expect, it } from "vitest";
import { packOutcome, packUnits, unpackOutcome, unpackUnits } from "./sqlite-packing.ts";
import type { BeginUnit, Outcome, SealedMovement, Unit } from "./units.ts";

const bytes = (...of: number[]) => new Uint8Array(of);
const begin: BeginUnit = {
  partner: "p",
  key: bytes(1),
  operationId: "o",
  fingerprint: bytes(2, 3),
  nowMs: 4,
  claimExpiresAtMs: 5,
  leaseUntilMs: 6,
  nonce: { keyid: "k", nonce: "n", expiresAtMs: 7 },
  touch: undefined,
  resource: {
    id: "r",
    kind: "k",
    partner: "q",
    adapter: "a",
    operationId: "s",
    referenceIndex: bytes(8),
    reference: bytes(9),
    status: "t",
    body: bytes(10, 11, 12),
    createdAtMs: 13,
    askAtMs: null,
  },
};
const movement: SealedMovement = {
  id: "r",
  status: "s",
  body: bytes(1, 2),
  state: null,
  handles: [bytes(3), bytes(4, 5)],
  cause: "c",
  askAtMs: 6,
  event: { id: "e", type: "t", data: bytes(7) },
};
const claim = { partner: "p", key: bytes(1), operationId: "o" };

const units: Unit[] = [
  { name: "begin", input: begin },
  { name: "begin", input: { ...begin, nonce: undefined, resource: undefined, touch: { id: "r", askAtMs: 1 } } },
  {
    name: "complete",
    input: { claim, nowMs: 1, answer: { status: 201, sealed: bytes(2) }, resource: movement, settled: undefined },
  },
  {
    name: "complete",
    input: {
      claim: undefined,
      nowMs: 1,
      answer: undefined,
      resource: { ...movement, state: bytes(), handles: [], askAtMs: null, event: undefined },
      settled: { id: "r", askAtMs: null },
    },
  },
  { name: "complete", input: { claim, nowMs: 1, answer: undefined, resource: undefined, settled: undefined } },
  { name: "resource", input: { adapter: "a", handle: bytes(1) } },
  { name: "ping", input: undefined },
  { name: "advance", input: { ...movement, expectedVersion: 2, nowMs: 3 } },
  {
    name: "appendAudit",
    input: {
      chain: "c",
      entries: [
        { atMs: 1, requestId: "q", kind: "exchange", partner: "p", facts: "{}" },
        { atMs: 2, requestId: "q", kind: "exchange", partner: undefined, facts: '{"a":1}' },
      ],
    },
  },
];

it("units arrive as they were sent, alone and among others, over a real clone", () => {
  for (const batch of [units, units.toReversed(), ...units.map((unit) => [unit]), []]) {
    const packed = packUnits(batch);
    expect(unpackUnits(structuredClone(packed, { transfer: [packed.bytes.buffer] }))).toEqual(batch);
  }
});

it("outcomes arrive as they were sent", () => {
  const outcomes: Outcome[] = [
    { ok: true, output: undefined },
    { ok: true, output: { kind: "claimed" } },
    { ok: true, output: { kind: "nonce_replayed" } },
    { ok: true, output: false },
    { ok: true, output: [] },
    { ok: false, failure: { code: "conflict", message: "m", effect: "none" } },
  ];
  expect(structuredClone(outcomes.map(packOutcome)).map(unpackOutcome)).toEqual(outcomes);
});

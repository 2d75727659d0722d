/** Whatever single byte changes on the way, the request is refused. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReceivedRequest, verifyRequest } from "./index.ts";
import { paymentDraft, resolveKey, sealed } from "./testing/messages.ts";

const message = sealed(paymentDraft());
const signed = /^(?:content-digest|content-type|idempotency-key|signature|signature-input)$/i;

/** The bytes that decide: method, target, names and values of the signed fields, body. */
const places: [string, (text: string) => Partial<ReceivedRequest>][] = [
  [message.method, (method) => ({ method })],
  [message.originalUrl, (originalUrl) => ({ originalUrl })],
  [Buffer.from(message.body).toString("latin1"), (text) => ({ body: Buffer.from(text, "latin1") })],
  ...message.rawHeaders.flatMap((text, at): [string, (changed: string) => Partial<ReceivedRequest>][] =>
    signed.test(message.rawHeaders[at - (at % 2)] ?? "")
      ? [[text, (changed) => ({ rawHeaders: message.rawHeaders.map((own, i) => (i === at ? changed : own)) })]]
      : [],
  ),
];

const isName = (place: number): boolean => place > 2 && (place - 3) % 2 === 0;

describe("a single byte", () => {
  it("cannot change without refusal", () => {
    expect(verifyRequest({ ...message, resolveKey })).toMatchObject({ ok: true });
    const mutation = fc
      .integer({ min: 0, max: places.length - 1 })
      .chain((place) => fc.tuple(fc.constant(place), fc.nat((places[place]?.[0].length ?? 1) - 1), fc.nat(255)));
    fc.assert(
      fc.property(mutation, ([place, at, byte]) => {
        const [text, put] = places[place] ?? ["", () => ({})];
        const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
        // Header names are alike in any case.
        fc.pre(isName(place) ? changed.toLowerCase() !== text.toLowerCase() : changed !== text);
        expect(verifyRequest({ ...message, ...put(changed), resolveKey }).ok).toBe(false);
      }),
      { numRuns: 3000 },
    );
  });

  it("can be added or taken away nowhere without refusal", () => {
    fc.assert(
      fc.property(
        fc.nat(places.length - 1),
        fc.nat(400),
        fc.constantFrom("", "a", " ", "=", ",", ";x"),
        (place, at, add) => {
          const [text, put] = places[place] ?? ["", () => ({})];
          const cut = at % text.length;
          const changed = text.slice(0, cut) + add + text.slice(add === "" ? cut + 1 : cut);
          fc.pre(changed.trim().toLowerCase() !== text.toLowerCase());
          expect(verifyRequest({ ...message, ...put(changed), resolveKey }).ok).toBe(false);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

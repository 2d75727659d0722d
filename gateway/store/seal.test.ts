import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sodium } from "../sodium/index.ts";
import { keyedHash } from "./keyed-hash.ts";
import { sealer as sealerOf } from "./seal.ts";
import type { SealerConfig } from "./seal.ts";

const key = (id: string, fill: number) => ({ id, key: Buffer.alloc(32, fill).toString("base64url") });
const one = key("k1", 1);
const two = key("k2", 2);
const place = { table: "resources", column: "body", row: ["pay_a"] };
const plain = Buffer.from("王小明 11010519491231002X");

const missing = sodium === undefined;
if (missing && process.env["CI"] === "true") throw new Error("with CI=true sodium-native must be there");
if (missing)
  process.stderr.write("\nSKIPPED: sodium-native has no addon here; node:crypto alone is proven to seal.\n\n");
const ways = [
  { cipher: "aes-256-gcm" as const, by: null },
  { cipher: "chacha20-poly1305" as const, by: null },
  ...(missing
    ? []
    : [
        { cipher: "aes-256-gcm" as const, by: sodium },
        { cipher: "chacha20-poly1305" as const, by: sodium },
      ]),
];
const named = ways.map((way) => ({ ...way, named: way.by === null ? "node:crypto" : "libsodium" }));

describe.each(named)("sealer, $cipher, by $named", ({ cipher, by }) => {
  const sealer = (config: SealerConfig) => sealerOf({ cipher, ...config }, by);

  it("opens what it sealed, and never seals twice alike", () => {
    const { seal, open } = sealer({ keys: [one] });
    expect(Buffer.from(open(place, seal(place, plain)))).toEqual(plain);
    expect(open(place, seal(place, Buffer.alloc(0))).length).toBe(0);
    const sealed = new Set(Array.from({ length: 1_000 }, () => Buffer.from(seal(place, plain)).toString("hex")));
    expect(sealed.size).toBe(1_000);
    for (const hex of sealed) expect(hex).not.toContain(plain.toString("hex"));
  });

  it("keeps apart what it sealed and blinded, of whatever length", () => {
    const { seal, open, blind } = sealer({ keys: [one] });
    const lengths = Array.from({ length: 400 }, (_, at) => (at * 37) % 3_000);
    const texts = lengths.map((length, at) => Buffer.alloc(length, at));
    const made = texts.map((text, at) => ({ sealed: seal(place, text), digest: blind("handle", `${at}`) }));
    for (const [at, { sealed, digest }] of made.entries()) {
      expect(Buffer.from(open(place, sealed))).toEqual(texts[at]);
      expect(digest).toEqual(blind("handle", `${at}`));
    }
  });

  it("blinds by HMAC-SHA256", () => {
    const derived = hkdfSync("sha256", Buffer.alloc(32, 1), Buffer.alloc(0), "qiao store index", 32);
    const expected = createHmac("sha256", Buffer.from(derived)).update('["key","ab","c"]').digest();
    expect(Buffer.from(sealer({ keys: [one] }).blind("key", "ab", "c"))).toEqual(expected);
  });

  it("is opened by every other way, and blinds as they do", () => {
    const sealed = sealer({ keys: [one] }).seal(place, plain);
    const digest = sealer({ keys: [one] }).blind("key", "a");
    for (const other of ways) {
      const { open, blind, anchors } = sealerOf({ keys: [one], cipher: other.cipher }, other.by);
      expect(Buffer.from(open(place, sealed))).toEqual(plain);
      expect(blind("key", "a")).toEqual(digest);
      expect(anchors).toEqual(sealer({ keys: [one] }).anchors);
    }
  });

  it("opens nowhere else: another table, column or row", () => {
    const { seal, open } = sealer({ keys: [one] });
    const sealed = seal(place, plain);
    const elsewhere = [
      { ...place, table: "claims" },
      { ...place, column: "state" },
      { ...place, row: ["pay_b"] },
      { ...place, row: [] },
      { table: "resources", column: "body", row: ["pay_a", ""] },
    ];
    for (const other of elsewhere) {
      expect(() => open(other, sealed)).toThrow(expect.objectContaining({ code: "unreadable" }));
    }
  });

  it("opens nothing that was altered, cut or made up", () => {
    const { seal, open } = sealer({ keys: [one] });
    const sealed = Buffer.from(seal(place, plain));
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => open(place, altered), `byte ${at}`).toThrow(expect.objectContaining({ name: "StoreError" }));
      expect(() => open(place, sealed.subarray(0, at)), `length ${at}`).toThrow(
        expect.objectContaining({ code: "unreadable" }),
      );
    }
  });

  it("the first key seals, any opens, and one that is not there is named", () => {
    const before = sealer({ keys: [one] });
    const after = sealer({ keys: [two, one] });
    const old = before.seal(place, plain);
    expect(Buffer.from(after.open(place, old))).toEqual(plain);
    const fresh = after.seal(place, plain);
    expect(() => before.open(place, fresh)).toThrow(expect.objectContaining({ code: "wrong_key" }));
    expect(() => before.open(place, fresh)).toThrow("k2");
  });

  it("another key under the same id gives an error and no bytes", () => {
    const sealed = sealer({ keys: [one] }).seal(place, plain);
    const wrong = sealer({ keys: [key("k1", 9)] });
    expect(() => wrong.open(place, sealed)).toThrow(expect.objectContaining({ code: "unreadable" }));
  });

  it("lookup digests follow the oldest key, and tell their parts apart", () => {
    const before = sealer({ keys: [one] });
    expect(sealer({ keys: [two, one] }).blind("handle", "h")).toEqual(before.blind("handle", "h"));
    expect(sealer({ keys: [one, two] }).blind("handle", "h")).not.toEqual(before.blind("handle", "h"));
    expect(before.blind("key", "ab", "c")).not.toEqual(before.blind("key", "a", "bc"));
    expect(before.blind("key", "h")).not.toEqual(before.blind("handle", "h"));
  });

  it("refuses a missing, short, padded, foreign or repeated key, without repeating it", () => {
    const bad = [
      [],
      [{ id: "k1", key: "AQEB" }],
      [{ id: "k1", key: `${one.key}=` }],
      [{ id: "k1", key: `${one.key.slice(0, -1)}+` }],
      [{ id: "", key: one.key }],
      [{ id: "钥", key: one.key }],
      [one, key("k1", 2)],
    ];
    for (const keys of bad) {
      expect(() => sealer({ keys })).toThrow(TypeError);
      expect(() => sealer({ keys })).not.toThrow(one.key);
    }
  });
});

describe("the default cipher", () => {
  it("is ChaCha20 with libsodium and AES without; each value tells which", () => {
    const formatOf = (by: typeof sodium | null) => sealerOf({ keys: [one] }, by).seal(place, plain)[0];
    expect(formatOf(null)).toBe(1);
    expect(formatOf(sodium ?? null)).toBe(missing ? 1 : 2);
  });
});

describe("keyedHash", () => {
  it("is node:crypto's HMAC-SHA256, over texts and bytes of any length", () => {
    const secret = randomBytes(32);
    const ours = keyedHash(secret);
    for (const length of [0, 1, 55, 64, 340, 341, 342, 1_023, 1_024, 1_025, 9_000]) {
      for (const text of ["a".repeat(length), "钥".repeat(length)]) {
        const theirs = createHmac("sha256", secret).update(text).digest();
        expect(ours(text)).toEqual(theirs);
        expect(ours(Buffer.from(text))).toEqual(theirs);
      }
    }
  });
});

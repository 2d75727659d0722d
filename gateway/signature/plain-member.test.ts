import fc from "fast-check";
import { parseDictionary, serializeDictionary } from "structured-headers";
import { expect, it } from "vitest";
import { readPlainMember } from "./plain-member.ts";

const runs = 20_000;
const label = fc.constantFrom("sig", "a", "*x", "sig-1", "Sig", "", "1a", "sha-256");
const string = fc.oneof(
  fc.constantFrom('"@method"', '"x y"', '""', '"a\\"b"', '"ä"', "token", "?1", "@1700000000", "1", "-0", "00", "1.0"),
  fc.string({ maxLength: 6 }).map((inner) => `"${inner}"`),
);
const parameter = fc
  .tuple(
    fc.constantFrom("created", "keyid", "tag", "nonce", "created", "A", ""),
    fc.oneof(string, fc.integer().map(String), fc.constantFrom("999999999999999", "1000000000000000", "-1", "+1", "")),
    fc.constantFrom(";", "; ", " ;"),
    fc.constantFrom("=", "= ", ""),
  )
  .map(([name, value, semicolon, equals]) => `${semicolon}${name}${equals}${value}`);
const list = fc
  .tuple(
    fc.array(string, { maxLength: 4 }),
    fc.constantFrom(" ", "  "),
    fc.array(parameter, { maxLength: 3 }),
    fc.constantFrom("", " "),
  )
  .map(([items, space, parameters, end]) => `(${items.join(space)}${end})${parameters.join("")}`);
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 70 }).map((raw) => `:${Buffer.from(raw).toString("base64")}:`),
  fc.string({ maxLength: 8 }).map((inner) => `:${inner}:`),
  fc.constantFrom(":AA==:", ":AB==:", ":AAA=:", ":AA=:", ":AA:", "::", ":AA==:;a=1"),
);
const member = fc.tuple(label, fc.oneof(list, bytes, string)).map(([name, value]) => `${name}=${value}`);

it("reads what it reads as the grammar's parser does, and only what is spelt canonically", () => {
  let taken = 0;
  fc.assert(
    fc.property(member, (piece) => {
      const plain = readPlainMember(piece);
      if (plain === undefined) return;
      taken += 1;
      const parsed = parseDictionary(piece);
      expect([...parsed]).toEqual([[plain.label, plain.value]]);
      expect(serializeDictionary(parsed)).toBe(piece);
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 100);
});

it("reads what partners send", () => {
  const created = 1_763_000_000;
  const input = `sig=("@method" "@target-uri" "content-digest");created=${created};keyid="k";nonce="n";tag="fapi-2-request"`;
  expect(readPlainMember(input)?.label).toBe("sig");
  expect(readPlainMember("sig=:AAECAw==:")?.value[0]).toBeInstanceOf(ArrayBuffer);
  expect(readPlainMember('sig=("a";req)')).toBeUndefined();
});

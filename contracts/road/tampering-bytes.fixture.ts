/** What was signed is changed, or signed by somebody else. */
import { fieldOf, seal, withField } from "./draft.fixture.ts";
import { flipBit, flipEncoded, invalid, param } from "./tamper.fixture.ts";
import type { Tampering } from "./tamper.fixture.ts";

export const flips: Tampering[] = [
  invalid("method", (m) => ({ ...m, method: "PUT" })),
  invalid("path", (m) => ({ ...m, target: m.target.replace("checks", "checkt") })),
  invalid("path, an id's letter", (m) => ({ ...m, target: "/v1/customer-accounts/x" }), { read: true }),
  invalid("query value", (m) => ({ ...m, target: m.target.replace("limit=5", "limit=4") }), { read: true }),
  invalid("query name", (m) => ({ ...m, target: m.target.replace("limit", "mimit") }), { read: true }),
  invalid("query taken away", (m) => ({ ...m, target: m.target.split("?")[0] ?? "" }), { read: true }),
  invalid("query added", (m) => ({ ...m, target: `${m.target}?a=1` })),
  invalid("the same path, encoded", (m) => ({ ...m, target: m.target.replace("check", "chec%6b") })),
  ...["Content-Digest", "Content-Type", "Authorization", "DPoP", "Idempotency-Key"].map((name) =>
    invalid(`header ${name}`, (m) =>
      withField(m, name, (value) => value.replace(/[a-f]/, (c) => (c === "a" ? "b" : "a"))),
    ),
  ),
  ...[0, 31, 32, 63].map((at) =>
    invalid(`signature byte ${at}`, (m) => withField(m, "Signature", (value) => flipEncoded(value, at))),
  ),
  invalid("signature cut", (m) => withField(m, "Signature", () => "sig=:AAAA:")),
  invalid("created", (m) =>
    withField(m, "Signature-Input", (v) => v.replace(/created=(\d+)/, (_a, s) => `created=${Number(s) - 1}`)),
  ),
  invalid("nonce", (m) => withField(m, "Signature-Input", (v) => v.replace('nonce="', 'nonce="0'))),
  invalid("order of components", (m) =>
    withField(m, "Signature-Input", (v) => v.replace('"@method" "@target-uri"', '"@target-uri" "@method"')),
  ),
  {
    name: "first byte of the body",
    status: 401,
    code: "digest_mismatch",
    tamper: (m) => ({ ...m, body: flipBit(m.body, 0) }),
  },
  {
    name: "last byte of the body",
    status: 401,
    code: "digest_mismatch",
    tamper: (m) => ({ ...m, body: flipBit(m.body, m.body.length - 1) }),
  },
  {
    name: "a byte more",
    status: 401,
    code: "digest_mismatch",
    tamper: (m) => ({ ...m, body: Buffer.concat([m.body, Buffer.from(" ")]) }),
  },
  { name: "body taken away", status: 401, code: "digest_mismatch", tamper: (m) => ({ ...m, body: Buffer.alloc(0) }) },
  invalid("signature of another request", (m, draft, jwk) => {
    const other = seal(param(draft, "nonce", 'nonce="ffffffffffffffffffffffffffffffff"'), jwk);
    return withField(m, "Signature", () => fieldOf(other, "Signature"));
  }),
];

export const keys: Tampering[] = [
  invalid("foreign key under the partner's keyid", undefined, { signer: "foreign" }),
  invalid("another partner's key under this keyid", undefined, { signer: "b" }),
  invalid("unknown key", undefined, { meant: (d) => param(d, "keyid", `keyid="${"A".repeat(43)}"`) }),
  invalid("this key under another partner's keyid", undefined, {
    meant: (d) => param(d, "keyid", `keyid="{b}"`),
  }),
];

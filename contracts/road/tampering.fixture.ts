/** The ways of tampering with a signed request, each with the refusal that it must earn. */
import type { Jwk } from "../../mocks/partner/profile.ts";
import { addField, digestOf, fieldOf, nowSeconds, seal, withField, withoutField } from "./draft.fixture.ts";
import type { Draft, Message } from "./draft.fixture.ts";

export interface Tampering {
  name: string;
  status: number;
  code: string;
  /** The read instead of the check. */
  read?: true;
  /** Before it is signed: the signature is good, what it says is not. */
  meant?: (draft: Draft) => Draft;
  /** Whose key signs: the partner's own if absent. */
  signer?: "foreign" | "b";
  /** After it was signed. */
  tamper?: (message: Message, draft: Draft, jwk: Jwk) => Message;
}

const flipBit = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
/** The base64 text of a field `…=:<base64>:` with one bit of its bytes flipped. */
const flipEncoded = (field: string, at: number): string =>
  field.replace(/:([^:]+):$/, (_all, text: string) => {
    return `:${flipBit(Buffer.from(text, "base64"), at).toString("base64")}:`;
  });
const invalid = (name: string, tamper: Tampering["tamper"], more: Partial<Tampering> = {}): Tampering => ({
  name,
  status: 401,
  code: "signature_invalid",
  ...(tamper === undefined ? {} : { tamper }),
  ...more,
});
const meant = (
  status: number,
  code: string,
  name: string,
  change: Partial<Draft> | ((d: Draft) => Draft),
): Tampering => ({
  name,
  status,
  code,
  meant: typeof change === "function" ? change : (draft) => ({ ...draft, ...change }),
});
const param = (draft: Draft, name: string, to: string | undefined): Draft => ({
  ...draft,
  params: draft.params.flatMap((each) => (each.startsWith(`${name}=`) ? (to === undefined ? [] : [to]) : [each])),
});
const component = (draft: Draft, id: string, ...to: string[]): Draft => ({
  ...draft,
  components: draft.components.flatMap((each) => (each === id ? to : [each])),
});

const flips: Tampering[] = [
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

const keys: Tampering[] = [
  invalid("foreign key under the partner's keyid", undefined, { signer: "foreign" }),
  invalid("another partner's key under this keyid", undefined, { signer: "b" }),
  invalid("unknown key", undefined, { meant: (d) => param(d, "keyid", `keyid="${"A".repeat(43)}"`) }),
  invalid("this key under another partner's keyid", undefined, {
    meant: (d) => param(d, "keyid", `keyid="{b}"`),
  }),
];

const coverage: Tampering[] = [
  ...["@method", "@target-uri", "content-digest", "content-type", "authorization", "dpop", "idempotency-key"].map(
    (name) => meant(401, "signature_coverage", `${name} not covered`, (d) => component(d, `"${name}"`)),
  ),
  meant(401, "signature_coverage", "a component twice", (d) => component(d, '"@method"', '"@method"', '"@method"')),
  meant(401, "signature_coverage", "a header that is not there", (d) => ({
    ...d,
    components: [...d.components, '"x-a"'],
  })),
  ...['"content-digest";req', '"content-type";sf', '"content-type";bs', '"content-digest";key="sha-256"'].map((id) =>
    meant(401, "signature_coverage", `component parameter ${id}`, (d) => component(d, id.replace(/;.*/, ""), id)),
  ),
  meant(401, "signature_coverage", "@status of a request", (d) => ({
    ...d,
    components: [...d.components, '"@status"'],
  })),
];

const params: Tampering[] = [
  ...["created", "keyid", "nonce"].map((name) =>
    meant(401, "signature_params", `no ${name}`, (d) => param(d, name, undefined)),
  ),
  meant(401, "signature_params", "alg", (d) => ({ ...d, params: [...d.params, 'alg="ed25519"'] })),
  meant(401, "signature_params", "a parameter that nobody knows", (d) => ({ ...d, params: [...d.params, "x=1"] })),
  meant(401, "signature_params", "nonce of 15", (d) => param(d, "nonce", `nonce="${"a".repeat(15)}"`)),
  meant(401, "signature_params", "nonce of 65", (d) => param(d, "nonce", `nonce="${"a".repeat(65)}"`)),
  meant(401, "signature_params", "created with a fraction", (d) => param(d, "created", `created=${nowSeconds()}.5`)),
  meant(401, "signature_expired", "created 62 s ago", (d) => param(d, "created", `created=${nowSeconds() - 62}`)),
  meant(401, "signature_expired", "created 13 s ahead", (d) => param(d, "created", `created=${nowSeconds() + 13}`)),
  meant(401, "signature_expired", "expires passed", (d) => ({
    ...param(d, "created", `created=${nowSeconds() - 9}`),
    params: [...param(d, "created", `created=${nowSeconds() - 9}`).params, `expires=${nowSeconds() - 1}`],
  })),
];

const signatures: Tampering[] = [
  {
    name: "no signature at all",
    status: 401,
    code: "signature_missing",
    tamper: (m) => withoutField(withoutField(m, "Signature"), "Signature-Input"),
  },
  { name: "no Signature", status: 401, code: "signature_missing", tamper: (m) => withoutField(m, "Signature") },
  {
    name: "no Signature-Input",
    status: 401,
    code: "signature_missing",
    tamper: (m) => withoutField(m, "Signature-Input"),
  },
  meant(401, "signature_missing", "another tag", (d) => param(d, "tag", 'tag="fapi-2-response"')),
  meant(401, "signature_missing", "no tag", (d) => param(d, "tag", undefined)),
  {
    name: "two signatures with the tag",
    status: 401,
    code: "signature_ambiguous",
    tamper(message, draft, jwk) {
      const other = seal({ ...draft, label: "other" }, jwk);
      const joined = (name: string) => (value: string) => `${value}, ${fieldOf(other, name)}`;
      return withField(
        withField(message, "Signature", joined("Signature")),
        "Signature-Input",
        joined("Signature-Input"),
      );
    },
  },
];

const digests: Tampering[] = [
  meant(401, "digest_missing", "no Content-Digest", (d) =>
    withoutField(component(d, '"content-digest"'), "Content-Digest"),
  ),
  meant(401, "digest_missing", "only sha-512", (d) =>
    withField(d, "Content-Digest", () => digestOf(d.body, "sha-512")),
  ),
  meant(401, "digest_missing", "only md5", (d) => withField(d, "Content-Digest", () => "md5=:AAAA:")),
  meant(401, "digest_mismatch", "of other bytes", (d) =>
    withField(d, "Content-Digest", () => digestOf(Buffer.from("x"))),
  ),
  meant(401, "digest_mismatch", "sha-256 twice", (d) => withField(d, "Content-Digest", (v) => `${v}, ${v}`)),
  meant(401, "digest_mismatch", "sha-512 wrong beside it", (d) =>
    withField(d, "Content-Digest", (v) => `${v}, sha-512=:AAAA:`),
  ),
  meant(401, "digest_mismatch", "without padding", (d) => withField(d, "Content-Digest", (v) => v.replace("=:", ":"))),
];

const duplicates: Tampering[] = [
  "Signature",
  "Signature-Input",
  "Content-Digest",
  "Content-Type",
  "Authorization",
  "DPoP",
  "Idempotency-Key",
  "Host",
].flatMap((name): Tampering[] => [
  { name: `${name} twice`, status: 400, code: "duplicate_header", tamper: (m) => addField(m, name, fieldOf(m, name)) },
  {
    name: `${name} twice, in capitals, another value`,
    status: 400,
    code: "duplicate_header",
    tamper: (m) => addField(m, name.toUpperCase(), "x"),
  },
]);

const shape: Tampering[] = [
  meant(400, "host_mismatch", "another Host", (d) => withField(d, "Host", () => "evil.example")),
  meant(400, "host_mismatch", "another port in Host", (d) => withField(d, "Host", (v) => `${v}1`)),
  { name: "no Host", status: 400, code: "host_mismatch", tamper: (m) => withoutField(m, "Host") },
  {
    name: "absolute-form target",
    status: 400,
    code: "target_malformed",
    tamper: (m, d) => ({ ...m, target: d.origin + m.target }),
  },
  meant(400, "target_malformed", "dot segment", { target: "/v1/x/../identity-checks" }),
  meant(400, "target_malformed", "encoded slash", { target: "/v1/identity-checks/..%2f2" }),
  meant(415, "content_encoding_unsupported", "Content-Encoding", (d) => addField(d, "Content-Encoding", "identity")),
  meant(415, "content_type_unsupported", "charset gbk", (d) =>
    withField(d, "Content-Type", () => "application/json; charset=gbk"),
  ),
  { ...meant(400, "body_unexpected", "GET with a body", { method: "GET" }) },
  { ...meant(400, "body_unexpected", "DELETE with a body", { method: "DELETE" }) },
];

export const tamperings: [group: string, rows: Tampering[]][] = [
  ["what was signed is changed", flips],
  ["keys", keys],
  ["coverage", coverage],
  ["parameters", params],
  ["signatures", signatures],
  ["digest", digests],
  ["duplicate headers", duplicates],
  ["shape", shape],
];

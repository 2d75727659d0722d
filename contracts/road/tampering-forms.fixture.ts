/** What is signed is not what the profile asks for. */
import { addField, digestOf, fieldOf, nowSeconds, seal, withField, withoutField } from "./draft.fixture.ts";
import { component, meant, param } from "./tamper.fixture.ts";
import type { Tampering } from "./tamper.fixture.ts";

export const coverage: Tampering[] = [
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

export const params: Tampering[] = [
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

export const signatures: Tampering[] = [
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

export const digests: Tampering[] = [
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

export const duplicates: Tampering[] = [
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

export const shape: Tampering[] = [
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
  meant(400, "duplicate_header", "Content-Encoding twice", (d) =>
    addField(addField(d, "Content-Encoding", "identity"), "Content-Encoding", "identity"),
  ),
  meant(415, "content_encoding_unsupported", "Content-Encoding", (d) => addField(d, "Content-Encoding", "identity")),
  meant(415, "content_type_unsupported", "charset gbk", (d) =>
    withField(d, "Content-Type", () => "application/json; charset=gbk"),
  ),
  { ...meant(400, "body_unexpected", "GET with a body", { method: "GET" }) },
  { ...meant(400, "body_unexpected", "DELETE with a body", { method: "DELETE" }) },
];

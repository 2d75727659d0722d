/** One row per way to break a request; every row but the tampered ones carries a signature that is right in itself. */
import {
  extra,
  header,
  meant,
  moreComponents,
  moreParams,
  param,
  tampered,
  uncovered,
  url,
  value,
  without,
  withoutParam,
} from "./changed.ts";
import type { ReceivedRequest, RefusalCode } from "../index.ts";
import { createdSeconds, digestOf, gatewayKey, nowMs, paymentDraft, sealed, withHeader } from "./messages.ts";

export interface Row {
  readonly name: string;
  readonly code: RefusalCode;
  readonly message: ReceivedRequest;
}

const row = (code: RefusalCode, name: string, message: ReceivedRequest): Row => ({ code, name, message });

const flip = (text: string) => text.replace(/.(?=.{4}$)/, (c) => (c === "A" ? "B" : "A"));

const body = paymentDraft().body;
const sha256 = `sha-256=:${digestOf(body)}:`;
const sha512 = `sha-512=:${digestOf(body, "sha512")}:`;
const twoSignatures = (() => {
  const [first, second] = [sealed(paymentDraft()), sealed({ ...paymentDraft(), label: "other" })];
  const at = (message: ReceivedRequest, name: string) => message.rawHeaders[message.rawHeaders.indexOf(name) + 1] ?? "";
  const join = (name: string) => `${at(first, name)}, ${at(second, name)}`;
  return { input: join("Signature-Input"), signature: join("Signature"), first, second };
})();

const duplicated = [
  ["Signature", "x=:AA==:"],
  ["Signature-Input", 'x=();tag="y"'],
  ["Content-Digest", sha256],
  ["Content-Type", "application/json"],
  ["Idempotency-Key", '"other"'],
  ["Host", "gw.example.com"],
] as const;

export const refusedRequests: Row[] = [
  // Rule 2
  row("target_malformed", "absolute-form target", url("https://gw.example.com/v1/payments")),
  row("target_malformed", "authority-form target", url("gw.example.com:443")),
  row("target_malformed", "asterisk-form target", url("*")),
  row("target_malformed", "fragment in the target", url("/v1/payments#x")),
  row("target_malformed", "backslash in the target", url("/v1\\payments")),
  row("target_malformed", "space in the target", url("/v1/pay ments")),
  row("target_malformed", "non-ASCII target", url("/v1/payé")),
  row("target_malformed", "dot segment", url("/v1/x/../payments")),
  row("target_malformed", "encoded dot segment", url("/v1/x/%2E%2e/payments")),
  row("target_malformed", "encoded slash", url("/v1/payments/..%2f2")),
  row("target_malformed", "target too long", url(`/${"a".repeat(8192)}`)),
  row(
    "host_mismatch",
    "another Host",
    value("host", () => "evil.example"),
  ),
  row(
    "host_mismatch",
    "another port",
    value("host", (host) => `${host}:8443`),
  ),
  row("host_mismatch", "no Host", without("host")),
  // Rule 3
  ...duplicated.map(([name, text]) => row("duplicate_header", `two ${name}`, extra(name.toUpperCase(), text))),
  ...["Authorization", "DPoP", "Content-Length"].map((name) =>
    row("duplicate_header", `two ${name}`, extra(name, "1", name.toLowerCase(), "1")),
  ),
  // Rule 4
  row("signature_missing", "no Signature", without("signature")),
  row("signature_missing", "no Signature-Input", without("signature-input")),
  row("signature_missing", "only a foreign tag", param("tag", 'tag="fapi-2-response"')),
  row("signature_missing", "no tag", withoutParam("tag")),
  row("signature_missing", "tag as a token", param("tag", "tag=fapi-2-request")),
  row(
    "signature_missing",
    "another label in Signature",
    value("signature", (text) => text.replace("sig=", "gis=")),
  ),
  row("signature_ambiguous", "two signatures with the tag", {
    ...twoSignatures.first,
    rawHeaders: withHeader(
      withHeader(twoSignatures.first.rawHeaders, "signature-input", () => twoSignatures.input),
      "signature",
      () => twoSignatures.signature,
    ),
  }),
  row(
    "signature_ambiguous",
    "a label twice in Signature-Input",
    value("signature-input", (t) => `${t}, ${t}`),
  ),
  row(
    "signature_ambiguous",
    "a label twice in Signature",
    value("signature", (text) => `sig=:AAAA:, ${text}`),
  ),
  row(
    "signature_params",
    "Signature-Input is no dictionary",
    value("signature-input", () => "sig=(;;"),
  ),
  row(
    "signature_params",
    "nine signatures",
    value("signature-input", (t) => `${t}${", a=()".repeat(8)}`),
  ),
  row(
    "signature_params",
    "Signature-Input too long",
    value("signature-input", (t) => `${t}, a=("${"x".repeat(4096)}")`),
  ),
  row(
    "signature_params",
    "Signature-Input is an item",
    value("signature-input", () => 'sig="x";tag="fapi-2-request"'),
  ),
  row(
    "signature_params",
    "Signature is a string",
    value("signature", () => 'sig="AAAA"'),
  ),
  row(
    "signature_params",
    "Signature has parameters",
    value("signature", (text) => `${text};x=1`),
  ),
  row(
    "signature_params",
    "Signature without padding",
    value("signature", (text) => text.replace(/=+:$/, ":")),
  ),
  row(
    "signature_params",
    "base64url in Signature",
    value("signature", (text) => text.replace(/.(?=.{4}$)/, "-")),
  ),
  row(
    "signature_params",
    "a member hidden behind a Display String",
    value("signature-input", (text) => `a=%"\\", ${text}, b="`),
  ),
  // Rule 5
  ...paymentDraft().components.map((id) => row("signature_coverage", `${id} not covered`, uncovered(id))),
  ...["Authorization", "DPoP"].map((name) =>
    row("signature_coverage", `${name} not covered`, extra(name, "Bearer abc")),
  ),
  row("signature_coverage", "covered header absent", moreComponents('"x-trace"')),
  row("signature_coverage", "component twice", moreComponents('"content-type"')),
  ...[";req", ";sf", ";bs", ";tr", ';key="sha-256"', ";x"].map((parameter) =>
    row("signature_coverage", `component parameter ${parameter}`, moreComponents(`"host"${parameter}`)),
  ),
  row(
    "signature_coverage",
    "content-digest;req in place of content-digest",
    meant(({ components }) => ({ components: components.map((c) => (c === '"content-digest"' ? `${c};req` : c)) })),
  ),
  row("signature_coverage", "@status of a request", moreComponents('"@status"')),
  row("signature_coverage", "a derived component outside the profile", moreComponents('"@authority"')),
  row("signature_coverage", "upper-case component", moreComponents('"Host"')),
  row("signature_coverage", "component as a token", moreComponents("host")),
  row("signature_coverage", "33 components", moreComponents(...Array.from({ length: 28 }, (_, i) => `"x-${i}"`))),
  row(
    "signature_coverage",
    "covered value is not ASCII",
    meant(({ headers, components }) => ({
      headers: [...headers, ["X-Name", "Zoë"]],
      components: [...components, '"x-name"'],
    })),
  ),
  // Rule 6
  ...["created", "keyid", "nonce"].map((name) => row("signature_params", `no ${name}`, withoutParam(name))),
  row("signature_params", "created with a fraction", param("created", `created=${createdSeconds}.5`)),
  row("signature_params", "created as 1.0", param("created", `created=${createdSeconds}.0`)),
  row("signature_params", "created as a string", param("created", `created="${createdSeconds}"`)),
  row("signature_params", "created negative", param("created", "created=-1")),
  row("signature_params", "keyid no thumbprint", param("keyid", 'keyid="partner-a"')),
  row("signature_params", "nonce of 15", param("nonce", `nonce="${"a".repeat(15)}"`)),
  row("signature_params", "nonce of 65", param("nonce", `nonce="${"a".repeat(65)}"`)),
  row("signature_params", "nonce with a space", param("nonce", 'nonce="aaaaaaaaaaaaaaa a"')),
  row("signature_params", "nonce as bytes", param("nonce", "nonce=:AAAAAAAAAAAAAAAA:")),
  row("signature_params", "alg", moreParams('alg="ed25519"')),
  row("signature_params", "an unknown parameter", moreParams("max-uses=1")),
  row("signature_params", "a parameter twice", moreParams(`created=${createdSeconds}`)),
  row("signature_params", "a space between parameters", param("tag", ' tag="fapi-2-request"')),
  row("signature_params", "expires before created", moreParams(`expires=${createdSeconds - 1}`)),
  row("signature_expired", "created 61 s ago", param("created", `created=${createdSeconds - 61}`)),
  row("signature_expired", "created 11 s ahead", param("created", `created=${createdSeconds + 11}`)),
  row("signature_expired", "expires passed", {
    ...moreParams(`expires=${createdSeconds + 5}`),
    nowMs: nowMs + 6000,
  }),
  // Rule 7
  row(
    "digest_missing",
    "no Content-Digest",
    meant(({ headers }) => ({ headers: headers.filter(([name]) => name !== "Content-Digest") })),
  ),
  row("digest_missing", "only an unknown algorithm", header("content-digest", "md5=:AAAA:")),
  row("digest_missing", "only sha-512", header("content-digest", sha512)),
  row("digest_mismatch", "digest of other bytes", header("content-digest", `sha-256=:${digestOf(Buffer.from("x"))}:`)),
  row("digest_mismatch", "sha-512 wrong beside a right sha-256", header("content-digest", `${sha256}, sha-512=:AAAA:`)),
  row("digest_mismatch", "sha-256 twice, the last one right", header("content-digest", `sha-256=:AAAA:, ${sha256}`)),
  row("digest_mismatch", "sha-256 twice, both right", header("content-digest", `${sha256}, ${sha256}`)),
  row("digest_mismatch", "digest without padding", header("content-digest", sha256.replace("=:", ":"))),
  row("digest_mismatch", "digest as a string", header("content-digest", `sha-256="${digestOf(body)}"`)),
  row("digest_mismatch", "digest with a parameter", header("content-digest", `${sha256};a=1`)),
  row("digest_mismatch", "no dictionary", header("content-digest", "sha-256:AAAA")),
  row("digest_mismatch", "too long", header("content-digest", `${sha256}, x=:${"A".repeat(512)}:`)),
  row(
    "digest_mismatch",
    "a flipped bit in the body",
    tampered((m) => ({ body: flipBit(m.body) })),
  ),
  row(
    "digest_mismatch",
    "a byte more",
    tampered((m) => ({ body: Buffer.concat([m.body, Buffer.from(" ")]) })),
  ),
  row(
    "digest_mismatch",
    "the body taken away",
    tampered(() => ({ body: Buffer.alloc(0) })),
  ),
  ...["GET", "DELETE", "HEAD", "OPTIONS"].map((method) =>
    row(
      "body_unexpected",
      `${method} with a body`,
      meant(() => ({ method })),
    ),
  ),
  // Rule 8
  ...["gzip", "identity"].map((coding) =>
    row("content_encoding_unsupported", `Content-Encoding: ${coding}`, extra("Content-Encoding", coding)),
  ),
  ...["charset=gbk", 'charset="iso-8859-1"', "a=b; CHARSET=utf-16", "charset=utf-8;charset=gbk", "charset"].map(
    (text) => row("content_type_unsupported", text, header("content-type", `application/json; ${text}`)),
  ),
  // Rule 14: the bytes
  row(
    "signature_invalid",
    "method changed",
    tampered(() => ({ method: "PUT" })),
  ),
  row(
    "signature_invalid",
    "path changed",
    tampered(() => ({ originalUrl: "/v1/paymentt?dry=1" })),
  ),
  row(
    "signature_invalid",
    "query changed",
    tampered(() => ({ originalUrl: "/v1/payments?dry=0" })),
  ),
  row(
    "signature_invalid",
    "query taken away",
    tampered(() => ({ originalUrl: "/v1/payments" })),
  ),
  row(
    "signature_invalid",
    "another public origin",
    tampered(() => ({
      publicOrigin: "http://gw.example.com",
    })),
  ),
  ...["content-digest", "content-type", "idempotency-key"].map((name) =>
    row("signature_invalid", `${name} changed`, value(name, flip)),
  ),
  row(
    "signature_invalid",
    "created changed",
    value("signature-input", (t) => t.replace("342000", "342001")),
  ),
  row(
    "signature_invalid",
    "nonce changed",
    value("signature-input", (t) => t.replace("5b1f", "5b1e")),
  ),
  row(
    "signature_invalid",
    "components reordered",
    value("signature-input", (t) => t.replace('"@method" "@target-uri"', '"@target-uri" "@method"')),
  ),
  row(
    "signature_invalid",
    "signature changed",
    value("signature", (t) => t.replace(/:(.)/, (_, c) => (c === "A" ? ":B" : ":A"))),
  ),
  row(
    "signature_invalid",
    "empty signature",
    value("signature", () => "sig=::"),
  ),
  row("signature_invalid", "another partner's key", sealed(paymentDraft(), gatewayKey)),
  row("signature_invalid", "unknown key", param("keyid", `keyid="${gatewayKey.keyid}"`)),
];

function flipBit(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy[3] = (copy[3] ?? 0) ^ 1;
  return copy;
}

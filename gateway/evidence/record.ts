/** One exchange as one audit entry. Deny by default: what could name a person is kept as its SHA-256, or not at all. */
import { hash } from "node:crypto";
import { operations } from "#specs";
import type { RequestBinding, SignedResponseHeaders } from "#signature";
import type { AuditEntry } from "#store";

/** A partner's call and our signed answer, as `respond` knows them. */
interface Exchange {
  atMs: number;
  requestId: string;
  /** The contract's operation, once `validate` has matched it. */
  operation?: string | undefined;
  /** Absent when the bytes received were no HTTP request. */
  request?: AskedRequest | undefined;
  /** Set only when the request's signature was valid. */
  signer?: Signer | undefined;
  answer: SignedAnswer;
  /** An outcome class, and a problem's code. */
  outcome?: string | undefined;
  code?: string | undefined;
  adapter?: string | undefined;
  replayed: boolean;
}

interface AskedRequest {
  binding: RequestBinding;
  /** As received, unverified: used only of a request whose signature was not valid. */
  rawHeaders: readonly string[];
}

interface Signer {
  partner: string;
  keyid: string;
  nonce: string;
  /** Epoch seconds. */
  created: number;
}

interface SignedAnswer {
  status: number;
  keyid: string;
  signed: SignedResponseHeaders;
  /** Covered, when there is a body. */
  contentType: string | undefined;
}

/** The entry of an exchange. README.md says what each fact is. */
export function exchangeEntry(exchange: Exchange): AuditEntry {
  const { atMs, requestId, operation, request, signer, answer, outcome, code, adapter, replayed } = exchange;
  const { keyid, signed, contentType, status } = answer;
  const facts: MaybeFacts = {
    operation,
    outcome,
    code,
    adapter,
    replayed: replayed ? 1 : undefined,
    status,
    answerKeyid: keyid,
    answerSignatureInput: signed["Signature-Input"],
    answerSignature: signed.Signature,
    answerContentDigest: signed["Content-Digest"],
    answerContentType: contentType,
  };
  if (request !== undefined) addRequest(facts, request, signer);
  const entry: AuditEntry = { atMs, requestId, kind: "exchange", facts: present(facts) };
  if (signer !== undefined) entry.partner = signer.partner;
  return entry;
}

/** Every fact, in the order of the canonical form, so that no row has to be sorted. */
const factNames = [
  "adapter",
  "answerContentDigest",
  "answerContentType",
  "answerKeyid",
  "answerSignature",
  "answerSignatureInput",
  "claimedKeyid",
  "code",
  "contentDigest",
  "contentType",
  "created",
  "idempotencyKey",
  "keyid",
  "method",
  "nonce",
  "operation",
  "outcome",
  "replayed",
  "signature",
  "signatureInput",
  "signatureInputSha256",
  "signatureLabel",
  "signatureSha256",
  "status",
  "target",
  "targetSha256",
  "withheldFields",
] as const;
type FactName = (typeof factNames)[number];
type MaybeFacts = { [Name in FactName]?: string | number | undefined };

function addRequest(facts: MaybeFacts, { binding, rawHeaders }: AskedRequest, signer?: Signer): void {
  const { method, targetUri, signed } = binding;
  facts.method = method;
  facts.target = nameableTarget(targetUri, facts.operation);
  facts.targetSha256 = sha256(targetUri);
  if (signer === undefined || signed === undefined) {
    Object.assign(facts, claims(rawHeaders));
    return;
  }
  facts.keyid = signer.keyid;
  facts.nonce = signer.nonce;
  facts.created = signer.created;
  facts.signatureLabel = signed.label;
  facts.signatureInput = signed.signatureInput;
  facts.signature = signed.signature;
  addCoveredFields(facts, signed.fields);
}

const fixedPaths: ReadonlySet<string> = new Set(
  Object.values(operations).flatMap(({ path }) => (path.includes("{") ? [] : [path])),
);

/**
 * The target without its query, where the contract knows the path: its parameters are opaque ids by their patterns.
 * Any other path is the sender's free text.
 */
function nameableTarget(targetUri: string, operation: MaybeFacts["operation"]): string | undefined {
  const [target = ""] = targetUri.split("?", 1);
  if (operation !== undefined) return target;
  return URL.canParse(target) && fixedPaths.has(new URL(target).pathname) ? target : undefined;
}

/** What an unproven request says of itself: the key that it names, and digests by which its holder can show it. */
function claims(rawHeaders: readonly string[]): MaybeFacts {
  const input = only(rawHeaders, "signature-input");
  const signature = only(rawHeaders, "signature");
  return {
    claimedKeyid: input === undefined ? undefined : /;keyid="([A-Za-z0-9_-]{43})"/.exec(input)?.[1],
    signatureInputSha256: input === undefined ? undefined : sha256(input),
    signatureSha256: signature === undefined ? undefined : sha256(signature),
  };
}

function only(rawHeaders: readonly string[], name: string): string | undefined {
  const values = rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  return values.length === 1 ? values[0] : undefined;
}

/** Covered fields whose values have a closed form, without room for words: kept as sent. All others: SHA-256. */
const keptFields: Readonly<Record<string, { fact: FactName; form: RegExp }>> = {
  "content-digest": {
    fact: "contentDigest",
    form: /^sha-(?:256|512)=:[A-Za-z0-9+/]{43,86}={1,2}:(?:, ?sha-(?:256|512)=:[A-Za-z0-9+/]{43,86}={1,2}:)?$/,
  },
  "content-type": { fact: "contentType", form: /^application\/json(?:; ?charset=utf-8)?$/i },
  "idempotency-key": { fact: "idempotencyKey", form: /^("?)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\1$/i },
};

function addCoveredFields(facts: MaybeFacts, fields: ReadonlyMap<string, string>): void {
  const withheld: string[] = [];
  for (const [name, value] of fields) {
    const kept = Object.hasOwn(keptFields, name) ? keptFields[name] : undefined;
    if (kept?.form.test(value) === true) facts[kept.fact] = value;
    else withheld.push(`${name}=${sha256(value)}`);
  }
  if (withheld.length > 0) facts.withheldFields = withheld.join(" ");
}

function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

function present(facts: MaybeFacts): Record<string, string | number> {
  const left: Record<string, string | number> = {};
  for (const name of factNames) {
    const fact = facts[name];
    if (fact !== undefined) left[name] = fact;
  }
  return left;
}

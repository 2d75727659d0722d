import { errorRow, Fault } from "#capability";
import type { RawAnswer, VendorClient, VendorFailure, VendorRequest } from "#capability";
import { parseJson } from "#json";
import { outboundLimits as limits } from "../limits.ts";
import { retryAfterSeconds } from "../retryAfter.ts";
import type { Layer, OutboundCall } from "../types.ts";

/** Makes the client that verifying may use to fetch keys. */
type VendorOf = (call: OutboundCall) => VendorClient;

/**
 * What the vendor answered, judged in this order: transport shape, the vendor's signature, strict parsing, the vendor's own
 * error codes (through the adapter's table), the vendor's spec.
 */
export const check =
  (now: () => Date, vendorOf: VendorOf): Layer =>
  (next) =>
  async (call) => {
    const { raw } = await next(call);
    const at = now();
    if (raw.status >= 300 && raw.status < 400) throw invalid(call, `redirect ${raw.status} refused`);
    const encoding = raw.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") throw invalid(call, "compressed answer");
    if (raw.status === 429 || raw.status >= 500 || raw.status === 401) refuseUnreadable(call, raw, at);
    await verify(call, raw, at, vendorOf);
    const body = parse(call, raw, at);
    const failure = failureIn(call, raw, body);
    if (failure !== undefined) throw refusal(call, failure, raw, at);
    if (raw.status >= 400) throw unreadable(call, raw, at);
    const violation = call.operation.checkAnswer(raw.status, raw.headers["content-type"], body);
    if (violation !== undefined) throw invalid(call, `off-spec answer: ${violation}`);
    return { raw, body };
  };

/** Whatever fails here, the vendor has had the request: a key that could not be fetched is no `not_sent` of it. */
async function verify(call: OutboundCall, raw: RawAnswer, at: Date, vendorOf: VendorOf): Promise<void> {
  const { protocol } = call.adapter.manifest;
  if (typeof protocol.verify !== "function") return;
  const { config } = call.adapter;
  const { reference, attempt } = call;
  try {
    const context = { config, reference, attempt, now: at, vendor: vendorOf(call) };
    await protocol.verify(raw, call.request as VendorRequest, context);
  } catch (error) {
    if (error instanceof Fault && error.code === "vendor_invalid_answer" && error.outcome === "unknown") throw error;
    throw invalid(call, `not verified: ${error instanceof Fault ? error.message : "the adapter threw"}`, error);
  }
}

function parse(call: OutboundCall, raw: RawAnswer, at: Date): unknown {
  if (raw.bytes.length === 0) return undefined;
  const parsed = parseJson(raw.bytes, { maxDepth: limits.maxAnswerDepth });
  if (parsed.ok) return parsed.value;
  throw raw.status >= 400 ? unreadable(call, raw, at) : invalid(call, `malformed JSON: ${parsed.reason}`);
}

/** The vendor's own error; an answer of a shape that the adapter cannot even look at is off its spec. */
function failureIn(call: OutboundCall, { status, headers }: RawAnswer, body: unknown): VendorFailure | undefined {
  try {
    return call.adapter.manifest.protocol.failure({ status, headers, body }, call.operation.id);
  } catch (error) {
    throw error instanceof Fault ? error : invalid(call, "the adapter cannot read the answer", error);
  }
}

/** A proxy's HTML page or an empty answer with an error status is judged by the status alone. */
function refuseUnreadable(call: OutboundCall, raw: RawAnswer, at: Date): void {
  const parsed = raw.bytes.length === 0 ? undefined : parseJson(raw.bytes, { maxDepth: limits.maxAnswerDepth });
  if (parsed === undefined || !parsed.ok) throw unreadable(call, raw, at);
}

/** 429 and 401 are said before anything is done, and pass: the same request may be made again. */
function unreadable(call: OutboundCall, raw: RawAnswer, at: Date): Fault {
  const vendor = { adapter: call.adapter.manifest.name, code: `http_${raw.status}` };
  const after = waitOf(undefined, raw, at);
  if (raw.status === 429) return new Fault("vendor_rate_limited", { outcome: "not_sent", vendor, ...after });
  if (raw.status === 401) return new Fault("vendor_unauthenticated", { outcome: "not_sent", vendor });
  return new Fault(raw.status === 503 ? "vendor_unavailable" : "vendor_fault", {
    outcome: "unknown",
    counts: true,
    vendor,
    ...after,
  });
}

function refusal(call: OutboundCall, failure: VendorFailure, raw: RawAnswer, at: Date): Fault {
  const { manifest, errors } = call.adapter;
  const row = errorRow(errors, failure.code, call.operation.id);
  const code = row?.problem ?? "vendor_fault";
  const counts = vendorsOwn.has(code) || raw.status >= 500;
  // What an unwell vendor says is for its own engineers: a stack, a query, a host.
  const forPartners = row !== undefined && !counts && !quotes(failure.message, call.input);
  return new Fault(code, {
    outcome: row?.outcome ?? "unknown",
    counts,
    vendor: {
      adapter: manifest.name,
      code: failure.code,
      ...(failure.message === undefined || !forPartners ? {} : { message: failure.message }),
    },
    ...waitOf(failure.retryAfterSeconds, raw, at),
    ...(row === undefined ? { detail: `no row for ${failure.code} in ${manifest.name}/errors.ts` } : {}),
  });
}

/** Shorter values occur in words by themselves. */
const minQuotedChars = 5;

/** Whether a vendor's words repeat a value that we sent: a name, a number, a token. Then they are not passed on. */
function quotes(message: string | undefined, input: unknown): boolean {
  if (message === undefined) return false;
  if (typeof input === "string") return input.length >= minQuotedChars && message.includes(input);
  if (typeof input !== "object" || input === null) return false;
  return Object.values(input).some((member) => quotes(message, member));
}

/** Codes that say that the vendor is unwell, not that it said no. */
const vendorsOwn: ReadonlySet<string> = new Set(["vendor_fault", "vendor_unavailable", "vendor_timeout"]);

/** How long to wait, by the vendor's own words or its header, up to the limit. */
function waitOf(own: number | undefined, raw: RawAnswer, at: Date): { retryAfterSeconds?: number } {
  const seconds = retryAfterSeconds(own === undefined ? raw.headers["retry-after"] : String(own), at);
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

function invalid(call: OutboundCall, detail: string, cause?: unknown): Fault {
  return new Fault("vendor_invalid_answer", {
    outcome: "unknown",
    counts: true,
    cause,
    detail: `${call.adapter.manifest.name} ${call.operation.id}: ${detail}`,
  });
}

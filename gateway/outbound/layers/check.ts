import { errorRow, Fault } from "#capability";
import type { RawAnswer, VendorClient, VendorFailure, VendorRequest } from "#capability";
import { parseJson } from "#json";
import { outboundLimits as limits } from "../limits.ts";
import type { Layer, OutboundCall } from "../types.ts";

/**
 * What the vendor answered, judged in this order: transport shape, the vendor's signature, strict parsing, the vendor's own
 * error codes (through the adapter's table), the vendor's spec.
 */
export const check =
  (now: () => Date, vendorOf: (call: OutboundCall) => VendorClient): Layer =>
  (next) =>
  async (call) => {
    const { raw } = await next(call);
    const { manifest, config } = call.adapter;
    if (raw.status >= 300 && raw.status < 400) throw invalid(call, `redirect ${raw.status} refused`);
    const encoding = raw.headers["content-encoding"];
    if (encoding !== undefined && encoding !== "identity") throw invalid(call, "compressed answer");
    if (raw.status === 429 || raw.status >= 500 || raw.status === 401) refuseUnreadable(call, raw);
    if (typeof manifest.protocol.verify === "function") {
      await manifest.protocol.verify(raw, call.request as VendorRequest, {
        config,
        reference: call.reference,
        attempt: call.attempt,
        now: now(),
        vendor: vendorOf(call),
      });
    }
    const body = parse(call, raw);
    const failure = manifest.protocol.failure({ status: raw.status, headers: raw.headers, body }, call.operation.id);
    if (failure !== undefined) throw refusal(call, failure, raw);
    if (raw.status >= 400) throw unreadable(call, raw);
    const violation = call.operation.checkAnswer(raw.status, body);
    if (violation !== undefined) throw invalid(call, `off-spec answer: ${violation}`);
    return { raw, body };
  };

function parse(call: OutboundCall, raw: RawAnswer): unknown {
  if (raw.bytes.length === 0) return undefined;
  const parsed = parseJson(raw.bytes, { maxDepth: limits.maxAnswerDepth });
  if (!parsed.ok) throw raw.status >= 400 ? unreadable(call, raw) : invalid(call, `malformed JSON: ${parsed.reason}`);
  return parsed.value;
}

/** A proxy's HTML page or an empty answer with an error status is judged by the status alone. */
function refuseUnreadable(call: OutboundCall, raw: RawAnswer): void {
  const parsed = raw.bytes.length === 0 ? undefined : parseJson(raw.bytes, { maxDepth: limits.maxAnswerDepth });
  if (parsed === undefined || !parsed.ok) throw unreadable(call, raw);
}

function unreadable(call: OutboundCall, raw: RawAnswer): Fault {
  const vendor = { adapter: call.adapter.manifest.name, code: `http_${raw.status}` };
  const retryAfterSeconds = retryAfter(raw.headers["retry-after"]);
  const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  if (raw.status === 429) return new Fault("vendor_rate_limited", { outcome: "rejected", vendor, ...after });
  if (raw.status === 401) return new Fault("vendor_unauthenticated", { outcome: "rejected", vendor });
  return new Fault(raw.status === 503 ? "vendor_unavailable" : "vendor_fault", {
    outcome: "unknown",
    counts: true,
    vendor,
    ...after,
  });
}

function refusal(call: OutboundCall, failure: VendorFailure, raw: RawAnswer): Fault {
  const { manifest, errors } = call.adapter;
  const row = errorRow(errors, failure.code, call.operation.id);
  const retryAfterSeconds = failure.retryAfterSeconds ?? retryAfter(raw.headers["retry-after"]);
  const code = row?.problem ?? "vendor_fault";
  return new Fault(code, {
    outcome: row?.outcome ?? "unknown",
    counts: vendorsOwn.has(code) || raw.status >= 500,
    vendor: {
      adapter: manifest.name,
      code: failure.code,
      ...(failure.message === undefined ? {} : { message: failure.message }),
    },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(row === undefined ? { detail: `no row for ${failure.code} in ${manifest.name}/errors.ts` } : {}),
  });
}

/** Codes that say that the vendor is unwell, not that it said no. */
const vendorsOwn: ReadonlySet<string> = new Set(["vendor_fault", "vendor_unavailable", "vendor_timeout"]);

function invalid(call: OutboundCall, detail: string): Fault {
  return new Fault("vendor_invalid_answer", {
    outcome: "unknown",
    counts: true,
    detail: `${call.adapter.manifest.name} ${call.operation.id}: ${detail}`,
  });
}

/** RFC 9110 10.2.3: seconds or an HTTP date; anything else is ignored, and the wait is capped. */
export function retryAfter(value: string | undefined, nowMs = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(value) ? Number(value) : Math.ceil((Date.parse(value) - nowMs) / 1_000);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), limits.maxRetryAfterSeconds) : undefined;
}

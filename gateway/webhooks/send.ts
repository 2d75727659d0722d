/** One POST to a partner's endpoint: no redirects, a deadline for all of it, an answer that is counted and not kept. */
import { Agent } from "undici";
import type { Guard } from "./guard.ts";
import { connectTimeoutMs, keepAliveTimeoutMs, maxAnswerBytes, maxAnswerHeaderBytes, relayLimits } from "./limits.ts";
import { UrlRefused } from "./url.ts";

/** What came of an attempt. */
export interface SendResult {
  /** Absent when there was no answer. */
  status?: number;
  retryAfter?: string;
  /** Why there was none: a code, never the text of an error. */
  error?: SendError;
}

type SendError = "blocked_address" | "dns" | "refused" | "reset" | "tls" | "timeout" | "answer" | "unreachable";

export interface WebhookSender {
  /** Never throws for what the other side does. */
  send(url: string, headers: Record<string, string>, body: Buffer): Promise<SendResult>;
  close(): Promise<void>;
}

export interface SenderOptions {
  guard: Guard;
  attemptDeadlineMs?: number;
  /** Certificate authorities besides the system's. */
  ca?: string;
}

/** Builds the sender with its connections; each of them goes to addresses that the guard has passed. */
export function createSender({ guard, ca, attemptDeadlineMs }: SenderOptions): WebhookSender {
  const deadlineMs = attemptDeadlineMs ?? relayLimits.attemptDeadlineMs;
  const agent = new Agent({
    connections: relayLimits.maxInFlightPerHost,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: keepAliveTimeoutMs,
    keepAliveMaxTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxAnswerHeaderBytes,
    connect: { timeout: connectTimeoutMs, lookup: guard.lookup, ...(ca === undefined ? {} : { ca }) },
    // The attempt's own deadline ends it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async send(text, headers, body) {
      const signal = AbortSignal.timeout(deadlineMs);
      try {
        const url = guard.check(text);
        const answer = await agent.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method: "POST",
          headers: { ...headers, "User-Agent": "qiao-webhooks/1", Accept: "*/*" },
          body,
          signal,
        });
        // The status is the answer. What follows is read so that the connection can be used again, or cut.
        await answer.body.dump({ limit: maxAnswerBytes, signal }).catch(() => undefined);
        const retryAfter = answer.headers["retry-after"];
        return {
          status: answer.statusCode,
          ...(typeof retryAfter === "string" ? { retryAfter } : {}),
        };
      } catch (error) {
        return { error: codeOf(error, signal) };
      }
    },
    close: () => agent.destroy(),
  };
}

function codeOf(error: unknown, signal: AbortSignal): SendError {
  if (signal.aborted) return "timeout";
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof UrlRefused) return at.why.startsWith("dns_") ? "dns" : "blocked_address";
    if (at.name === "HTTPParserError") return "answer";
    const known = knownCode((at as NodeJS.ErrnoException).code ?? "");
    if (known !== undefined) return known;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0], signal);
  }
  return "unreachable";
}

function knownCode(code: string): SendError | undefined {
  if (code === "ECONNREFUSED") return "refused";
  if (code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET") return "reset";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") return "timeout";
  if (/^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code)) return "tls";
  if (/^(?:HPE_|UND_ERR_(?:HEADERS_OVERFLOW|RES|RESPONSE))/.test(code)) return "answer";
  return undefined;
}

import { Axios, AxiosHeaders } from "axios";
import type { AxiosAdapter } from "axios";
import { Agent } from "undici";
import type { RawAnswer, VendorRequest } from "#capability";
import { exchange } from "./exchange.ts";
import { outboundLimits as limits } from "./limits.ts";

export interface Http {
  /** Rejects with what the socket or the parser says, with the signal's reason, or with `AnswerTooLarge`. */
  send(request: VendorRequest, signal: AbortSignal): Promise<RawAnswer>;
  close(): Promise<void>;
}

/**
 * A request as axios' `data`. axios hands an instance of a class on as it is; what stands in its own members it merges,
 * copies and normalises several times a call, which costs more than the exchange itself.
 */
class Sending {
  readonly request: VendorRequest;
  readonly signal: AbortSignal;

  constructor(request: VendorRequest, signal: AbortSignal) {
    this.request = request;
    this.signal = signal;
  }
}

/**
 * axios over an undici pool: axios' interceptors, undici's cost. No redirects, no decompression, no proxy from the
 * environment, a bound on every size, and an AbortSignal that really ends a slow drip. None of axios' own defaults are taken
 * over: it would add headers to what was signed.
 */
export function createHttp(): Http {
  const agent = new Agent({
    connections: limits.maxConnectionsPerHost,
    pipelining: 1,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A vendor's own hint may shorten the time, never lengthen it.
    keepAliveMaxTimeout: limits.keepAliveTimeoutMs,
    maxHeaderSize: limits.maxAnswerHeaderBytes,
    connect: { timeout: limits.connectTimeoutMs },
    // The call's own deadline ends it, so undici's inactivity timers must not.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const client = new Axios({ adapter: undiciAdapter(agent) });
  return {
    async send(request, signal) {
      const { data } = await client.request<RawAnswer>({ data: new Sending(request, signal) });
      return data;
    },
    close: () => agent.destroy(),
  };
}

function undiciAdapter(agent: Agent): AxiosAdapter {
  return async (config) => {
    const { request, signal } = config.data as Sending;
    const { url, method, headers, body = null } = request;
    const { origin } = url;
    const path = url.pathname + url.search;
    const wire = { origin, path, method, headers, body };
    const data = await exchange(agent, wire, { signal, maxBytes: limits.maxAnswerBodyBytes });
    return { data, status: data.status, statusText: "", headers: new AxiosHeaders(), config };
  };
}

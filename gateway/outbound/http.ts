import { Axios, AxiosHeaders } from "axios";
import type { AxiosAdapter, InternalAxiosRequestConfig } from "axios";
import { Agent } from "undici";
import { exchange } from "./exchange.ts";
import { outboundLimits as limits } from "./limits.ts";

export interface Http {
  client: Axios;
  close(): Promise<void>;
}

/**
 * axios over an undici pool: axios' interface and interceptors, undici's cost. No redirects, no decompression, no proxy
 * from the environment, a bound on every size, and an AbortSignal that really ends a slow drip. None of axios' own defaults
 * are taken over: each would be merged, and done nothing with, at every call.
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
  const client = new Axios({
    adapter: undiciAdapter(agent),
    validateStatus: () => true,
    transformRequest: [],
    transformResponse: [],
  });
  return { client, close: () => agent.destroy() };
}

function undiciAdapter(agent: Agent): AxiosAdapter {
  return async (config: InternalAxiosRequestConfig) => {
    const { url = "", method = "get", data, signal } = config;
    const { origin, path } = splitUrl(url);
    const answer = await exchange(agent, {
      origin,
      path,
      method: method.toUpperCase(),
      headers: wireHeaders(config),
      body: (data as Buffer | undefined) ?? null,
      signal: signal as AbortSignal,
      maxBytes: limits.maxAnswerBodyBytes,
    });
    return {
      data: answer.bytes,
      status: answer.status,
      statusText: "",
      // Names are lower case already, so that axios need not look each one up.
      headers: Object.assign(new AxiosHeaders(), answer.headers),
      config,
    };
  };
}

const originEnd = /^[a-z]+:\/\/[^/?]+/;

/** A URL as `URL.href` writes it, cut where its path begins. */
function splitUrl(href: string): { origin: string; path: string } {
  const origin = originEnd.exec(href)?.[0] ?? "";
  return { origin, path: href.slice(origin.length) };
}

function wireHeaders(config: InternalAxiosRequestConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers)) {
    if (value !== null && value !== undefined && value !== false) headers[name.toLowerCase()] = String(value);
  }
  return headers;
}

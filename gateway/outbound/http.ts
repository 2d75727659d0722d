import axios, { AxiosHeaders } from "axios";
import type { AxiosAdapter, AxiosInstance, InternalAxiosRequestConfig } from "axios";
import { Agent } from "undici";
import { outboundLimits as limits } from "./limits.ts";

/** The answer was larger than the limit; the socket was closed. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
}

export interface Http {
  client: AxiosInstance;
  close(): Promise<void>;
}

/**
 * axios over an undici pool: axios' interface and interceptors, undici's cost. No redirects, no decompression, no proxy
 * from the environment, a bound on every size, and an AbortSignal that really ends a slow drip.
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
  const client = axios.create({
    adapter: undiciAdapter(agent),
    maxContentLength: limits.maxAnswerBodyBytes,
    maxRedirects: 0,
    proxy: false,
    decompress: false,
    validateStatus: () => true,
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    responseType: "arraybuffer",
  });
  client.defaults.headers.common = {};
  return { client, close: () => agent.destroy() };
}

function undiciAdapter(agent: Agent): AxiosAdapter {
  return async (config: InternalAxiosRequestConfig) => {
    const url = new URL(config.url ?? "");
    const method = (config.method ?? "get").toUpperCase();
    const answer = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: wireHeaders(config),
      body: (config.data as Buffer | undefined) ?? null,
      signal: config.signal as AbortSignal,
    });
    const bytes = await readBounded(answer.body, config.maxContentLength ?? limits.maxAnswerBodyBytes);
    return {
      data: bytes,
      status: answer.statusCode,
      statusText: "",
      headers: new AxiosHeaders(singleValued(answer.headers)),
      config,
    };
  };
}

function wireHeaders(config: InternalAxiosRequestConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers.toJSON())) {
    if (value !== null && value !== undefined) headers[name.toLowerCase()] = String(value);
  }
  return headers;
}

function singleValued(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) out[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return out;
}

async function readBounded(body: AsyncIterable<Buffer> & { destroy(): unknown }, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw new AnswerTooLarge(`answer larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

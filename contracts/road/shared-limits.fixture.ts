/** A Redis for the tests, and the weather on the way to it. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { createClient } from "@redis/client";
import { describe } from "vitest";
import { tcpProxy } from "../../gateway/store/tcp-proxy.fixture.ts";

const variable = "QIAO_TEST_REDIS_URL";
const probeTimeoutMs = 1_000;

/** The server of the tests. */
export const redisUrl = process.env[variable] ?? "redis://127.0.0.1:6379";

/** `describe` where a Redis answers. Elsewhere a line says that they are skipped; with CI=true the file fails. */
export const describeOnRedis = await (async () => {
  const why = await keysOf("probe").then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (why === undefined) return describe;
  if (process.env["CI"] === "true") throw new Error(`with CI=true a Redis must answer; ${variable}: ${why}`);
  process.stderr.write(`\nSKIPPED: no Redis for the tests of shared limits (${why}). Set ${variable} to run them.\n\n`);
  return describe.skip;
})();

/** The keys of a prefix, with what is left of their lives. */
export async function keysOf(prefix: string): Promise<{ key: string; ttlMs: number }[]> {
  const client = createClient({
    url: redisUrl,
    socket: { connectTimeout: probeTimeoutMs, reconnectStrategy: false },
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    const keys = await client.keys(`${prefix}:*`);
    return await Promise.all(keys.map(async (key) => ({ key, ttlMs: await client.pTTL(key) })));
  } finally {
    client.destroy();
  }
}

/** A prefix of the test's own; what it leaves expires by itself. */
export function newPrefix(): string {
  return `qiao-test-${randomBytes(6).toString("hex")}`;
}

export interface RedisProxy {
  /** The server by way of the proxy. */
  url: string;
  /** What the server says is held back, as of one that stands still; `resume` lets it all through. */
  pause(): void;
  resume(): void;
  /** Connections are cut, and new ones refused. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** A TCP proxy in front of the server, gone after the test. */
export async function redisProxy(): Promise<RedisProxy> {
  const { hostname, port } = new URL(redisUrl);
  const upstreams = new Set<Socket>();
  let paused = false;
  const way = await tcpProxy({ hostname, port: Number(port || 6379) }, ({ client, upstream }) => {
    upstreams.add(upstream);
    upstream.on("close", () => upstreams.delete(upstream));
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => client.write(bytes));
    if (paused) upstream.pause();
  });
  return {
    url: `redis://${way.host}`,
    pause() {
      paused = true;
      for (const each of upstreams) each.pause();
    },
    resume() {
      paused = false;
      for (const each of upstreams) each.resume();
    },
    down: way.down,
    up: way.up,
  };
}

/** A Redis for the tests, and the weather on the way to it. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createClient } from "@redis/client";
import { describe, onTestFinished } from "vitest";

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
  const target = new URL(redisUrl);
  const upstreams = new Set<Socket>();
  const sockets = new Set<Socket>();
  let paused = false;
  let server: Server | undefined;
  let port = 0;

  function join(client: Socket): void {
    const upstream = connect(Number(target.port || 6379), target.hostname);
    if (paused) upstream.pause();
    upstreams.add(upstream);
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", cut).on("close", () => {
        sockets.delete(socket);
        upstreams.delete(upstream);
        cut();
      });
    }
    client.on("data", (bytes) => upstream.write(bytes));
    upstream.on("data", (bytes) => client.write(bytes));
    if (paused) upstream.pause();
  }

  const proxy: RedisProxy = {
    url: "",
    pause() {
      paused = true;
      for (const each of upstreams) each.pause();
    },
    resume() {
      paused = false;
      for (const each of upstreams) each.resume();
    },
    async down() {
      const closed = server && once(server, "close");
      server?.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      server = undefined;
    },
    async up() {
      server = createServer(join).listen(port, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      if (typeof address === "object" && address !== null) ({ port } = address);
    },
  };
  await proxy.up();
  onTestFinished(() => proxy.down());
  proxy.url = `redis://127.0.0.1:${port}`;
  return proxy;
}

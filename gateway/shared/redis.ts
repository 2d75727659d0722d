import { createHash } from "node:crypto";
import { createClient } from "@redis/client";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { admitBy } from "./counts.ts";
import type { FarCounts, Nonce } from "./counts.ts";
import { limitersBy } from "./limiters.ts";
import { connectTimeoutMs, maxQueuedCommands, maxSilentPings, reconnectEveryMs } from "./limits.ts";

export interface RedisSetting {
  /** `redis[s]://[user:password@]host[:port][/db]`: one server, or one name of a managed pair. */
  url: string;
  /** What every key begins with. */
  prefix: string;
}

/**
 * Counts in Redis or Valkey, for every gateway that names the same server and prefix. Keys: `<prefix>:rate:<partner id>` and
 * `<prefix>:nonce:<SHA-256 of key id and nonce>`; each expires with what it counts. The `refused` of an address are not
 * there: an address may be a person's, and they protect the processor of one machine.
 */
export function redisCounts({ url, prefix }: RedisSetting, nowMs: () => number): FarCounts {
  let client = connect();
  let silentPings = 0;

  function connect() {
    const made = createClient({
      url,
      socket: { connectTimeout: connectTimeoutMs, reconnectStrategy: () => reconnectEveryMs, noDelay: true },
      // What cannot be asked now is counted here, now.
      disableOfflineQueue: true,
      commandsQueueMaxLength: maxQueuedCommands,
      maintNotifications: "disabled",
      disableClientInfo: true,
    });
    let reason: Error | undefined;
    const tried = Promise.withResolvers<void>();
    made.on("error", (error: Error) => {
      reason = error;
      tried.resolve();
    });
    made.connect().then(() => tried.resolve(), tried.resolve);
    return {
      made,
      /** Resolves after the first attempt to connect. */
      tried: tried.promise,
      /** The client, when it has a connection. */
      ready() {
        if (made.isReady) return made;
        throw reason ?? new Error("not connected");
      },
    };
  }

  /** A connection whose other end went without a word is open for many minutes, and so is a login that nobody answers. */
  function renew(): void {
    silentPings = 0;
    client.made.destroy();
    client = connect();
  }

  const consume = limitersBy(
    (_counted, { points, windowSeconds }) =>
      new RateLimiterRedis({
        storeClient: {
          eval: (script: string, given: { keys: string[]; arguments: string[] }) => client.ready().eval(script, given),
        },
        useRedisPackage: true,
        keyPrefix: `${prefix}:rate`,
        points,
        duration: windowSeconds,
        // Who has used up its quota is refused from here until its window ends.
        inMemoryBlockOnConsumed: points + 1,
      }),
  );

  async function claim({ keyid, nonce, expiresAtMs }: Nonce): Promise<boolean> {
    const name = createHash("sha256").update(`${keyid}\n${nonce}`).digest("base64url");
    // A span and not a moment: the clocks of this machine and of the server need not agree.
    const value = Math.max(1, Math.ceil(expiresAtMs - nowMs()));
    const set = await client
      .ready()
      .set(`${prefix}:nonce:${name}`, "1", { condition: "NX", expiration: { type: "PX", value } });
    return set !== null;
  }

  return {
    name: "redis",
    counts: new Set(["partner"]),
    consume,
    admit: admitBy(claim, consume),
    async ping() {
      silentPings += 1;
      if (silentPings > maxSilentPings) renew();
      const asked = client;
      await asked.tried;
      await asked.ready().ping();
      silentPings = 0;
    },
    close() {
      client.made.destroy();
    },
  };
}

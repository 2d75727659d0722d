import type { MockContext, MockDefinition, MockVendor, RunningMock } from "../types.ts";
import { exchange } from "./exchange.ts";
import { listen } from "./listen.ts";
import { createTranscript, thrownAt } from "./record.ts";
import { createSend, SendFailed } from "./send.ts";
import { loadSpec } from "./spec.ts";
import { openState } from "./state.ts";
import { createTimers } from "./timers.ts";

export interface StartMockOptions {
  /** The sandbox folder for state and kept secrets; without it both live in memory. */
  dir?: string;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free one. */
  port?: number;
  /** Public JWKS of the gateway, for a platform that verifies our signature profile. Default: no keys. */
  gatewayJwks?: MockContext["gatewayJwks"];
  /** Default: the machine's clock. */
  now?: () => Date;
}

/**
 * Starts a mock vendor and answers once it listens and its secrets are made. Throws if the port is taken (`EADDRINUSE`),
 * the vendor's spec cannot be used, or the mock's own start fails; nothing is left running then.
 */
export async function startMock(definition: MockDefinition, options: StartMockOptions = {}): Promise<RunningMock> {
  const host = options.host ?? "127.0.0.1";
  const now = options.now ?? (() => new Date());
  const spec = loadSpec(definition.spec);
  const transcript = createTranscript();
  const timers = createTimers((error) => {
    if (error instanceof SendFailed) return;
    transcript.left("later", "answer", [`/: the mock threw ${thrownAt(error)}`]);
  });
  let calls = new AbortController();
  const created = Promise.withResolvers<MockVendor>();
  created.promise.catch(() => undefined);

  const state = openState(definition.adapter, options.dir);
  const listener = await listen(host, options.port ?? 0, (message, response) => {
    created.promise
      .then((vendor) => exchange(vendor, spec, transcript, now, message, response))
      .catch(() => response.destroy());
  }).catch((error: unknown) => {
    state.close();
    throw error;
  });
  const origin = `http://${host}:${listener.port}`;

  const kill = async (): Promise<void> => {
    timers.hold();
    calls.abort();
    await listener.kill();
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => {
    await kill();
    timers.clear();
    state.close();
  };
  const stop = (): Promise<void> => (stopped ??= stopOnce());

  try {
    const vendor = await definition.create({
      origin,
      gatewayJwks: options.gatewayJwks ?? { keys: [] },
      keep: state.keep,
      table: state.table,
      now,
      later: (delayMs, run) => timers.later(delayMs, run),
      send: createSend(() => calls.signal),
    });
    created.resolve(vendor);
    return {
      adapter: definition.adapter,
      title: definition.title,
      origin,
      credentials: vendor.credentials,
      config: vendor.config,
      violations: transcript.violations,
      exchanges: transcript.exchanges,
      kill,
      async revive() {
        if (stopped !== undefined) throw new Error(`${definition.adapter} was stopped`);
        calls = new AbortController();
        await listener.revive();
        timers.release();
      },
      stop,
    };
  } catch (error) {
    created.reject(error);
    await stop();
    throw error;
  }
}

/** Webhooks to partners: events of resources, where they are sent, and sending them. */
import type { Logger } from "pino";
import type { SignKey } from "#signature";
import type { Store } from "#store";
import type { OperationPorts } from "../operations/index.ts";
import type { WebhookAnswers } from "./answer.ts";
import { endpointAnswers } from "./endpoints.ts";
import { eventAnswers } from "./events.ts";
import { createGuard } from "./guard.ts";
import type { RelayLimits } from "./limits.ts";
import { startRelay } from "./relay.ts";
import type { AttemptReport, Relay } from "./relay.ts";
import { createSender } from "./send.ts";

export type { LocalCall, WebhookAnswers } from "./answer.ts";

export interface WebhookOptions extends Pick<OperationPorts, "now" | "random" | "checkAnswer" | "alarm"> {
  store: Store;
  /** The gateway's first key. */
  key: SignKey;
  /** Endpoints on this machine are for the sandbox. */
  sandbox: boolean;
  limits: Pick<RelayLimits, "retryDelaysMs" | "attemptDeadlineMs" | "leaseMs">;
  logger: Logger;
  /** For metrics and evidence. */
  onAttempt(report: AttemptReport): void;
}

export interface Webhooks {
  /** The store to write events through: what is committed is sent at once. */
  store: Store;
  /** The operations of the contract that this room answers. */
  answers: WebhookAnswers;
  /** Begins to deliver. */
  start(): void;
  /** Ends when the attempts under way are recorded. */
  stop(): Promise<void>;
}

export function createWebhooks(options: WebhookOptions): Webhooks {
  const { store, key, now, random, checkAnswer, alarm, logger, limits } = options;
  const guard = createGuard({ allowLoopback: options.sandbox });
  const sender = createSender({ guard, attemptDeadlineMs: limits.attemptDeadlineMs });
  let relay: Relay | undefined;
  const nudge = (): void => relay?.nudge();
  const ports = { store, guard, now, checkAnswer, alarm, nudge };
  return {
    store: tellingStore(store, nudge),
    answers: { ...endpointAnswers(ports), ...eventAnswers(ports) },
    start() {
      relay = startRelay(
        {
          store,
          sender,
          key,
          now,
          random,
          onAttempt(report) {
            options.onAttempt(report);
            const { signed: _signed, ...line } = report;
            if (report.outcome === "delivered") logger.info(line, "webhook");
            else logger.warn(line, "webhook");
          },
          onFault: (what, error) => logger.error({ reason: (error as Error).name }, what),
        },
        limits,
      );
    },
    async stop() {
      await relay?.stop();
      await sender.close();
    },
  };
}

function tellingStore(store: Store, committed: () => void): Store {
  return {
    ...store,
    async complete(input) {
      await store.complete(input);
      if (input.resource?.event !== undefined) committed();
    },
    async advance(input) {
      const moved = await store.advance(input);
      if (moved && input.event !== undefined) committed();
      return moved;
    },
  };
}

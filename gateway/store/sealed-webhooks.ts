import { StoreError } from "./errors.ts";
import { boundedLimit } from "./limits.ts";
import type { sealedWebhookRows } from "./sealed-webhook-rows.ts";
import type { WebhookStore } from "./store-webhooks.ts";
import type { Engine } from "./units.ts";

/** The WebhookStore over an engine. */
export function sealedWebhooks(engine: Engine, rows: ReturnType<typeof sealedWebhookRows>): WebhookStore {
  return {
    async addEndpoint(endpoint) {
      await engine.run("addEndpoint", rows.sealEndpoint(endpoint));
    },

    async endpoint(id) {
      const row = await engine.run("endpoint", { id });
      return row && rows.openEndpoint(row);
    },

    async endpoints(partner, { limit, afterId }) {
      const page = await engine.run("endpoints", { partner, limit: boundedLimit(limit), afterId });
      return page.map(rows.openEndpoint);
    },

    changeEndpoint: async (id, change, nowMs) => engine.run("changeEndpoint", rows.sealChange(id, change, nowMs)),
    removeEndpoint: (id) => engine.run("removeEndpoint", { id }),

    async event(id) {
      const row = await engine.run("event", { id });
      return row && rows.openEvent(row);
    },

    async events(partner, { type, resourceId }, { limit, afterId }) {
      const page = await engine.run("events", { partner, type, resourceId, limit: boundedLimit(limit), afterId });
      return page.map(rows.openEvent);
    },

    deliveries: (eventId) => engine.run("deliveries", { eventId }),

    async attempts(deliveryId) {
      return (await engine.run("attempts", { deliveryId })).map(rows.attemptOf);
    },

    resend: (eventId, endpointId, nowMs) => engine.run("resend", { eventId, endpointId, nowMs }),

    async dueDeliveries({ nowMs, leaseUntilMs, limit, exceptEndpoints }) {
      const leased = { nowMs, leaseUntilMs, limit: boundedLimit(limit), exceptEndpoints: exceptEndpoints ?? [] };
      return (await engine.run("dueDeliveries", leased)).map((due) => rows.openDue(due, leaseUntilMs));
    },

    async settleDelivery(input) {
      const { id, leaseUntilMs, attempt, outcome, nextAttemptAtMs, nowMs } = input;
      if ((outcome === "retry") !== (nextAttemptAtMs !== undefined)) {
        throw new StoreError("conflict", "the next attempt's time belongs to `retry`, and to nothing else");
      }
      const settled = { id, leaseUntilMs, attempt, outcome, nextAttemptAtMs: nextAttemptAtMs ?? null, nowMs };
      await engine.run("settleDelivery", settled);
    },

    async backlog(nowMs) {
      const { pending, oldestDueAtMs } = await engine.run("backlog", { nowMs });
      return { pending, ...(oldestDueAtMs === null ? {} : { oldestDueAtMs }) };
    },
  };
}

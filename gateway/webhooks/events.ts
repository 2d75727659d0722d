/** `events.*`: what happened, where it was delivered, and delivering it again. */
import { Problem } from "#problem";
import type { AttemptRow, DeliveryRow, EventRow } from "#store";
import type { OperationAnswer } from "../operations/index.ts";
import { answerWith, instant, pageOf } from "./answer.ts";
import type { LocalCall, WebhookAnswerPorts, WebhookAnswers } from "./answer.ts";
import { maxAttemptsShown, maxDeliveriesShown } from "./limits.ts";

export function eventAnswers(ports: WebhookAnswerPorts): WebhookAnswers {
  const { store } = ports;

  /** The partner's own event that the path names. */
  const own = async ({ partner, input }: LocalCall): Promise<EventRow> => {
    const event = await store.event(input.path["eventId"] ?? "");
    if (event === undefined || event.partner !== partner) throw new Problem("resource_not_found");
    return event;
  };

  const details = async (event: EventRow): Promise<object> => {
    const rows = (await store.deliveries(event.id)).slice(-maxDeliveriesShown);
    const deliveries = await Promise.all(rows.map(async (row) => deliveryView(row, await store.attempts(row.id))));
    return { event: eventView(event), deliveries };
  };

  async function list(call: LocalCall): Promise<OperationAnswer> {
    const { type, resourceId } = call.input.query;
    const filter = {
      ...(typeof type === "string" ? { type } : {}),
      ...(typeof resourceId === "string" ? { resourceId } : {}),
    };
    const { rows, next } = await pageOf(call, (page) => store.events(call.partner, filter, page));
    return answerWith(ports, "events.list", 200, { data: rows.map(eventView), ...next });
  }

  async function resend(call: LocalCall): Promise<OperationAnswer> {
    const event = await own(call);
    const { endpointId } = (call.input.body ?? {}) as { endpointId?: string };
    if (!(await store.resend(event.id, endpointId, ports.now().getTime()))) {
      throw new Problem("resource_not_found", {
        errors: [{ pointer: "/endpointId", detail: "is not an endpoint of yours" }],
      });
    }
    const answer = answerWith(ports, "events.resend", 202, await details(event));
    ports.nudge();
    return answer;
  }

  return {
    "events.list": list,
    "events.get": async (call) => answerWith(ports, "events.get", 200, await details(await own(call))),
    "events.resend": resend,
  };
}

/** An event as it is delivered. */
function eventView({ id, type, createdAtMs, data }: EventRow): object {
  return { id, type, createdAt: instant(createdAtMs), data };
}

function deliveryView({ endpointId, status, nextAttemptAtMs }: DeliveryRow, attempts: AttemptRow[]): object {
  return {
    endpointId,
    status,
    ...(status === "pending" ? { nextAttemptAt: instant(nextAttemptAtMs) } : {}),
    attempts: attempts.slice(-maxAttemptsShown).map(({ number, atMs, durationMs, status: answered, error }) => ({
      number,
      attemptedAt: instant(atMs),
      durationMs,
      ...(answered === undefined ? {} : { status: answered }),
      ...(error === undefined ? {} : { error }),
    })),
  };
}

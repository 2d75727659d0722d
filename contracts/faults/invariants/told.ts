import { eventTypes, resources } from "#specs";
import type { EventType } from "#specs";
import type { Finding, Judge, ResourceSeen, WebhookSeen } from "./observed.ts";

/**
 * I-6: each final state is told to its partner until it is accepted, under one id with one body; of one resource nothing is
 * accepted out of order; nothing is told that never was.
 */
export const told: Judge = ({ resources: all, webhooks, told: partners }) => {
  const byResource = Map.groupBy(webhooks, ({ resourceId }) => resourceId);
  return [
    ...all.filter(({ partner }) => partners.has(partner)).flatMap((row) => storyOf(row, byResource.get(row.id) ?? [])),
    ...[...Map.groupBy(webhooks, ({ webhookId }) => webhookId)].flatMap(([id, attempts]) =>
      new Set(attempts.map(({ body }) => body)).size === 1 ? [] : [wrong(`the body of ${id} changed between attempts`)],
    ),
  ];
};

function storyOf({ id, kind, status, transitions }: ResourceSeen, webhooks: readonly WebhookSeen[]): Finding[] {
  const found: Finding[] = [];
  const entered = transitions.filter(({ from, to }) => from !== to).map(({ to }) => to);
  const statusOf = ({ type }: WebhookSeen): string => eventTypes[type as EventType].status;
  if (resources[kind].finalStates.includes(status)) {
    const final = webhooks.filter((each) => statusOf(each) === status);
    if (!final.some(({ accepted }) => accepted)) found.push(wrong(`${id} is ${status} and its partner was never told`));
  }
  for (const [type, attempts] of Map.groupBy(webhooks, (each) => each.type)) {
    const ids = new Set(attempts.map(({ webhookId }) => webhookId));
    if (ids.size > 1) found.push(wrong(`${id}: ${type} was told under ${ids.size} ids`));
    const state = eventTypes[type as EventType].status;
    if (!entered.includes(state)) found.push(wrong(`${id}: ${type} was told and never was`));
  }
  const first = [
    ...Map.groupBy(
      webhooks.filter(({ accepted }) => accepted),
      statusOf,
    ).keys(),
  ];
  const places = first.map((state) => entered.indexOf(state));
  if (places.some((place, at) => at > 0 && place < (places[at - 1] ?? 0)))
    found.push(wrong(`${id} was told out of order: ${first.join(", ")}`));
  return found;
}

/** I-7: every webhook verifies with a key that was published when it came. */
export const signed: Judge = ({ webhooks }) =>
  webhooks.flatMap(({ verified, webhookId }) =>
    verified ? [] : [{ invariant: "I-7" as const, what: `${webhookId} does not verify` }],
  );

function wrong(what: string): Finding {
  return { invariant: "I-6", what };
}

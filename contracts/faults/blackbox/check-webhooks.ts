import type { Finding } from "./check.ts";
import type { Arrival, Final, History } from "./history.ts";
import { isFinalState, mayFollow } from "./states.ts";

/**
 * Webhooks: each verifies (I-7), goes to the owner only (I-8); each final state arrives and is taken under exactly one id, with
 * one text over all attempts, and of one resource in order (I-6).
 */
export function checkWebhooks({ arrivals, finals }: History): Finding[] {
  const believed = arrivals.filter(({ refused }) => refused === undefined);
  const owners = new Map(finals.map(({ id, partner }) => [id, partner]));
  const byResource = Map.groupBy(believed, ({ resourceId }) => resourceId);
  return [
    ...arrivals.flatMap(({ refused, webhookId }): Finding[] =>
      refused === undefined ? [] : [{ invariant: "I-7", what: `webhook ${webhookId} does not verify: ${refused}` }],
    ),
    ...believed.flatMap(({ resourceId, partner }): Finding[] => {
      const owner = owners.get(resourceId);
      return owner === undefined || owner === partner
        ? []
        : [{ invariant: "I-8", what: `partner ${partner} was sent a webhook about ${resourceId} of the other's` }];
    }),
    ...[...Map.groupBy(believed, ({ webhookId }) => webhookId)].flatMap(([id, same]): Finding[] =>
      new Set(same.map(({ text }) => text)).size === 1
        ? []
        : [{ invariant: "I-6", what: `webhook ${id} came with different bodies` }],
    ),
    ...[...byResource].flatMap(([id, about]) => outOfOrder(id, about)),
    ...finals.flatMap((final) => told(final, byResource.get(final.id) ?? [])),
  ];
}

function told({ id, state }: Final, about: readonly Arrival[]): Finding[] {
  if (state === undefined || !isFinalState(id, state)) return [];
  const ids = new Set(about.filter((arrival) => arrival.state === state).map(({ webhookId }) => webhookId));
  const taken = about.some((arrival) => arrival.state === state && arrival.accepted);
  return [
    ...(taken ? [] : [`${id} is ${state}, and its owner was never told`]),
    ...(ids.size > 1 ? [`${id}: ${state} was told under ${ids.size} ids`] : []),
  ].map((what) => ({ invariant: "I-6", what }));
}

/** First arrivals go forward, and none comes before the one before it was taken. */
function outOfOrder(id: string, about: readonly Arrival[]): Finding[] {
  const inOrder = about.toSorted((one, other) => one.atMs - other.atMs);
  const found: Finding[] = [];
  const seen = new Map<string, { state: string; taken: boolean }>();
  let latest: { state: string; taken: boolean } | undefined;
  for (const { webhookId, state, accepted } of inOrder) {
    const known = seen.get(webhookId);
    if (known !== undefined) {
      if (known !== latest) found.push({ invariant: "I-6", what: `${id}: ${state} came again after ${latest?.state}` });
      known.taken ||= accepted;
      continue;
    }
    if (latest !== undefined && !mayFollow(id, latest.state, state))
      found.push({ invariant: "I-6", what: `${id}: webhook ${state} came after ${latest.state}` });
    if (latest !== undefined && !latest.taken)
      found.push({ invariant: "I-6", what: `${id}: ${state} came before ${latest.state} was taken` });
    latest = { state, taken: accepted };
    seen.set(webhookId, latest);
  }
  return found;
}

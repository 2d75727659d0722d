import { fenOf } from "../world/money.ts";
import type { Finding, Judge } from "./observed.ts";

/** I-8: no partner sees anything of another's, by reading, acting or webhook. */
export const apart: Judge = ({ calls, webhooks, resources }) => {
  const owners = new Map(resources.map(({ id, partner }) => [id, partner]));
  const strange = (partner: string, id: string | undefined) => {
    const owner = owners.get(id ?? "");
    return owner !== undefined && owner !== partner;
  };
  return [
    ...calls.flatMap(({ partner, target, resource, status }): Finding[] => {
      const trespass = target !== undefined && target.owner !== partner && status !== undefined && status < 300;
      if (!trespass && !strange(partner, resource?.id)) return [];
      return [{ invariant: "I-8", what: `${partner} got ${status} for ${resource?.id ?? target?.id ?? ""}` }];
    }),
    ...webhooks.flatMap(({ partner, resourceId, webhookId }): Finding[] =>
      strange(partner, resourceId) ? [{ invariant: "I-8", what: `${partner} was sent ${webhookId}` }] : [],
    ),
  ];
};

/** I-9: after quiet, the sums of what we say was paid and given back are the vendors' sums. */
export const sums: Judge = ({ resources, ledger }) => {
  const ours = (kind: string, status: string) =>
    resources.reduce((sum, row) => (row.kind === kind && row.status === status ? sum + row.amountFen : sum), 0n);
  const theirs = (kind: string, state: string) =>
    ledger.reduce((sum, row) => (row.kind === kind && row.state === state ? sum + row.amountFen : sum), 0n);
  const differing = (what: string, our: bigint, their: bigint): Finding[] =>
    our === their ? [] : [{ invariant: "I-9", what: `${what}: we say ${our} fen, the vendors ${their}` }];
  return [
    ...differing("paid", ours("instalments", "paid"), theirs("order", "paid")),
    ...differing("given back", ours("refunds", "succeeded"), theirs("refund", "done")),
  ];
};

/** Fen of an amount as it stands in a body; 0 where there is none. */
export function amountIn(body: { amount?: { amount?: string } }): bigint {
  return fenOf(body.amount?.amount ?? "0");
}

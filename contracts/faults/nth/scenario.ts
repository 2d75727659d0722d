import type { CallSeen } from "../invariants/index.ts";
import { isDefinite } from "../world/partner.ts";
import type { Wish } from "../world/partner.ts";
import type { Universe } from "../world/universe.ts";
import { cancelWish, instalmentWish, refundWish } from "../world/wishes.ts";

const pollMs = 2_000;
const maxPolls = 200;
/** A partner that is told that nothing happened asks anew, under another key, so often. */
const maxWishes = 3;

export const paidMemo = "paid";
const amountFen = 100_00n;

/**
 * The payment story of one partner: an instalment credit, paid by its customer (a callback tells), given back in part; then
 * another that is cancelled. The partner repeats what got no definite answer, under the same key.
 */
export async function paymentStory(universe: Universe): Promise<void> {
  const { a } = universe.partners;
  const first = await granted(universe, (n) =>
    instalmentWish({ key: `first-${n}`, memo: `${paidMemo}-${n}`, amountFen }),
  );
  await until(universe, first, "paid");
  const refund = await granted(universe, (n) =>
    refundWish({ key: `refund-${n}`, memo: `refund-${n}`, amountFen: 40_00n, instalmentId: first }),
  );
  await until(universe, refund, "succeeded");
  const second = await granted(universe, (n) => instalmentWish({ key: `second-${n}`, memo: `second-${n}`, amountFen }));
  for (let n = 1; n <= maxWishes; n += 1) {
    const seen = await a.insist(cancelWish({ key: `cancel-${n}`, id: second, owner: "a" }));
    if (!isDefinite(seen)) throw new Error("the cancellation was never answered");
    if (await until(universe, second, "closed")) return;
  }
}

/** Asks until one is granted: the id of what was made. */
async function granted({ partners: { a }, time }: Universe, wish: (n: number) => Wish): Promise<string> {
  let seen: CallSeen | undefined;
  for (let n = 1; n <= maxWishes; n += 1) {
    seen = await a.insist(wish(n));
    if (seen.resource === undefined) continue;
    const { id } = seen.resource;
    for (let poll = 0; poll < maxPolls; poll += 1) {
      const status = seen.resource?.status;
      if (status !== undefined && status !== "unknown") break;
      await time.pause(pollMs);
      seen = await a.read(id, "a");
    }
    if (seen.resource !== undefined && seen.resource.status !== "failed") return id;
  }
  throw new Error(`never granted: ${seen?.problem?.code ?? seen?.resource?.status ?? "silence"}`);
}

/** Reads it until it is what is waited for; false when it never is. */
async function until({ partners: { a }, time }: Universe, id: string, status: string): Promise<boolean> {
  for (let poll = 0; poll < maxPolls; poll += 1) {
    const seen = await a.read(id, "a");
    if (seen.resource?.status === status) return true;
    if (status === "closed" && poll > 5 && seen.resource?.status === "awaiting_payment") return false;
    await time.pause(pollMs);
  }
  throw new Error(`${id} never became ${status}`);
}

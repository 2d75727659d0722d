import type { Chance } from "../world/chance.ts";
import type { CallSeen } from "../invariants/index.ts";
import { isDefinite } from "../world/partner.ts";
import type { Partner, Wish } from "../world/partner.ts";
import type { Universe } from "../world/universe.ts";
import { cancelWish, instalmentWish, refundWish } from "../world/wishes.ts";

interface Known {
  id: string;
  status: string;
  amountFen: bigint;
}

/** What a partner remembers of its own doings. */
export interface Memory {
  partner: Partner;
  /** For a partner's try at what is not its own. */
  other: { name: string; known: Known[] };
  known: Known[];
  wishes: Wish[];
  /** Wishes that it has given up for now: it comes back to them in the end. */
  open: Set<Wish>;
  keys: number;
  memos: number;
}

export function memory(partner: Partner): Memory {
  return { partner, other: { name: "", known: [] }, known: [], wishes: [], open: new Set(), keys: 0, memos: 0 };
}

const minPauseMs = 20;
const maxPauseMs = 4_000;
const maxAmountFen = 90_000;
/** More than a vendor grants: a definite no. */
const tooMuchFen = 950_000n;
const maxTwins = 4;

type Deed = (universe: Universe, own: Memory, chance: Chance) => Promise<unknown>;

/** One of a partner's programs: does one random thing after another until it is told to end. */
export async function act(universe: Universe, own: Memory, chance: Chance, goesOn: () => boolean): Promise<void> {
  while (goesOn()) {
    await universe.time.pause(chance.between(minPauseMs, maxPauseMs));
    if (goesOn()) await chance.pick(deeds)(universe, own, chance);
  }
}

const create: Deed = (_, own, chance) => insist(own, newInstalment(own, chance), chance);

/** Several sendings of one wish at once: on one connection each, thus to different gateways. */
const twins: Deed = (_, own, chance) => {
  const wish = newInstalment(own, chance);
  const copies = Array.from({ length: chance.between(1, maxTwins - 1) }, () => own.partner.send(wish));
  return Promise.all([insist(own, wish, chance), ...copies]);
};

/** The same again, long after. */
const repeat: Deed = (_, own, chance) =>
  own.wishes.length === 0 ? Promise.resolve() : own.partner.send(chance.pick(own.wishes));

/** A key that was used, under something else. */
const misuse: Deed = (_, own, chance) => {
  if (own.wishes.length === 0) return Promise.resolve();
  const { key } = chance.pick(own.wishes);
  return own.partner.send(instalmentWish({ key, memo: memoOf(own), amountFen: amount(chance) }));
};

const read: Deed = async (_, own, chance) => {
  if (own.known.length === 0) return;
  const known = chance.pick(own.known);
  note(own, await own.partner.read(known.id, own.partner.name));
};

const cancel: Deed = (_, own, chance) => {
  const waiting = own.known.filter(({ id, status }) => id.startsWith("ins_") && status !== "paid");
  if (waiting.length === 0) return Promise.resolve();
  const { id } = chance.pick(waiting.slice(-5));
  return insist(own, cancelWish({ key: keyOf(own), id, owner: own.partner.name }), chance);
};

const refund: Deed = (_, own, chance) => {
  const paid = own.known.filter(({ id, status }) => id.startsWith("ins_") && status === "paid");
  if (paid.length === 0) return Promise.resolve();
  const { id, amountFen } = chance.pick(paid.slice(-20));
  const part = (amountFen * BigInt(chance.between(10, 70))) / 100n + 1n;
  const asked = { key: keyOf(own), memo: memoOf(own), amountFen: part, instalmentId: id };
  return insist(own, refundWish(asked), chance);
};

const trespass: Deed = (_, own, chance) => {
  const { known, name } = own.other;
  if (known.length === 0) return Promise.resolve();
  const { id } = chance.pick(known);
  if (chance.happens(0.5)) return own.partner.read(id, name);
  if (!id.startsWith("ins_")) return Promise.resolve();
  return own.partner.insist(
    chance.happens(0.5)
      ? cancelWish({ key: keyOf(own), id, owner: name })
      : refundWish({ key: keyOf(own), memo: memoOf(own), amountFen: 1n, instalmentId: id }),
  );
};

/** Somebody who knows an order's number, or a vendor in error, calls back. */
const falseWord: Deed = async ({ ledgers, courier }, _, chance) => {
  const entries = [...ledgers.values()].flatMap((ledger) => ledger.entries);
  if (entries.length === 0) return;
  const entry = chance.pick(entries.slice(-30));
  const paid = entry.kind === "order" ? "paid" : "done";
  if (chance.happens(0.6)) courier.forge(entry, { state: chance.pick([paid, "closed", "failed"]) }, false);
  else if (chance.happens(0.5)) courier.forge(entry, { amount: "0.01", state: paid }, true);
  else courier.forge(entry, { no: "0".repeat(32), state: paid }, true);
};

const often = <T>(deed: T, times: number): T[] => Array.from({ length: times }, () => deed);
const deeds: readonly Deed[] = [
  ...often(create, 8),
  ...often(twins, 3),
  ...often(repeat, 3),
  ...often(misuse, 2),
  ...often(read, 8),
  ...often(cancel, 4),
  ...often(refund, 6),
  ...often(trespass, 1),
  ...often(falseWord, 2),
];

const gives = 0.1;

/** Follows a wish to its end; sometimes sends it once and turns to something else for now. */
async function insist(own: Memory, wish: Wish, chance: Chance): Promise<void> {
  own.wishes.push(wish);
  own.open.add(wish);
  const seen = await (chance.happens(gives) ? own.partner.send(wish) : own.partner.insist(wish));
  if (isDefinite(seen)) own.open.delete(wish);
  note(own, seen);
}

/** Comes back to everything that was given up. */
export async function comeBack(own: Memory): Promise<void> {
  for (const wish of own.open) note(own, await own.partner.insist(wish));
}

function note(own: Memory, { resource }: CallSeen): void {
  if (resource === undefined) return;
  const known = own.known.find(({ id }) => id === resource.id);
  if (known !== undefined) known.status = resource.status;
  else
    own.known.push({ id: resource.id, status: resource.status, amountFen: BigInt(resource.amount.replace(".", "")) });
}

function newInstalment(own: Memory, chance: Chance): Wish {
  const amountFen = chance.happens(0.05) ? tooMuchFen : amount(chance);
  const code = chance.happens(0.2) ? { code: "281234567890123456" } : {};
  return instalmentWish({ key: keyOf(own), memo: memoOf(own), amountFen, ...code });
}

function amount(chance: Chance): bigint {
  return BigInt(chance.between(2, maxAmountFen));
}

/** Both partners count alike: two partners may use the same key. */
function keyOf(own: Memory): string {
  own.keys += 1;
  return `key-${own.keys}`;
}

function memoOf(own: Memory): string {
  own.memos += 1;
  return `${own.partner.name}-${own.memos}`;
}

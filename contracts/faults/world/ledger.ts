import { fenOf, yuanOf } from "./money.ts";

/** One effect that really happened at a vendor: the truth that everything else is compared with. */
export interface LedgerEntry {
  vendor: string;
  kind: "order" | "refund";
  /** The number under which the gateway asked for it. */
  no: string;
  /** What the partner called it: tells which wish it fulfils without asking the gateway. */
  memo: string;
  amountFen: bigint;
  state: "waiting" | "paid" | "closed" | "working" | "done" | "failed";
  /** Of a refund: the order that it gives back. */
  orderNo?: string;
  atMs: number;
}

export interface VendorRequest {
  method: string;
  path: string;
  body: Record<string, string>;
}

export interface VendorAnswer {
  status: number;
  body: Record<string, unknown>;
}

export interface VendorRules {
  /** Whether the vendor takes a number that it knows for the same order; one that does not makes another. */
  idempotent: boolean;
  now(): number;
  /** Told of each effect, in the moment in which it happens. */
  onEffect(entry: LedgerEntry): void;
  /** Told of an order or refund that has come to be, for what the customer or the bank does with it. */
  onNew(entry: LedgerEntry): void;
  /** Whether a refund is done at once. */
  refundsAtOnce(): boolean;
}

const maxOrderFen = 900_000n;

/** A vendor of instalment credits with its own books. */
export class Ledger {
  readonly entries: LedgerEntry[] = [];
  readonly name: string;
  readonly #rules: VendorRules;

  constructor(name: string, rules: VendorRules) {
    this.name = name;
    this.#rules = rules;
  }

  /** Does what a request asks for, at once and for good. */
  handle({ method, path, body }: VendorRequest): VendorAnswer {
    const [, kind, no = "", act] = path.split("/");
    if (kind === "orders" && method === "POST" && no === "") return this.#order(body);
    if (kind === "refunds" && method === "POST") return this.#refund(body);
    const entry = this.find(kind === "orders" ? "order" : "refund", decodeURIComponent(no));
    if (entry === undefined) return refusal("NOT_KNOWN");
    if (act !== "close") return shown(entry);
    if (entry.state === "paid") return refusal("PAID_ALREADY");
    if (entry.state === "waiting") this.move(entry, "closed");
    return shown(entry);
  }

  find(kind: LedgerEntry["kind"], no: string): LedgerEntry | undefined {
    return this.entries.find((entry) => entry.kind === kind && entry.no === no);
  }

  /** What the customer, the bank or time does to an entry. */
  move(entry: LedgerEntry, state: LedgerEntry["state"]): void {
    entry.state = state;
    entry.atMs = this.#rules.now();
  }

  #order(body: Record<string, string>): VendorAnswer {
    const { no = "", memo = "", amount = "0", code } = body;
    const known = this.find("order", no);
    if (known !== undefined && this.#rules.idempotent) return shown(known);
    const amountFen = fenOf(amount);
    if (amountFen > maxOrderFen) return refusal("OVER_LIMIT");
    return this.#add({ kind: "order", no, memo, amountFen, state: code === undefined ? "waiting" : "paid" });
  }

  #refund(body: Record<string, string>): VendorAnswer {
    const { no = "", memo = "", amount = "0", orderNo = "" } = body;
    const known = this.find("refund", no);
    if (known !== undefined && this.#rules.idempotent) return shown(known);
    const order = this.find("order", orderNo);
    if (order?.state !== "paid") return refusal("NOT_PAID");
    const given = this.entries.filter((entry) => entry.orderNo === orderNo && entry.state !== "failed");
    const amountFen = fenOf(amount);
    if (given.reduce((sum, entry) => sum + entry.amountFen, amountFen) > order.amountFen) return refusal("OVER_PAID");
    const state = this.#rules.refundsAtOnce() ? "done" : "working";
    return this.#add({ kind: "refund", no, memo, amountFen, orderNo, state });
  }

  #add(made: Omit<LedgerEntry, "vendor" | "atMs">): VendorAnswer {
    const entry: LedgerEntry = { ...made, vendor: this.name, atMs: this.#rules.now() };
    this.entries.push(entry);
    this.#rules.onEffect(entry);
    this.#rules.onNew(entry);
    return shown(entry);
  }
}

function shown({ no, amountFen, state, atMs }: LedgerEntry): VendorAnswer {
  return { status: 200, body: { no, amount: yuanOf(amountFen), state, at: atMs } };
}

function refusal(code: string): VendorAnswer {
  return { status: 400, body: { code } };
}

import type { CapabilityName, OperationId } from "#capability";
import type { WireAnswer, WireRequest } from "./types.ts";

/** A request of a partner's, as the conformance kit makes it. */
export interface Sample {
  /** The contract's first example of the operation when absent. */
  body?: Record<string, unknown>;
  query?: Record<string, string>;
  /** JSON pointers of magic values in the body: left as they are, where the kit would put personal values of its own. */
  keep?: readonly string[];
  /** The request that makes what this one is about, where the first sample of that creation will not do. */
  on?: Sample;
}

/** What a vendor may tell a lie about; see `KitFacts.lies`. */
export type Lie = "amount" | "currency" | "id" | "signature";

/**
 * What the conformance kit (`contracts/kit`) cannot find out by itself about a vendor. Everything is optional: what the kit
 * misses, it says in the report.
 */
export interface KitFacts {
  /** Requests in the place of the contract's examples, by our operation. The first must succeed, the others be answered. */
  samples?: Partial<Record<OperationId, Sample | readonly Sample[]>>;
  /**
   * Magic requests to which this vendor answers about another amount, currency or order than was asked, or under a wrong
   * signature. None of them may end as a success.
   */
  lies?: Partial<Record<OperationId, Partial<Record<Lie, Sample | readonly Sample[]>>>>;
  /** What the customer presses on this vendor's pages. Needed only where a page is shown. */
  customer?: { agrees: RegExp; declines?: RegExp };
  /** This vendor's refusal of a request, in its own shape and signed as usual, with any code and message. */
  refusal?(
    request: WireRequest,
    operation: string,
    said: { code: string; message: string },
  ): WireAnswer | Promise<WireAnswer>;
  /** How many effects this vendor's own books hold: orders, payments, charges. Counted before and after. */
  effects?(): number;
  callbacks?: {
    /** This vendor's callbacks are to be refused when they are older. Absent where the vendor sets no such bound. */
    maxAgeSeconds?: number;
    /** By capability: the creation of what a callback will move, where the first sample of it will not do. */
    samples?: Partial<Record<CapabilityName, Sample>>;
  };
  /** Ends every token given out and changes the keys that the vendor publishes, as vendors do without a word. */
  rotate?(): void | Promise<void>;
}

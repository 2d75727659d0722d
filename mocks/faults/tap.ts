import type { MockContext } from "../types.ts";

type Send = MockContext["send"];

type Reply = Awaited<ReturnType<Send>>;

/** A callback as the vendor sent it. */
export type SentCallback = Parameters<Send>[0];

/** Where a vendor's callbacks pass: let through, or kept back to be sent by somebody else. */
export interface CallbackTap {
  /** All so far, in the order in which the vendor sent them. */
  sent: readonly SentCallback[];
  /** From now on nothing gets through; the vendor is told that its callback was taken. */
  hold(): void;
  release(): void;
  /** Sends one as it is, or changed. */
  send: Send;
  around(send: Send): Send;
}

/** Opens a tap through which everything passes. `taken` is what this vendor hears of a callback that was taken. */
export function openTap(taken: Reply): CallbackTap {
  const sent: SentCallback[] = [];
  let held = false;
  let own: Send = () => Promise.reject(new Error("the vendor does not run yet"));
  return {
    sent,
    hold: () => void (held = true),
    release: () => void (held = false),
    send: (request) => own(request),
    around(send) {
      own = send;
      return (request) => {
        sent.push(request);
        return held ? Promise.resolve(taken) : send(request);
      };
    },
  };
}

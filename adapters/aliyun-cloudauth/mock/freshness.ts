import { GatewayRefusal } from "./answer.ts";

/** The vendor's fifteen minutes, either way. */
const maxClockDifferenceMs = 15 * 60_000;

/** Refuses what is stale, and what was sent before. */
export interface Freshness {
  checkDate(text: string | undefined): void;
  /** Only of a request whose signature was right: nobody else may use up a nonce. */
  useNonce(accessKeyId: string, nonce: string | undefined): void;
}

export function keepFreshness(now: () => Date): Freshness {
  /** When each was used, in order: the oldest first. */
  const used = new Map<string, number>();

  return {
    checkDate(text) {
      if (text === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text)) {
        throw new GatewayRefusal(
          400,
          "InvalidTimeStamp.Format",
          "Specified time stamp or date value is not well formatted.",
        );
      }
      if (Math.abs(now().getTime() - Date.parse(text)) <= maxClockDifferenceMs) return;
      throw new GatewayRefusal(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
    },

    useNonce(accessKeyId, nonce) {
      if (nonce === undefined || nonce === "") {
        throw new GatewayRefusal(400, "MissingSignatureNonce", "SignatureNonce is mandatory for this action.");
      }
      const at = now().getTime();
      for (const [key, usedAt] of used) {
        if (at - usedAt <= 2 * maxClockDifferenceMs) break;
        used.delete(key);
      }
      const name = `${accessKeyId} ${nonce}`;
      if (used.has(name)) {
        throw new GatewayRefusal(400, "SignatureNonceUsed", "Specified signature nonce was used already.");
      }
      used.set(name, at);
    },
  };
}

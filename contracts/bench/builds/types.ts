import type { Jwk } from "../../../mocks/partner/profile.ts";

/** What a build needs to answer the exchange. */
export interface BuildOptions {
  port: number;
  /** What the partners' signatures cover. */
  publicOrigin: string;
  partners: readonly { id: string; jwk: Jwk }[];
  /** The private key under the answers. */
  signing: Jwk;
  vendor: { origin: string; secret: string };
  /** A folder of its own for its store. */
  dir: string;
}

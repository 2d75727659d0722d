import { StoreError } from "./errors.ts";
import type { Place, Sealer } from "./seal.ts";

/** A sealer for texts and JSON values. */
export function sealedText(sealer: Sealer) {
  const sealText = (place: Place, text: string): Uint8Array => sealer.seal(place, Buffer.from(text));
  const openText = (place: Place, sealed: Uint8Array): string => Buffer.from(sealer.open(place, sealed)).toString();
  return {
    sealText,
    openText,
    /** @throws StoreError `conflict` for what is no JSON value. */
    sealJson(place: Place, value: unknown): Uint8Array {
      const text: string | undefined = JSON.stringify(value);
      if (text === undefined) throw new StoreError("conflict", `${place.table}.${place.column} must be a JSON value`);
      return sealText(place, text);
    },
    openJson: (place: Place, sealed: Uint8Array): unknown => JSON.parse(openText(place, sealed)),
  };
}

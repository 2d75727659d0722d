import { StoreError } from "./errors.ts";
import type { Place, Sealer } from "./seal.ts";
import type { Answer, Movement, NewResource, ResourceRow } from "./store.ts";
import type { NewSealedResource, SealedMovement, SealedResource } from "./units.ts";

const resourcePlace = (id: string, column: "reference" | "body" | "state"): Place => ({
  table: "resources",
  column,
  row: [id],
});
const answerPlace = (partner: string, key: string): Place => ({
  table: "claims",
  column: "answer",
  row: [partner, key],
});

/** Length of an answer's head, in front of it: 4 bytes, big-endian. */
const headLengthBytes = 4;

/** The mapping between what callers give and what engines keep; the one list of what is sealed and what is blinded. */
export function sealedRows(sealer: Sealer) {
  const sealText = (place: Place, text: string): Uint8Array => sealer.seal(place, Buffer.from(text));
  const openText = (place: Place, sealed: Uint8Array): string => Buffer.from(sealer.open(place, sealed)).toString();
  const sealJson = (place: Place, value: unknown): Uint8Array => sealText(place, jsonText(place, value));
  const openJson = (place: Place, sealed: Uint8Array): unknown => JSON.parse(openText(place, sealed));
  const handleIndex = (handle: string): Uint8Array => sealer.blind("handle", handle);
  const referenceIndex = (reference: string): Uint8Array => sealer.blind("reference", reference);

  return {
    handleIndex,
    referenceIndex,
    keyIndex: (partner: string, key: string): Uint8Array => sealer.blind("key", partner, key),
    fingerprintIndex: (fingerprint: string): Uint8Array => sealer.blind("fingerprint", fingerprint),

    sealResource({ reference, body, ...rest }: NewResource): NewSealedResource {
      return {
        ...rest,
        referenceIndex: referenceIndex(reference),
        reference: sealText(resourcePlace(rest.id, "reference"), reference),
        body: sealJson(resourcePlace(rest.id, "body"), body),
      };
    },

    openResource({ reference, body, state, ...rest }: SealedResource): ResourceRow {
      return {
        ...rest,
        reference: openText(resourcePlace(rest.id, "reference"), reference),
        body: openJson(resourcePlace(rest.id, "body"), body),
        state: state === null ? undefined : openJson(resourcePlace(rest.id, "state"), state),
      };
    },

    sealMovement(id: string, { status, body, state, handles, cause }: Movement): SealedMovement {
      return {
        id,
        status,
        body: sealJson(resourcePlace(id, "body"), body),
        state: state === undefined ? null : sealJson(resourcePlace(id, "state"), state),
        handles: (handles ?? []).map(handleIndex),
        cause,
      };
    },

    /** Head and body under one seal: an answer is whole or not at all. */
    sealAnswer(partner: string, key: string, { contentType, headers, body }: Answer): Uint8Array {
      const head = Buffer.from(JSON.stringify({ contentType, headers }));
      const length = Buffer.alloc(headLengthBytes);
      length.writeUInt32BE(head.length);
      return sealer.seal(answerPlace(partner, key), Buffer.concat([length, head, body]));
    },

    openAnswer(partner: string, key: string, status: number, sealed: Uint8Array): Answer {
      const plain = Buffer.from(sealer.open(answerPlace(partner, key), sealed));
      const bodyAt = headLengthBytes + plain.readUInt32BE(0);
      const head = JSON.parse(plain.toString("utf8", headLengthBytes, bodyAt)) as Omit<Answer, "status" | "body">;
      return { status, ...head, body: new Uint8Array(plain.subarray(bodyAt)) };
    },
  };
}

function jsonText(place: Place, value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new StoreError("conflict", `${place.table}.${place.column} must be a JSON value`);
  return text;
}

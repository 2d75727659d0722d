import type { Place, Sealer } from "./seal.ts";
import { sealedText } from "./sealed-text.ts";
import { sealedWebhookRows } from "./sealed-webhook-rows.ts";
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

/**
 * A reference of the gateway's own begins with its time, and so does the name under which it is found: names of one time
 * lie side by side. The rest of it is blinded.
 */
const timed = /^0[0-9a-f]{31}$/;
const timeChars = 12;

/** Length of an answer's head, in front of it: 4 bytes, big-endian. */
const headLengthBytes = 4;

/** What callers give and what engines keep of claims and resources; the one list of what of them is sealed and blinded. */
export function sealedRows(sealer: Sealer) {
  const { sealText, openText, sealJson, openJson } = sealedText(sealer);
  const { sealEvent } = sealedWebhookRows(sealer);
  const handleIndex = (handle: string): Uint8Array => sealer.blind("handle", handle);
  /** Under which a reference may be found: as it is written, then as it was before references began with their time. */
  const referenceIndexes = (reference: string): [Uint8Array, ...Uint8Array[]] => {
    const blinded = sealer.blind("reference", reference);
    if (!timed.test(reference)) return [blinded];
    return [Buffer.concat([Buffer.from(reference.slice(0, timeChars)), blinded]), blinded];
  };

  return {
    handleIndex,
    referenceIndexes,
    keyIndex: (partner: string, key: string): Uint8Array => sealer.blind("key", partner, key),
    fingerprintIndex: (fingerprint: string): Uint8Array => sealer.blind("fingerprint", fingerprint),

    sealResource({ reference, body, askAtMs, ...rest }: NewResource): NewSealedResource {
      return {
        ...rest,
        referenceIndex: referenceIndexes(reference)[0],
        reference: sealText(resourcePlace(rest.id, "reference"), reference),
        body: sealJson(resourcePlace(rest.id, "body"), body),
        askAtMs: askAtMs ?? null,
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

    sealMovement(id: string, { status, body, state, handles, cause, askAtMs, event }: Movement): SealedMovement {
      return {
        id,
        status,
        body: sealJson(resourcePlace(id, "body"), body),
        state: state === undefined ? null : sealJson(resourcePlace(id, "state"), state),
        handles: (handles ?? []).map(handleIndex),
        cause,
        askAtMs: askAtMs ?? null,
        event: event && sealEvent(event),
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

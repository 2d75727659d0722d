import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";
import { freshBytes } from "../random/index.ts";
import { StoreError } from "./errors.ts";
import { room } from "./room.ts";
import type { Anchor } from "./units.ts";

/** Where a sealed value lies. It opens nowhere else. */
export interface Place {
  table: string;
  column: string;
  /** The row's own name, as its parts. */
  row: readonly string[];
}

export interface SealingKey {
  /** 1 to 64 of `A-Za-z0-9._-`; written in front of each value that it seals. */
  id: string;
  /** 32 random bytes, base64url. */
  key: string;
}

export interface Sealer {
  seal(place: Place, plain: Uint8Array): Uint8Array;
  /** @throws StoreError `wrong_key` when its key is not configured, `unreadable` when it does not open. */
  open(place: Place, sealed: Uint8Array): Uint8Array;
  /** HMAC-SHA256 of the parts: a name that can be looked up without being read. */
  blind(purpose: string, ...parts: string[]): Uint8Array;
  /** What a store keeps to notice another key under the same id, or another oldest key. */
  readonly anchors: readonly Anchor[];
}

const format = 1;
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const digestBytes = 32;
const keyId = /^[A-Za-z0-9._-]{1,64}$/;
const keyText = /^[A-Za-z0-9_-]{43}$/;

/**
 * AES-256-GCM over columns, several keys at once: the first seals, any opens. The last (oldest) also names the lookup
 * digests, so it stays last for as long as the store lives, though it may long have stopped sealing.
 * Each place has a key of its own, HMAC-SHA256 over the place, so that the bound of 2^32 random nonces for one key
 * (NIST SP 800-38D 8.3) holds for a row and not for the whole store. The place is the AAD as well.
 * Layout: format (1) ‖ length of key id (1) ‖ key id ‖ nonce (12) ‖ ciphertext ‖ tag (16).
 * @throws TypeError for no key, a malformed or a repeated one.
 */
export function sealer(config: { keys: readonly SealingKey[] }): Sealer {
  const ring = new Map<string, Buffer>();
  for (const entry of config.keys) {
    if (!keyId.test(entry.id)) throw new TypeError("store key: the id must be 1 to 64 of A-Za-z0-9._-");
    if (ring.has(entry.id)) throw new TypeError(`store key ${entry.id}: the id is there twice`);
    const bytes = Buffer.from(entry.key, "base64url");
    if (!keyText.test(entry.key) || bytes.length !== keyBytes) {
      throw new TypeError(`store key ${entry.id}: must be 32 bytes in base64url, 43 characters`);
    }
    ring.set(entry.id, bytes);
  }
  const newest = config.keys[0];
  const oldest = config.keys.at(-1);
  if (!newest || !oldest) throw new TypeError("store keys: at least one is needed");

  const sealing = new Map([...ring].map(([id, bytes]) => [id, derived(bytes, "seal")]));
  const indexing = derived(Buffer.from(oldest.key, "base64url"), "index");
  const head = Buffer.concat([Buffer.from([format, newest.id.length]), Buffer.from(newest.id)]);
  const digest = (key: Buffer, text: string | Buffer): Buffer => createHmac("sha256", key).update(text).digest();
  const keyOf = (id: string): Buffer => {
    const key = sealing.get(id);
    if (!key) throw new StoreError("wrong_key", `sealed under store key ${id}, which is not configured`);
    return key;
  };

  return {
    seal(place, plain) {
      const where = Buffer.from(placeText(place));
      const nonce = freshBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", digest(keyOf(newest.id), where), nonce);
      cipher.setAAD(where);
      // The key id needs no authentication of its own: another id means another key, under which nothing opens.
      const sealed = room(head.length + nonceBytes + plain.length + tagBytes);
      sealed.set(head);
      sealed.set(nonce, head.length);
      sealed.set(cipher.update(plain), head.length + nonceBytes);
      // A mode for streams: all is out already, and this is for the tag.
      cipher.final();
      sealed.set(cipher.getAuthTag(), sealed.length - tagBytes);
      return sealed;
    },

    open(place, sealed) {
      const where = Buffer.from(placeText(place));
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const headBytes = 2 + (bytes[1] ?? 0);
      if (bytes[0] !== format || bytes.length < headBytes + nonceBytes + tagBytes) throw unreadable(place);
      const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
      const key = digest(keyOf(bytes.toString("utf8", 2, headBytes)), where);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(where);
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const start = decipher.update(bytes.subarray(headBytes + nonceBytes, -tagBytes));
      try {
        return Buffer.concat([start, decipher.final()]);
      } catch {
        throw unreadable(place);
      }
    },

    blind(purpose, ...parts) {
      const blinded = room(digestBytes);
      blinded.set(digest(indexing, JSON.stringify([purpose, ...parts])));
      return blinded;
    },

    anchors: [
      { name: "index", digest: digest(indexing, "anchor") },
      ...[...sealing].map(([id, key]) => ({ name: `seal:${id}`, digest: digest(key, "anchor") })),
    ],
  };
}

function derived(key: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), `qiao store ${use}`, keyBytes));
}

function placeText(place: Place): string {
  return JSON.stringify([place.table, place.column, ...place.row]);
}

function unreadable(place: Place): StoreError {
  return new StoreError("unreadable", `${place.table}.${place.column} does not open: altered, or not of this row`);
}

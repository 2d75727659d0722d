import { hkdfSync } from "node:crypto";
import { freshBytes } from "../random/index.ts";
import { sodium as sodiumHere } from "../sodium/index.ts";
import type { Sodium } from "../sodium/index.ts";
import { cipherByNode, cipherBySodium, tagBytes } from "./ciphers.ts";
import type { Cipher } from "./ciphers.ts";
import { StoreError } from "./errors.ts";
import { keyedHash } from "./keyed-hash.ts";
import type { KeyedHash } from "./keyed-hash.ts";
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

/** What seals; every one of them opens. */
type SealCipher = "aes-256-gcm" | "chacha20-poly1305";

const formats = { "aes-256-gcm": 1, "chacha20-poly1305": 2 } as const satisfies Record<SealCipher, number>;
const keyBytes = 32;
const nonceBytes = 12;
const digestBytes = 32;
const keyId = /^[A-Za-z0-9._-]{1,64}$/;
const keyText = /^[A-Za-z0-9_-]{43}$/;

export interface SealerConfig {
  keys: readonly SealingKey[];
  /** Absent: the one that is quicker here, which is ChaCha20 with libsodium and AES without. */
  cipher?: SealCipher | undefined;
}

/**
 * An AEAD over columns, several keys at once: the first seals, any opens. The last (oldest) also names the lookup
 * digests, so it stays last for as long as the store lives, though it may long have stopped sealing.
 * Each place has a key of its own, HMAC-SHA256 over the place, so that the bound of 2^32 random nonces for one key
 * (NIST SP 800-38D 8.3) holds for a row and not for the whole store. The place is the AAD as well.
 * Layout: format (1) ‖ length of key id (1) ‖ key id ‖ nonce (12) ‖ ciphertext ‖ tag (16); the format tells the cipher.
 * @param sodium null: by node:crypto alone, the same bytes
 * @throws TypeError for no key, a malformed or a repeated one.
 */
export function sealer(config: SealerConfig, sodium: Sodium | null = sodiumHere ?? null): Sealer {
  const ring = ringOf(config.keys);
  const newest = config.keys[0];
  const oldest = config.keys.at(-1);
  if (!newest || !oldest) throw new TypeError("store keys: at least one is needed");

  const { cipher: chosen = sodium === null ? "aes-256-gcm" : "chacha20-poly1305" } = config;
  const chacha = sodium === null ? cipherByNode("chacha20-poly1305") : cipherBySodium(sodium);
  const ciphers = new Map<number, Cipher>([
    [formats["aes-256-gcm"], cipherByNode("aes-256-gcm")],
    [formats["chacha20-poly1305"], chacha],
  ]);
  const sealingCipher = ciphers.get(formats[chosen]);
  if (sealingCipher === undefined) throw new TypeError(`store cipher ${chosen}: there is none of that name`);

  const placeKeys = new Map([...ring].map(([id, bytes]) => [id, keyedHash(derived(bytes, "seal"))]));
  const sealingKey = placeKeys.get(newest.id) as KeyedHash;
  const indexing = keyedHash(derived(Buffer.from(oldest.key, "base64url"), "index"));
  const head = Buffer.concat([Buffer.from([formats[chosen], newest.id.length]), Buffer.from(newest.id)]);
  const plainAt = head.length + nonceBytes;

  return {
    seal(place, plain) {
      const associated = Buffer.from(placeText(place));
      const nonce = freshBytes(nonceBytes);
      // The key id needs no authentication of its own: another id means another key, under which nothing opens.
      const sealed = room(plainAt + plain.length + tagBytes);
      sealed.set(head);
      sealed.set(nonce, head.length);
      sealingCipher.seal(sealed.subarray(plainAt), plain, { key: sealingKey(associated), nonce, associated });
      return sealed;
    },

    open(place, sealed) {
      const associated = Buffer.from(placeText(place));
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const cipher = ciphers.get(bytes[0] ?? 0);
      const headBytes = 2 + (bytes[1] ?? 0);
      if (cipher === undefined || bytes.length < headBytes + nonceBytes + tagBytes) throw unreadable(place);
      const id = bytes.toString("utf8", 2, headBytes);
      const keyOf = placeKeys.get(id);
      if (!keyOf) throw new StoreError("wrong_key", `sealed under store key ${id}, which is not configured`);
      const nonce = bytes.subarray(headBytes, headBytes + nonceBytes);
      try {
        return cipher.open(bytes.subarray(headBytes + nonceBytes), { key: keyOf(associated), nonce, associated });
      } catch {
        throw unreadable(place);
      }
    },

    blind(purpose, ...parts) {
      const blinded = room(digestBytes);
      blinded.set(indexing(JSON.stringify([purpose, ...parts])));
      return blinded;
    },

    anchors: [
      { name: "index", digest: indexing("anchor") },
      ...[...placeKeys].map(([id, hash]) => ({ name: `seal:${id}`, digest: hash("anchor") })),
    ],
  };
}

function ringOf(keys: readonly SealingKey[]): Map<string, Buffer> {
  const ring = new Map<string, Buffer>();
  for (const entry of keys) {
    if (!keyId.test(entry.id)) throw new TypeError("store key: the id must be 1 to 64 of A-Za-z0-9._-");
    if (ring.has(entry.id)) throw new TypeError(`store key ${entry.id}: the id is there twice`);
    const bytes = Buffer.from(entry.key, "base64url");
    if (!keyText.test(entry.key) || bytes.length !== keyBytes) {
      throw new TypeError(`store key ${entry.id}: must be 32 bytes in base64url, 43 characters`);
    }
    ring.set(entry.id, bytes);
  }
  return ring;
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

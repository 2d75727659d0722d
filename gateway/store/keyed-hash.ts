import { hash } from "node:crypto";

/** HMAC-SHA256 (RFC 2104) under one key, 32 bytes a message. */
export type KeyedHash = (message: Uint8Array | string) => Buffer;

const blockBytes = 64;
const digestBytes = 32;
/** Messages that are written behind the key's block, and not copied into new memory each time. */
const shortBytes = 1_024;
const innerPad = 0x36;
const outerPad = 0x5c;
/** A digest as a text is several times cheaper than one in memory of its own. */
const asText = "latin1";

/** As two plain digests: node:crypto's Hmac is an object for each message. @param key at most 64 bytes */
export function keyedHash(key: Uint8Array): KeyedHash {
  const inner = Buffer.alloc(blockBytes + shortBytes, innerPad);
  const outer = Buffer.alloc(blockBytes + digestBytes, outerPad);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ innerPad;
    outer[at] = byte ^ outerPad;
  }
  const innerBlock = Buffer.from(inner.subarray(0, blockBytes));
  /** The key's block and the message. */
  const padded = (message: Uint8Array | string): Uint8Array => {
    if (typeof message === "string") {
      // A character of a string is three bytes of UTF-8 at most.
      if (message.length > shortBytes / 3) return Buffer.concat([innerBlock, Buffer.from(message)]);
      return inner.subarray(0, blockBytes + inner.write(message, blockBytes));
    }
    if (message.length > shortBytes) return Buffer.concat([innerBlock, message]);
    inner.set(message, blockBytes);
    return inner.subarray(0, blockBytes + message.length);
  };
  return (message) => {
    outer.write(hash("sha256", padded(message), asText), blockBytes, asText);
    return Buffer.from(hash("sha256", outer, asText), asText);
  };
}

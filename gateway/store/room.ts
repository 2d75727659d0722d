const blockBytes = 8_192;
let block = new ArrayBuffer(blockBytes);
let used = 0;

/**
 * Memory for what is small and soon goes to a store's thread, side by side with the rest of it: a message between threads
 * takes a block along once and whole, which is cheaper than as many pieces. Node's own pool is larger and holds other things.
 */
export function room(bytes: number): Uint8Array {
  if (bytes > blockBytes / 4) return new Uint8Array(bytes);
  if (used + bytes > blockBytes) {
    block = new ArrayBuffer(blockBytes);
    used = 0;
  }
  used += bytes;
  return new Uint8Array(block, used - bytes, bytes);
}

const blockBytes = 8_192;
let block = new ArrayBuffer(blockBytes);
let used = 0;

/**
 * Memory for what is small and soon goes to a store, side by side with the rest of it: a block for many is cheaper than
 * a piece for each. Not Node's own pool: what travels to a thread as it is takes its block along, and that one holds other things.
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

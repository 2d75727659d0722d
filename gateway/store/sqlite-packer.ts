/** A row of values, and all bytes among them in one piece. */
export interface Packed {
  values: unknown[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** A number in place of the length of bytes that are not there. */
const none = -1;

/** Puts values side by side. */
export class Packer {
  readonly values: unknown[] = [];
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  put(...values: unknown[]): void {
    for (const value of values) this.values.push(value);
  }

  bytes(piece: Uint8Array | null): void {
    this.values.push(piece?.length ?? none);
    if (piece === null) return;
    this.#pieces.push(piece);
    this.#length += piece.length;
  }

  packed(): Packed {
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { values: this.values, bytes };
  }
}

/** Takes them in the order in which they were put. */
export class Unpacker {
  #at = 0;
  #byte = 0;
  readonly #packed: Packed;

  constructor(packed: Packed) {
    this.#packed = packed;
  }

  get done(): boolean {
    return this.#at >= this.#packed.values.length;
  }

  /** The next value, of the type with which it was put. */
  take<T>(): T {
    this.#at += 1;
    return this.#packed.values[this.#at - 1] as T;
  }

  bytes(): Uint8Array {
    return this.bytesOrNull() ?? new Uint8Array();
  }

  bytesOrNull(): Uint8Array | null {
    const length = this.take<number>();
    if (length === none) return null;
    this.#byte += length;
    return this.#packed.bytes.subarray(this.#byte - length, this.#byte);
  }
}

/** Where a progress line goes: rewritten in place on a terminal, now and then one of its own elsewhere. */
export interface ProgressWriter {
  write(line: string): void;
  /** Leaves the last line standing. */
  end(): void;
}

const elsewhereEveryMs = 10_000;

export function progressWriter(stream: NodeJS.WriteStream = process.stderr): ProgressWriter {
  let writtenAtMs = Number.NEGATIVE_INFINITY;
  let open = false;
  return {
    write(line) {
      if (stream.isTTY) {
        stream.write(`\r\u001B[2K${line.slice(0, stream.columns - 1)}`);
        open = true;
        return;
      }
      if (performance.now() - writtenAtMs < elsewhereEveryMs) return;
      writtenAtMs = performance.now();
      stream.write(`${line}\n`);
    },
    end() {
      if (open) stream.write("\n");
      open = false;
    },
  };
}

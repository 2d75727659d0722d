import { pino } from "pino";
import type { Logger } from "pino";

/** Lines are written together when there are so many bytes of them, or after so long; and at exit. */
const writeBytes = 32 * 1024;
/** One write at most. */
const maxWriteBytes = 64 * 1024;
const writeEveryMs = 50;
/** Waiting to be written, when nobody reads; lines beyond are dropped. */
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * JSON lines on standard output, one a call; every field is named where it is written, so there is nothing to redact. A process
 * that is killed takes the lines of its last 50 ms along; evidence does not depend on them.
 */
export function createLogger(level: string, base: Record<string, unknown> = {}): Logger {
  const output = pino.destination({
    dest: 1,
    sync: false,
    minLength: writeBytes,
    maxWrite: maxWriteBytes,
    maxLength: maxWaitingBytes,
    // As text, all that waits would be copied into one piece for each line, to measure it.
    contentMode: "buffer",
  });
  const lines = {
    write: (line: string) => output.write(Buffer.from(line) as unknown as string),
    flushSync: () => output.flushSync(),
  };
  setInterval(() => output.flush(), writeEveryMs).unref();
  return pino({ level, base: { service: "qiao", ...base }, timestamp: isoTime }, lines);
}

let second = 0;
let prefix = "";

/** pino's own member, ISO 8601; what only changes with the second is written once a second. */
function isoTime(): string {
  const nowMs = Date.now();
  const now = Math.floor(nowMs / 1_000);
  if (now !== second) {
    second = now;
    prefix = `,"time":"${new Date(now * 1_000).toISOString().slice(0, -"000Z".length)}`;
  }
  return `${prefix}${String(nowMs % 1_000).padStart(3, "0")}Z"`;
}

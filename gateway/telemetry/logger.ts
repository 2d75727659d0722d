import { pino } from "pino";
import type { Logger } from "pino";

/** Lines are written together when there are so many bytes of them, or after so long; and at exit. */
const writeBytes = 8 * 1024;
const writeEveryMs = 50;
/** Waiting to be written, when nobody reads; lines beyond are dropped. */
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * JSON lines on standard output, one a call; every field is named where it is written, so there is nothing to redact. A process
 * that is killed takes the lines of its last 50 ms along; evidence does not depend on them.
 */
export function createLogger(level: string, base: Record<string, unknown> = {}): Logger {
  const output = pino.destination({ dest: 1, sync: false, minLength: writeBytes, maxLength: maxWaitingBytes });
  setInterval(() => output.flush(), writeEveryMs).unref();
  return pino({ level, base: { service: "qiao", ...base }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

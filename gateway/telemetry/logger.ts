import { pino } from "pino";
import type { Logger } from "pino";

/** JSON lines on standard output, one a call; every field is named where it is written, so there is nothing to redact. */
export function createLogger(level: string): Logger {
  return pino({ level, base: { service: "qiao" }, timestamp: pino.stdTimeFunctions.isoTime });
}

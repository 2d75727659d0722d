import { pino } from "pino";
import type { Logger } from "pino";

export type LogLine = Record<string, unknown>;

/** A logger that keeps its lines. */
export function capturedLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (text: string): void => void lines.push(JSON.parse(text) as LogLine);
  return { logger: pino({ level: "debug" }, { write }), lines };
}

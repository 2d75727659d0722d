import type { Finding } from "./check.ts";
import type { History } from "./history.ts";

/** What was sent so long before SIGTERM has surely reached the process. */
const surelyThereMs = 500;

/** A drain lets what is in progress finish: no answer that was due from that process is cut off. */
export function checkDrains({ drains, effects }: History): Finding[] {
  return drains.flatMap(({ door, startMs, endMs }) =>
    effects.flatMap(({ operation, key, attempts }) =>
      attempts
        .filter((attempt) => attempt.door === door && attempt.status === undefined && attempt.hungUp !== true)
        .filter((attempt) => attempt.startMs + surelyThereMs < startMs)
        .filter((attempt) => attempt.endMs > startMs && attempt.endMs <= endMs)
        .map((attempt): Finding => {
          const agoMs = Math.round(startMs - attempt.startMs);
          return {
            invariant: "I-2",
            what: `${operation} under ${key}, sent ${agoMs} ms before a drain, was cut off by it`,
          };
        }),
    ),
  );
}

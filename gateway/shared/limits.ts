/** Every bound of this room. Names end in their unit. */

/** A TCP and TLS connection to Redis; and the pause before the next one after it failed. */
export const connectTimeoutMs = 1_000;
export const reconnectEveryMs = 250;
/** Commands that wait for Redis; one more is counted here instead. */
export const maxQueuedCommands = 10_000;
/** A connection that is open but silent for so many pings is replaced. */
export const maxSilentPings = 5;

/** How long a start waits for the first answer, so that what is counted from the first request on is counted together. */
export const startPatienceMs = 1_000;
/** Silence of so many timeouts, and it is away; one slow answer is a pause. A broken connection is away at once. */
export const awayAfterTimeouts = 5;
/** While it is away it is asked so often whether it is back. */
export const probeEveryMs = 500;

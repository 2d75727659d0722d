/** Every bound of this room. Names end in their unit. */

/** One question to a worker; of `/recovery`, where a vendor may have to be asked. */
export const askTimeoutMs = 2_000;
export const recoveryTimeoutMs = 30_000;
export const maxAdminBodyBytes = 16 * 1024;

/** The first pause before a dead worker's replacement; doubled with each death of the window. */
export const replaceAfterMs = 100;
export const maxReplaceAfterMs = 5_000;
/** More deaths than this in the window are no accidents: the whole ends. */
export const maxDeaths = 10;
export const deathWindowMs = 60_000;

/** A worker's own drain: requests in progress, then what waits to be stored. Who takes longer is ended. */
export const drainWithinMs = 45_000;
/** How long a worker that could not start tries to say why. */
export const lastWordsMs = 1_000;

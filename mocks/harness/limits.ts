/** Every limit of the harness, with its unit. */
export const maxHeaderBytes = 64 * 1024;
export const maxRequestBodyBytes = 10 * 1024 * 1024;
export const headersTimeoutMs = 10_000;
export const requestTimeoutMs = 30_000;
export const keepAliveTimeoutMs = 65_000;
/** How many of the last exchanges are kept for tests and for looking. */
export const maxExchanges = 200;
export const maxViolations = 500;
export const maxViolationsPerMessage = 20;
export const maxViolationTextLength = 300;
/** `send`: the whole exchange, if the mock does not say otherwise. */
export const sendTimeoutMs = 5_000;
/** `send`: an answer is cut here. */
export const maxSendAnswerBytes = 1024 * 1024;
export const dripIntervalMs = 50;
/** Between the part of the body that goes out and the reset, so that the peer has read it. */
export const resetAfterMs = 30;
/** How many bytes short a cut body is when the answer itself has none to cut. */
export const missingBytes = 64;

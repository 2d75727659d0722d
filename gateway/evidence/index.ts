/** Evidence: each signed exchange as a row of a hash chain, whose heads the gateway signs. See README.md. */
export type { Place } from "./places.ts";
export { exchangeEntry } from "./record.ts";
export { startRecorder } from "./recorder.ts";
export type { Recorder } from "./recorder.ts";

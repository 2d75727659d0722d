/** A start whose database may not be there yet. */
export { lateRecorder } from "./late-recorder.ts";
export { lateStore } from "./late-store.ts";
export { beginWhenThere } from "./patience.ts";

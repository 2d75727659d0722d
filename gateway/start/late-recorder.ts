import type { Recorder } from "../evidence/index.ts";

export interface LateRecorder extends Recorder {
  isOpen(): boolean;
  open(recorder: Recorder): void;
}

/**
 * The evidence of a gateway whose database is not there yet: there is no place, so that every signed call is refused before
 * anything is done for it, and refusals are counted only. `unrecorded` is told how many when the chain begins.
 */
export function lateRecorder(unrecorded: (entries: number) => void): LateRecorder {
  let opened: Recorder | undefined;
  let missed = 0;
  return {
    isOpen: () => opened !== undefined,
    open(recorder) {
      opened = recorder;
      if (missed > 0) unrecorded(missed);
    },
    run: () => opened?.run(),
    place: () => opened?.place() ?? Promise.resolve(undefined),
    record(entry, place) {
      if (opened === undefined) missed += 1;
      else opened.record(entry, place);
    },
    watch: (store) => {
      let watched: ReturnType<Recorder["watch"]> | undefined;
      return {
        health() {
          watched ??= opened?.watch(store);
          return (watched ?? store).health();
        },
      };
    },
    drain: () => opened?.drain() ?? Promise.resolve(),
  };
}

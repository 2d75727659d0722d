/** Imported ahead of a process's own program: writes down what the process loaded and compiled, when it ends. */
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { compiledCount } from "./count.ts";

export interface Watched {
  /** URLs, in the order of their loading. */
  loaded: string[];
  compiled: number;
}

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
process.on("exit", () => {
  const file = process.env["QIAO_WATCH_FILE"];
  const watched: Watched = { loaded, compiled: compiledCount() };
  if (file !== undefined) writeFileSync(file, JSON.stringify(watched));
});

/** The gateway's process, with what V8 compiled at earlier starts read back: half of what a start costs. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// In the environment, so that workers and the store's thread share it; where it cannot be written, nothing is kept.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("../node_modules/.cache/qiao", import.meta.url));
enableCompileCache(process.env["NODE_COMPILE_CACHE"]);
await import("./process.ts");

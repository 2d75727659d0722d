/** Children of the kit's tests load the same modules: compiled once, for all of them and the next time. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const compileCache: Record<string, string> = { NODE_COMPILE_CACHE: join(tmpdir(), "qiao-compile-cache") };

/** The laws, in the order in which they are proven: what costs nothing first, what looks back on all the others last. */
import type { Law } from "../types.ts";
import { answers } from "./answers.ts";
import { callbacks } from "./callbacks.ts";
import { errors } from "./errors.ts";
import { failClosed } from "./fail-closed.ts";
import { limits } from "./limits.ts";
import { manifest } from "./manifest.ts";
import { once } from "./once.ts";
import { outcomes } from "./outcomes.ts";
import { silence } from "./silence.ts";

export const laws: readonly Law[] = [manifest, failClosed, answers, errors, outcomes, once, callbacks, limits, silence];

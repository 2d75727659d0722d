import { correct } from "./correct.ts";
import { correctMock } from "./correct-mock.ts";
import { effects } from "./effects.ts";
import { meanings } from "./meanings.ts";
import { statements } from "./statements.ts";
import { wire } from "./wire.ts";
import type { Wrong } from "./wrong.ts";

export type { Wrong } from "./wrong.ts";

/** Everything that the kit must catch. */
export const wrongs: readonly Wrong[] = [...statements, ...wire, ...meanings, ...effects];

/** The one of which all are made. */
export const right: Wrong = { name: "correct", law: "", what: "keeps every law", adapter: correct, mock: correctMock };

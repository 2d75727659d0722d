import type { Stage, StartedBuild } from "../stage.ts";

/** How much of it is measured. */
export interface Scale {
  rounds: number;
  seconds: number;
  /** Stored operations at the far end; undelivered events are half as many. */
  stored: number;
}

/** What an axis measures with. */
export interface Setting extends Scale {
  stage: Stage;
  /** The gateway as the bench usually starts it; one for all axes that need no other. */
  plain(): Promise<StartedBuild>;
  say(line: string): void;
}

/** Medians of the rounds at one place of an axis. CPU is of the whole process. */
export interface Point {
  /** How much there is of what grows. */
  x: number;
  /** Said instead of the number. */
  name: string;
  cpuUs: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were no success, in all rounds. */
  failed: number;
}

export interface AxisFigures {
  title: string;
  points: Point[];
  /** What is judged: each point's CPU, or p99, in multiples of the first one's. */
  judged: "cpuUs" | "p99Ms";
  /** What came out, in a line. */
  finding: string;
  holds: boolean;
}

/** One axis of growth: starts what it needs, measures its points in turns, and says whether the line is what it should be. */
export type Axis = (setting: Setting) => Promise<AxisFigures>;

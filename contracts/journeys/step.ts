/** A body of JSON, as it came. */
export type Body = Readonly<Record<string, unknown>>;

/** Expected of a value: a literal, a pattern, or an object of which every named member must fit (others are free). */
export type Expected = string | number | boolean | RegExp | { readonly [member: string]: Expected };

/**
 * One step of a story. Strings in paths, bodies and pages may hold `{name.member}`: what an earlier step saved, `{run}`
 * (this run's own id), `{hourAgo}` and `{in90Days}` (RFC 3339) and `{vendor.<adapter>}` (its URL).
 */
export type Step = { title: string } & (
  | {
      /** The partner calls. Creating calls get an Idempotency-Key of their own. */
      kind: "call";
      method: "GET" | "POST";
      path: string;
      body?: Body;
      status: number;
      expect?: Expected;
      /** Says what is off in the body, if anything. */
      check?: (body: Body) => string | undefined;
      saveAs?: string;
    }
  | {
      /** The partner reads until `expect` fits, for at most `withinSeconds`. A final state that does not fit ends it. */
      kind: "wait";
      path: string;
      expect: { readonly status: string } & { readonly [member: string]: Expected };
      /** States in which it makes sense to go on waiting. */
      while: readonly string[];
      withinSeconds: number;
      /**
       * The vendor calls back: nothing is read for `pauseMs`, so that its word comes first. Where the vendors can be watched,
       * the gateway must have asked for `asked` and not for `unasked` (operations of the vendor's) in this step.
       */
      callback?: { pauseMs: number; asked?: string; unasked?: string };
      check?: (body: Body) => string | undefined;
      saveAs?: string;
    }
  | {
      /** The partner's webhook receiver is told; it believes only what verifies. */
      kind: "told";
      /** The type of event, and the id of the resource that it is about. */
      type: string;
      about: string;
      expect: Expected;
      withinSeconds: number;
    }
  | {
      /** The customer opens a page, presses a button, and is led back. */
      kind: "customer";
      page: string;
      press: RegExp;
    }
);

export interface Story {
  title: string;
  steps: readonly Step[];
}

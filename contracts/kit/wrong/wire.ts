/** Wrong in how the vendor is spoken to and believed. */
import type { Callbacks } from "#capability";
import { callbacks, hmac } from "./correct.ts";
import type { Config, Operations } from "./correct.ts";
import { wrong } from "./wrong.ts";

type Verify = Callbacks<Config, Operations>["verify"];

const judged = (verify: Verify): Callbacks<Config, Operations> => ({ ...callbacks, verify });

const taken = (body: Buffer): ReturnType<Verify> => {
  const event = JSON.parse(body.toString()) as { number: string };
  return { verdict: "verified", capability: "bankPayments", handle: event.number, event };
};

export const wire = [
  wrong("unsigned-request", "answers", "sends what it should have signed", ({ protocol }) => ({
    protocol: { ...protocol, authorize: () => undefined },
  })),
  wrong("believes-any-signature", "outcomes", "takes an answer whatever its signature says", ({ protocol }) => ({
    protocol: { ...protocol, verify: () => undefined },
  })),
  wrong("secret-in-the-address", "silence", "puts its key where every proxy logs it", ({ protocol }) => ({
    protocol: {
      ...protocol,
      async authorize(request, context) {
        await protocol.authorize(request, context);
        request.url.searchParams.set("key", context.config.key);
      },
    },
  })),
  wrong("believes-any-callback", "callbacks", "takes a callback that nobody signed", () => ({
    callbacks: judged(({ body }) => taken(body)),
  })),
  wrong("believes-old-callbacks", "callbacks", "does not look at a callback's age", () => ({
    callbacks: judged(({ headers, body }, { config: { key } }) => {
      const isGenuine = headers["x-signature"] === hmac(key, `${headers["x-timestamp"]}.${body.toString()}`);
      return isGenuine ? taken(body) : { verdict: "refused", why: "signature" };
    }),
  })),
];

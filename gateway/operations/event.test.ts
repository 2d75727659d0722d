import { describe, expect, it } from "vitest";
import { eventTypes, resources } from "#specs";
import { eventFor } from "./event.ts";

const body = { id: "ins_1", status: "paid" };
const instalment = { capability: "instalments", body, answered: false };

describe("an event is written", () => {
  it("for every status that a resource enters without its partner seeing it", () => {
    const told = Object.entries(resources).flatMap(([capability, { states }]) =>
      Object.keys(states).flatMap((to) => eventFor({ capability, from: "x", to, body, answered: false })?.type ?? []),
    );
    expect(told).toEqual(Object.keys(eventTypes));
  });

  it("carries the resource, under an id of its own", () => {
    const [one, other] = [1, 2].map(() => eventFor({ ...instalment, from: "awaiting_payment", to: "paid" }));
    expect(one).toEqual({
      id: expect.stringMatching(/^evt_[0-9A-Za-z]{22}$/) as string,
      type: "instalment.paid",
      data: body,
    });
    expect(other?.id).not.toBe(one?.id);
  });

  it("for a final status even when the answer to the creation shows it", () => {
    for (const [capability, { finalStates }] of Object.entries(resources)) {
      for (const to of finalStates) {
        expect(eventFor({ capability, from: "unknown", to, body, answered: true })).toBeDefined();
      }
    }
  });
});

describe("no event is written", () => {
  it.each([
    ["when nothing was entered", { ...instalment, from: "paid", to: "paid" }],
    ["for what is unknown", { ...instalment, from: undefined, to: "unknown" }],
    ["for a status of the gateway's own", { ...instalment, from: "unknown", to: "void" }],
    ["for what is no resource", { ...instalment, capability: "capabilities", from: undefined, to: "paid" }],
    [
      "for a first status that the answer shows",
      { ...instalment, from: "unknown", to: "awaiting_payment", answered: true },
    ],
  ])("%s", (_when, entering) => expect(eventFor(entering)).toBeUndefined());
});

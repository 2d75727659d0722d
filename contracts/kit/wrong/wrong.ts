import type { MockDefinition } from "#mocks";
import { correct } from "./correct.ts";
import type { CorrectAdapter } from "./correct.ts";
import { correctMock } from "./correct-mock.ts";

/** One deliberately wrong adapter (or mock), and the law that must catch it. */
export interface Wrong {
  name: string;
  law: string;
  /** What is wrong with it. */
  what: string;
  adapter: CorrectAdapter;
  mock: MockDefinition;
}

/** The correct adapter, spoilt in one place. */
export function wrong(
  name: string,
  law: string,
  what: string,
  spoil: (adapter: CorrectAdapter) => Partial<CorrectAdapter>,
  spoilMock: (mock: MockDefinition) => Partial<MockDefinition> = () => ({}),
): Wrong {
  return {
    name,
    law,
    what,
    adapter: { ...correct, ...spoil(correct), name },
    mock: { ...correctMock, ...spoilMock(correctMock), adapter: name },
  };
}

/** Questions and answers between the primary and a worker, over the channel that node:cluster gives them. */

/** One end of the channel. */
export interface Channel {
  send(message: object, sent: (error: Error | null) => void): void;
  listen(heard: (message: unknown) => void): void;
}

/** What this end answers, by name. Input and output are JSON. */
export type Answers = Readonly<Record<string, (input: never) => unknown>>;

export interface Line {
  /** Rejects after `timeoutMs`, when the other end is gone, or with what it threw: an Error of the same name and message. */
  ask(name: string, input: unknown, timeoutMs: number): Promise<unknown>;
  /** Rejects what is still asked. */
  cut(): void;
}

interface Question {
  question: number;
  name: string;
  input: unknown;
}

interface Answer {
  answer: number;
  output?: unknown;
  error?: { name: string; message: string };
}

export function openLine(channel: Channel, answers: Answers): Line {
  const asked = new Map<number, (answer: Omit<Answer, "answer">) => void>();
  let last = 0;

  channel.listen((message) => {
    if (isAnswer(message)) {
      asked.get(message.answer)?.(message);
    } else if (isQuestion(message)) {
      const { question, name, input } = message;
      // An answer that cannot be sent needs none: the other end is gone.
      void answerTo(answers, name, input).then((answer) => channel.send({ answer: question, ...answer }, ignore));
    }
  });

  return {
    ask(name, input, timeoutMs) {
      last += 1;
      const question = last;
      return new Promise((resolve, reject) => {
        const settle = ({ output, error }: Omit<Answer, "answer">): void => {
          clearTimeout(timer);
          asked.delete(question);
          if (error === undefined) resolve(output);
          else reject(Object.assign(new Error(error.message), { name: error.name }));
        };
        const timer = setTimeout(() => settle(failure(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs);
        asked.set(question, settle);
        channel.send({ question, name, input } satisfies Question, (error) => {
          if (error !== null) settle(failure(error));
        });
      });
    },
    cut() {
      for (const settle of asked.values()) settle(failure(new Error("the other process is gone")));
    },
  };
}

async function answerTo(answers: Answers, name: string, input: unknown): Promise<Omit<Answer, "answer">> {
  try {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answer === undefined) throw new Error(`nobody answers ${name}`);
    return { output: await answer(input as never) };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Omit<Answer, "answer"> {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: { name, message } };
}

function isQuestion(message: unknown): message is Question {
  return typeof message === "object" && message !== null && "question" in message;
}

function isAnswer(message: unknown): message is Answer {
  return typeof message === "object" && message !== null && "answer" in message;
}

function ignore(): void {}

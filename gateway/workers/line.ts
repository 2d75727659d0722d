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

interface Parcel {
  parcel: (Question | Answer)[];
}

export function openLine(channel: Channel, answers: Answers): Line {
  const asked = new Map<number, (answer: Omit<Answer, "answer">) => void>();
  let last = 0;
  let leaving: (Question | Answer)[] = [];

  channel.listen((message) => {
    if (!isParcel(message)) return;
    for (const each of message.parcel) {
      if ("answer" in each) asked.get(each.answer)?.(each);
      else void answerTo(answers, each).then(post);
    }
  });

  /** What is to be said in one turn of the event loop goes together: a message costs more than what is in it. */
  function post(each: Question | Answer): void {
    leaving.push(each);
    if (leaving.length === 1) setImmediate(sendAll);
  }

  function sendAll(): void {
    const parcel = leaving;
    leaving = [];
    channel.send({ parcel } satisfies Parcel, (error) => {
      if (error === null) return;
      // An answer that cannot be sent needs none: the other end is gone.
      for (const each of parcel) if ("question" in each) asked.get(each.question)?.(failure(error));
    });
  }

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
        post({ question, name, input });
      });
    },
    cut() {
      for (const settle of asked.values()) settle(failure(new Error("the other process is gone")));
    },
  };
}

async function answerTo(answers: Answers, { question, name, input }: Question): Promise<Answer> {
  try {
    const answer = Object.hasOwn(answers, name) ? answers[name] : undefined;
    if (answer === undefined) throw new Error(`nobody answers ${name}`);
    return { answer: question, output: await answer(input as never) };
  } catch (error) {
    return { answer: question, ...failure(error) };
  }
}

function failure(error: unknown): Omit<Answer, "answer"> {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { error: { name, message } };
}

/** node:cluster says other things over the same channel. */
function isParcel(message: unknown): message is Parcel {
  return typeof message === "object" && message !== null && "parcel" in message;
}

import type { MockContext } from "#mocks";
import type { Session } from "./faces.ts";

/** The vendor calls back at most twice, within three seconds. */
const maxTries = 2;
const retryAfterMs = 1_000;

/** `GET CallbackUrl?callbackToken=&certifyId=&passed=` once the customer has submitted; again if it is not answered 200. */
export function notifier(context: MockContext): (certifyId: string, session: Session, passed: string) => void {
  return (certifyId, { callbackUrl, callbackToken }, passed) => {
    if (callbackUrl === undefined) return;
    const url = new URL(callbackUrl);
    if (callbackToken !== undefined) url.searchParams.set("callbackToken", callbackToken);
    url.searchParams.set("certifyId", certifyId);
    url.searchParams.set("passed", passed);
    const call = async (nth: number): Promise<void> => {
      const isTaken = await context
        .send({ method: "GET", url: url.href, headers: { accept: "*/*" } })
        .then(({ status }) => status === 200)
        .catch(() => false);
      if (!isTaken && nth < maxTries) context.later(retryAfterMs, () => call(nth + 1));
    };
    context.later(0, () => call(1));
  };
}

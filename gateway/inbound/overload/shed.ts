import type { IncomingMessage, ServerResponse } from "node:http";
import { Problem } from "#problem";
import { unverifiedBinding } from "#signature";
import type { Responder } from "../respond.ts";
import { unboundAnswer } from "../unbound.ts";
import type { UnboundAnswer } from "../unbound.ts";
import type { Admission } from "./admission.ts";
import { overloadLimits as limits } from "./limits.ts";

/** What stands in front of the public app. */
export interface Shed {
  /** False: it was answered. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Only partners' calls are refused: probes and vendors' callbacks are few, and each tells what otherwise has to be asked for. */
const partnersCalls = "/v1/";
const keyidChars = 43;

/**
 * Answers 503 `overloaded` with Retry-After, signed, before the request is read: for a fraction of what the request would cost.
 * An answer speaks of method and target only, so that one signature serves all who ask the same within a second; they share
 * its request id too, under which the first of them is recorded.
 */
export function shed(admission: Admission, responder: Responder, onShed: () => void): Shed {
  let second = 0;
  const kept = new Map<string, UnboundAnswer>();

  const answerTo = (method: string, originalUrl: string): UnboundAnswer => {
    const nowSecond = Math.floor(responder.now().getTime() / 1_000);
    if (nowSecond !== second) {
      kept.clear();
      second = nowSecond;
    }
    const asked = `${method} ${originalUrl}`;
    const known = kept.get(asked);
    if (known !== undefined) return known;
    const binding = unverifiedBinding({ method, originalUrl, publicOrigin: responder.publicOrigin });
    const made = unboundAnswer(responder, new Problem("overloaded"), binding);
    if (kept.size < limits.maxKeptAnswers) kept.set(asked, made);
    return made;
  };

  return {
    takes(request, response) {
      const { method = "GET", url = "/" } = request;
      if (!url.startsWith(partnersCalls)) return true;
      if (admission.takes(claimedKeyid(request))) {
        response.once("close", admission.ended);
        return true;
      }
      onShed();
      const { status, headers, body } = answerTo(method, url);
      // Whatever the body is, it is thrown away as it comes; the connection goes on.
      request.resume();
      response.writeHead(status, { ...headers, "Retry-After": retryAfter() });
      response.end(body);
      return false;
    },
  };
}

function retryAfter(): string {
  return String(limits.retryAfterSeconds[Math.floor(Math.random() * limits.retryAfterSeconds.length)]);
}

/** The keyid that a Signature-Input names, unproven; empty if none. */
function claimedKeyid({ headers }: IncomingMessage): string {
  const input = headers["signature-input"];
  if (typeof input !== "string") return "";
  const at = input.indexOf(';keyid="');
  return at === -1 ? "" : input.slice(at + ';keyid="'.length, at + ';keyid="'.length + keyidChars);
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Response } from "express";
import { startedCall } from "../call.ts";
import type { Responder } from "../respond.ts";
import type { Admission } from "./admission.ts";
import { refusals } from "./refusal.ts";

/** What stands in front of the public app. */
export interface Shed {
  /** False: it was answered. */
  takes(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Only partners' calls are refused: probes and vendors' callbacks are few, and each tells what otherwise has to be asked for. */
const partnersCalls = "/v1/";
const keyidChars = 43;
/** The partner whom the last call over a connection proved; a property of its own for the collector's sake, as with calls. */
const provenPartner = Symbol("proven");
type Caller = Socket & { [provenPartner]?: string | undefined };

/** Answers 503 `overloaded` with Retry-After, signed, before the request is read: for a fraction of what the request would cost. */
export function shed(admission: Admission, responder: Responder, onShed: () => void): Shed {
  const refusalOf = refusals(responder);
  return {
    takes(request, response) {
      const { method = "GET", url = "/" } = request;
      if (!url.startsWith(partnersCalls)) return true;
      const socket: Caller = request.socket;
      const place = admission.take(claimedKeyid(request), socket[provenPartner]);
      if (place !== undefined) {
        response.once("close", () => {
          admission.ended(place);
          socket[provenPartner] = startedCall(response as Response)?.verified?.partner.id;
        });
        return true;
      }
      onShed();
      // Node throws the body away as it comes; the connection goes on.
      const { status, headers, body } = refusalOf(method, url);
      response.writeHead(status, headers);
      response.end(body, "latin1");
      return false;
    },
  };
}

/**
 * The keyid that a Signature-Input names, unproven; empty if none. From the raw fields: Node makes the object of them when it is
 * first asked for, and what is refused needs none.
 */
function claimedKeyid({ rawHeaders }: IncomingMessage): string {
  const input = rawValue(rawHeaders, "signature-input") ?? "";
  const at = input.indexOf(';keyid="');
  return at === -1 ? "" : input.slice(at + ';keyid="'.length, at + ';keyid="'.length + keyidChars);
}

/** Of the first field of that name. */
function rawValue(rawHeaders: readonly string[], name: string): string | undefined {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] ?? "";
    if (sent.length === name.length && sent.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
}

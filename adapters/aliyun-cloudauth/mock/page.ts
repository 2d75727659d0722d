import { html } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { blocked, type Faces, type Session } from "./faces.ts";
import type { Ledger } from "./ledger.ts";

type Notify = (certifyId: string, session: Session, passed: string) => void;

/** What a person, or whoever looks at the sandbox, can open: the H5 page of a session, and the vendor's bill. */
export function pages(faces: Faces, ledger: Ledger, notify: Notify): (request: WireRequest) => WireAnswer | undefined {
  return (request) => {
    if (request.path === "/ledger" && request.method === "GET") {
      const body = JSON.stringify(ledger.report());
      return { status: 200, headers: { "content-type": "application/json" }, body };
    }
    if (request.path !== "/h5") return undefined;
    const certifyId = request.query.get("certifyId") ?? "";
    const session = faces.session(certifyId);
    if (session === undefined) return html({ title: "Unknown session", status: 404 });
    if (session.ended !== undefined) return html({ title: "认证已完成", text: "This session has ended.", status: 409 });
    if (faces.isClosed(session)) return html({ title: "链接已过期", text: "The session has run out.", status: 410 });
    if (request.method !== "POST") return form;
    return act(faces, ledger, notify, {
      certifyId,
      session,
      form: new URLSearchParams(request.body.toString("utf8")),
    });
  };
}

const form = html({
  title: "实人认证",
  text: "Face verification, played. Choose how it ends.",
  actions: [
    { label: "Show a good face", fields: { outcome: "pass" } },
    { label: "Show another face", fields: { outcome: "fail" } },
    { label: "Hold up a photo", fields: { outcome: "fail", code: "205" } },
    { label: "Be stopped by the vendor's risk control", fields: { outcome: "block" } },
    { label: "Leave", fields: { outcome: "abandon" } },
    { label: "Let the session run out", fields: { outcome: "expire" } },
  ],
});

interface Act {
  certifyId: string;
  session: Session;
  form: URLSearchParams;
}

function act(faces: Faces, ledger: Ledger, notify: Notify, { certifyId, session, form: sent }: Act): WireAnswer {
  const outcome = sent.get("outcome");
  const code = sent.get("code") ?? "204";
  if (outcome === "fail" && !faces.isOutcome(code)) return html({ title: "No such code", status: 400 });
  if (outcome === "pass" || outcome === "fail" || outcome === "block") {
    const wanted = { pass: undefined, fail: code, block: blocked }[outcome];
    const { ended } = faces.end(certifyId, session, wanted);
    ledger.add(certifyId, { action: "H5", result: ended.code, billed: ended.billed, at: ended.at });
    notify(certifyId, session, ended.code);
  } else if (outcome === "expire") faces.close(certifyId, session);
  else if (outcome !== "abandon") {
    return html({ title: "No such outcome", text: "pass, fail, block, abandon or expire", status: 400 });
  }
  if (session.returnUrl === undefined) return html({ title: "Done", text: "The session named no page to go back to." });
  return { status: 302, headers: { location: session.returnUrl } };
}

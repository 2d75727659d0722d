import { html } from "#mocks";
import type { WireAnswer, WireRequest } from "#mocks";
import { outcomes, type Faces, type Session } from "./faces.ts";
import type { Ledger } from "./ledger.ts";

/** What a person, or whoever looks at the sandbox, can open: the H5 page of a session, and the vendor's bill. */
export function pages(faces: Faces, ledger: Ledger): (request: WireRequest) => WireAnswer | undefined {
  return (request) => {
    if (request.path === "/ledger" && request.method === "GET") {
      const body = JSON.stringify(ledger.report());
      return { status: 200, headers: { "content-type": "application/json" }, body };
    }
    if (request.path !== "/h5") return undefined;
    const bizToken = request.query.get("token") ?? "";
    const session = faces.session(bizToken);
    if (session === undefined) return html({ title: "Unknown session", status: 404 });
    if (request.method !== "POST") return show(faces, session);
    const form = new URLSearchParams(request.body.toString("utf8"));
    return act(faces, ledger, { bizToken, session, form });
  };
}

function show(faces: Faces, session: Session): WireAnswer {
  const closed = reasonClosed(faces, session);
  if (closed !== undefined) return closed;
  return html({
    title: "人脸核身",
    text: "Face verification, played. Choose how it ends.",
    actions: [
      { label: "Show a good face", fields: { outcome: "pass" } },
      { label: "Show another face", fields: { outcome: "fail" } },
      { label: "Hold up a photo", fields: { outcome: "fail", code: "1002" } },
      { label: "Leave", fields: { outcome: "abandon" } },
      { label: "Let the session run out", fields: { outcome: "expire" } },
    ],
  });
}

interface Act {
  bizToken: string;
  session: Session;
  form: URLSearchParams;
}

function act(faces: Faces, ledger: Ledger, { bizToken, session, form }: Act): WireAnswer {
  const closed = reasonClosed(faces, session);
  if (closed !== undefined) return closed;
  const outcome = form.get("outcome");
  const code = Number(form.get("code") ?? 2016);
  if (outcome === "fail" && (code === 0 || outcomes[code] === undefined)) {
    return html({ title: "No such code", text: Object.keys(outcomes).join(", "), status: 400 });
  }
  if (outcome === "pass" || outcome === "fail") {
    const ended = faces.end(bizToken, session, outcome === "pass" ? undefined : code);
    const { seq: id, errCode, charged: billed, at } = ended;
    ledger.add(id, { action: "H5", result: `${errCode}`, billed, at });
  } else if (outcome === "expire") faces.forget(bizToken, session);
  else if (outcome !== "abandon") {
    return html({ title: "No such outcome", text: "pass, fail, abandon or expire", status: 400 });
  }
  if (session.redirectUrl === null) return html({ title: "Done", text: "The session named no page to go back to." });
  const back = new URL(session.redirectUrl);
  back.searchParams.set("BizToken", bizToken);
  return { status: 302, headers: { location: back.href } };
}

function reasonClosed(faces: Faces, session: Session): WireAnswer | undefined {
  if (session.ended !== undefined) return html({ title: "验证已完成", text: "This session has ended.", status: 409 });
  if (faces.isExpired(session)) return html({ title: "链接已过期", text: "The session has run out.", status: 410 });
  return undefined;
}

import type { WireAnswer } from "../types.ts";

/** Something the customer can do on a page: a form with one button, posted to `action` (default: the page itself). */
export interface PageAction {
  label: string;
  action?: string;
  fields?: Record<string, string>;
}

export interface Page {
  title: string;
  text?: string;
  /** Shown as a list of names and values. */
  facts?: Record<string, string>;
  actions?: readonly PageAction[];
  /** Default 200. */
  status?: number;
}

/** A minimal page for the customer (hosted verification, cashier, consent). Everything is escaped; no script runs in it. */
export function html(page: Page): WireAnswer {
  const facts = Object.entries(page.facts ?? {}).map(
    ([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`,
  );
  const body = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(page.title)}</title>`,
    `<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head><body><main>`,
    `<h1>${escaped(page.title)}</h1>`,
    page.text === undefined ? "" : `<p>${escaped(page.text)}</p>`,
    facts.length === 0 ? "" : `<dl>${facts.join("")}</dl>`,
    ...(page.actions ?? []).map(form),
    "<small>A mock vendor of the Qiao sandbox: nothing here is real.</small></main></body></html>\n",
  ].join("\n");
  return {
    status: page.status ?? 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    },
    body,
  };
}

const style =
  "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#1c1e21}" +
  "main{max-width:30rem;margin:3rem auto;padding:1.5rem 2rem;background:#fff;border-radius:8px}" +
  "h1{font-size:1.25rem}dt{color:#667}dd{margin:0 0 .5rem;word-break:break-all}" +
  "form{display:inline-block;margin:.5rem .5rem 1rem 0}button{font:inherit;padding:.4rem 1rem}small{color:#889}";

function form(action: PageAction): string {
  const target = action.action === undefined ? "" : ` action="${escaped(action.action)}"`;
  const fields = Object.entries(action.fields ?? {}).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  return `<form method="post"${target}>${fields.join("")}<button>${escaped(action.label)}</button></form>`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");
}

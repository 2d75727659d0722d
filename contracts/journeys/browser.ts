const maxRedirects = 10;
const pageTimeoutMs = 10_000;

interface Button {
  label: string;
  action: string;
  fields: [string, string][];
}

/**
 * The customer's browser, as far as hosted pages need one: opens the page, presses the first button whose label fits, and
 * follows redirects, like the one to the gateway's callback, until an address outside this machine (the partner's return
 * URL, which is not opened). Returns the last address without its query, which may hold a credential. Throws with what stood
 * there if the page or the button is missing. An address that fits `stopAt` is not opened either, and returned whole.
 */
export async function visit(url: string, press: RegExp, stopAt?: (url: string) => boolean): Promise<string> {
  const opened = await follow(url, { method: "GET" });
  if (opened.status !== 200) throw new Error(`${without(opened.url)} answered ${opened.status ?? "nothing"}`);
  const buttons = buttonsOf(opened.html);
  const button = buttons.find(({ label }) => press.test(label));
  if (button === undefined) {
    const labels = buttons.map(({ label }) => `"${label}"`).join(", ");
    throw new Error(`${without(opened.url)} has no button ${press}, but ${labels === "" ? "none at all" : labels}`);
  }
  const form = { method: "POST", body: new URLSearchParams(button.fields) };
  const ended = await follow(new URL(button.action, opened.url).href, form, stopAt);
  if (stopAt?.(ended.url) === true) return ended.url;
  if (ended.status !== undefined && ended.status >= 400) {
    throw new Error(`"${button.label}" led to ${without(ended.url)}, which answered ${ended.status}`);
  }
  return without(ended.url);
}

async function follow(
  start: string,
  first: RequestInit,
  stopAt: (url: string) => boolean = () => false,
): Promise<{ url: string; status: number | undefined; html: string }> {
  let url = start;
  let init = first;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    if (new URL(url).hostname !== "127.0.0.1" || stopAt(url)) return { url, status: undefined, html: "" };
    const response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(pageTimeoutMs) });
    const location = response.headers.get("location");
    const html = await response.text();
    if (response.status < 300 || response.status >= 400 || location === null) {
      return { url, status: response.status, html };
    }
    url = new URL(location, url).href;
    init = response.status === 307 || response.status === 308 ? init : { method: "GET" };
  }
  throw new Error(`more than ${maxRedirects} redirects from ${without(start)}`);
}

function buttonsOf(html: string): Button[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].flatMap(([, form = "", inner = ""]) => {
    const fields = [...inner.matchAll(/<input\b([^>]*)>/g)].map(([, input = ""]): [string, string] => [
      attribute(input, "name") ?? "",
      attribute(input, "value") ?? "",
    ]);
    return [...inner.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)].map(([, button = "", label = ""]) => {
      const name = attribute(button, "name");
      const own: [string, string][] = name === undefined ? [] : [[name, attribute(button, "value") ?? ""]];
      return { label: text(label), action: attribute(form, "action") ?? "", fields: [...fields, ...own] };
    });
  });
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
  return value === undefined ? undefined : text(value);
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

function text(html: string): string {
  return html.replaceAll(/&(amp|lt|gt|quot|#39);/g, (_all, name: string) => entities[name] ?? "").trim();
}

function without(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

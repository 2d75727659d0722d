/** An answer's members as they stand in its text. */
export interface RawMembers {
  /** The member's exact text by name: what a signature covers. */
  text: ReadonlyMap<string, string>;
  /** The decoded value of the `sign` member, if it is a string. */
  sign: string | undefined;
}

/**
 * Splits the answer's one JSON object into its members without re-serialising anything. Throws SyntaxError if the bytes are
 * not UTF-8 JSON with an object outside, or if a name stands twice (which of the two would be signed?).
 */
export function rawMembers(bytes: Buffer): RawMembers {
  const json = decode(bytes);
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new SyntaxError("not a JSON object");
  const text = new Map<string, string>();
  let at = json.indexOf("{") + 1;
  for (;;) {
    at = skipSpace(json, at);
    if (json[at] !== '"') break;
    const nameEnd = stringEnd(json, at);
    const name = String(JSON.parse(json.slice(at, nameEnd)));
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const end = valueEnd(json, start);
    if (text.has(name)) throw new SyntaxError("a name stands twice");
    text.set(name, json.slice(start, end).trimEnd());
    at = end + 1;
  }
  const sign: unknown = JSON.parse(text.get("sign") ?? "null");
  return { text, sign: typeof sign === "string" ? sign : undefined };
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SyntaxError("not UTF-8", { cause });
  }
}

// The text is known to be JSON when these run, so they need not judge it.

function skipSpace(json: string, from: number): number {
  let at = from;
  while (" \t\r\n".includes(json[at] ?? "x")) at += 1;
  return at;
}

/** Index after the closing quote of the string that begins at `from`. */
function stringEnd(json: string, from: number): number {
  let at = from + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Index of the `,` or `}` that ends the value which begins at `from`. */
function valueEnd(json: string, from: number): number {
  let depth = 0;
  for (let at = from; ; at += 1) {
    const character = json[at] ?? "";
    if (character === '"') at = stringEnd(json, at) - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if (depth === 0 && (character === "," || character === "}")) return at;
    else if (character === "}" || character === "]") depth -= 1;
  }
}

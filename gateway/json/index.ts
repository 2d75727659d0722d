/** Strict JSON (RFC 8259 with I-JSON's RFC 7493 2.1 and 2.3): one reading of a text, the same for everyone. */

export type ParsedJson = { ok: true; value: unknown } | { ok: false; reason: JsonFlaw };

export type JsonFlaw = "not UTF-8" | "not JSON" | "duplicate member" | "lone surrogate" | "too deep";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses bytes as JSON and refuses what parsers read differently: duplicate member names (some take the first, some the
 * last), lone surrogates, bytes that are not UTF-8, and nesting deeper than `maxDepth` levels.
 */
export function parseJson(bytes: Uint8Array, { maxDepth }: { maxDepth: number }): ParsedJson {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { ok: false, reason: "not UTF-8" };
  }
  const written = membersWritten(text, maxDepth);
  const flaw = written === undefined ? scan(text, maxDepth) : undefined;
  if (flaw !== undefined) return { ok: false, reason: flaw };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: scan(text, maxDepth) ?? "not JSON" };
  }
  // A name that was written twice has been read once.
  if (written !== undefined && isObject(value) && written !== membersRead(value))
    return { ok: false, reason: "duplicate member" };
  return { ok: true, value };
}

/**
 * How many members a text writes, in all its objects: the colons outside strings. Undefined where `scan` has to look: too deep,
 * or with `\u`, which alone can spell a lone surrogate in UTF-8.
 */
function membersWritten(text: string, maxDepth: number): number | undefined {
  if (text.includes("\\u")) return undefined;
  let members = 0;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x22) quoted = !quoted;
    else if (quoted) at += char === 0x5c ? 1 : 0;
    else if (char === 0x3a) members += 1;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
    if (depth > maxDepth) return undefined;
  }
  return members;
}

/** How many members a value has, with all that it holds. `for in`: Object.values takes six times as long. */
function membersRead(value: object): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const each of value as unknown[]) if (isObject(each)) members += membersRead(each);
    return members;
  }
  for (const name in value) {
    const each: unknown = value[name as keyof typeof value];
    members += 1;
    if (isObject(each)) members += membersRead(each);
  }
  return members;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/**
 * One pass over the text that says what is wrong with it: tracks nesting and each object's member names. The grammar itself is
 * left to JSON.parse, so on malformed text this only has to stay bounded.
 */
function scan(text: string, maxDepth: number): JsonFlaw | undefined {
  const open: (Set<string> | undefined)[] = [];
  let expectsName = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      const end = stringEnd(text, at);
      if (end === -1) return "not JSON";
      const raw = text.slice(at, end + 1);
      if (hasLoneSurrogate(raw)) return "lone surrogate";
      if (expectsName) {
        const names = open.at(-1);
        const name = raw.includes("\\") ? unescape(raw) : raw.slice(1, -1);
        if (name === undefined) return "not JSON";
        if (names?.has(name)) return "duplicate member";
        names?.add(name);
        expectsName = false;
      }
      at = end;
    } else if (char === 0x7b || char === 0x5b) {
      open.push(char === 0x7b ? new Set() : undefined);
      if (open.length > maxDepth) return "too deep";
      expectsName = char === 0x7b;
    } else if (char === 0x7d || char === 0x5d) {
      open.pop();
      expectsName = false;
    } else if (char === 0x2c) {
      expectsName = open.at(-1) !== undefined;
    }
  }
  return undefined;
}

function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x5c) at += 1;
    else if (char === 0x22) return at;
  }
  return -1;
}

function unescape(raw: string): string | undefined {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return undefined;
  }
}

function hasLoneSurrogate(raw: string): boolean {
  if (!raw.includes("\\u")) return false;
  const value = unescape(raw);
  return value !== undefined && !value.isWellFormed();
}

/**
 * The one spelling of a dictionary member that nearly every signature has, read without the grammar's full parser: strings without
 * escapes, plain integers, single spaces, standard base64. Whatever is spelt otherwise is left to `structured-headers`; a
 * test holds the two against each other.
 */
import type { BareItem, InnerList, Item, Parameters } from "structured-headers";

const key = "[a-z*][a-z0-9_.*-]*";
/** Characters of an sf-string but `"` and `\`. */
const text = '"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"';
/** An sf-integer in its canonical spelling, short enough to be exact. */
const integer = "(?:0|-?[1-9][0-9]{0,14})";
const listMember = new RegExp(`^(${key})=\\(((?:${text}(?: ${text})*)?)\\)((?:;${key}=(?:${text}|${integer}))*)$`);
const bytesMember = new RegExp(`^(${key})=:([A-Za-z0-9+/]+={0,2}):$`);
const parameter = new RegExp(`;(${key})=(${text}|${integer})`, "g");
const strings = new RegExp(text, "g");

/** The member, which is then spelt canonically; undefined for any other spelling. */
export function readPlainMember(piece: string): { label: string; value: Item | InnerList } | undefined {
  return piece.endsWith(":") ? readBytes(piece) : readList(piece);
}

function readBytes(piece: string): { label: string; value: Item } | undefined {
  const [, label, base64] = bytesMember.exec(piece) ?? [];
  if (label === undefined || base64 === undefined) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return undefined;
  return { label, value: [new Uint8Array(bytes).buffer, new Map()] };
}

function readList(piece: string): { label: string; value: InnerList } | undefined {
  const [, label, list, rest] = listMember.exec(piece) ?? [];
  if (label === undefined || list === undefined || rest === undefined) return undefined;
  const params: Parameters = new Map<string, BareItem>();
  for (const [, name = "", value = ""] of rest.matchAll(parameter)) {
    // A repeated parameter has no canonical spelling.
    if (params.has(name)) return undefined;
    params.set(name, value.startsWith('"') ? value.slice(1, -1) : Number(value));
  }
  const items = (list.match(strings) ?? []).map((each): Item => [each.slice(1, -1), new Map()]);
  return { label, value: [items, params] };
}

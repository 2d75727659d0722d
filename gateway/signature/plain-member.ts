/**
 * The one spelling of a dictionary member that nearly every signature has, read without the grammar's full parser: strings without
 * escapes, plain integers, single spaces, standard base64. Whatever is spelt otherwise is left to `structured-headers`; a
 * test holds the two against each other.
 */
import type { BareItem, InnerList, Item, Parameters } from "structured-headers";
import { maxKeptListChars, maxKeptLists } from "./limits.ts";

const key = "[a-z*][a-z0-9_.*-]*";
/** Characters of an sf-string but `"` and `\`. */
const text = '"[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]*"';
/** An sf-integer in its canonical spelling, short enough to be exact. */
const integer = "(?:0|-?[1-9][0-9]{0,14})";
const listMember = new RegExp(`^(${key})=\\(((?:${text}(?: ${text})*)?)\\)((?:;${key}=(?:${text}|${integer}))*)$`);
const bytesMember = new RegExp(`^(${key})=:([A-Za-z0-9+/]+={0,2}):$`);
const parameter = new RegExp(`;(${key})=(${text}|${integer})`, "g");
const strings = new RegExp(text, "g");

/** A sender covers the same components each time, so lists are read once; nobody has to be known to send others. */
const lists = new Map<string, Item[]>();

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
  parameter.lastIndex = 0;
  for (let found = parameter.exec(rest); found !== null; found = parameter.exec(rest)) {
    const [, name = "", value = ""] = found;
    // A repeated parameter has no canonical spelling.
    if (params.has(name)) return undefined;
    params.set(name, value.startsWith('"') ? value.slice(1, -1) : Number(value));
  }
  return { label, value: [readItems(list), params] };
}

function readItems(list: string): Item[] {
  const known = lists.get(list);
  if (known !== undefined) return known;
  const items = (list.match(strings) ?? []).map((each): Item => [each.slice(1, -1), new Map()]);
  if (list.length <= maxKeptListChars) {
    if (lists.size >= maxKeptLists) lists.clear();
    lists.set(list, items);
  }
  return items;
}

/**
 * The members of a structured dictionary with their raw text. `structured-headers` parses each one; the split is
 * ours, because a parsed dictionary has forgotten duplicates (last one wins) and how its values were spelt.
 */
import { type InnerList, type Item, parseDictionary, serializeDictionary } from "structured-headers";
import { trimSpace } from "./fields.ts";
import { readPlainMember } from "./plain-member.ts";

export interface Member {
  readonly label: string;
  readonly value: Item | InnerList;
  /** What stands after `label=`, as received. */
  readonly text: string;
  /**
   * True when the text is exactly what RFC 9651 4.1 serialises: no doubled parameter, `1.0`, loose base64 or padding.
   */
  readonly canonical: boolean;
}

/** Reads a dictionary field in order, duplicates included. Throws an Error with a reason when it is no dictionary. */
export function readMembers(raw: string, maxMembers: number): Member[] {
  const pieces = splitMembers(raw);
  if (pieces.length > maxMembers) throw new Error(`more than ${maxMembers} members`);
  return pieces.map((piece) => {
    const plain = readPlainMember(piece);
    if (plain !== undefined) return { ...plain, text: piece.slice(plain.label.length + 1), canonical: true };
    const parsed = parseDictionary(piece);
    const [entry] = parsed;
    if (entry === undefined || parsed.size !== 1) throw new Error("a member is empty");
    const [label, value] = entry;
    return {
      label,
      value,
      text: piece.slice(label.length + 1),
      canonical: serializeDictionary(parsed) === piece,
    };
  });
}

/** Whether two members share a label. */
export function hasDuplicates(members: readonly Member[]): boolean {
  return members.length > 1 && new Set(members.map((member) => member.label)).size !== members.length;
}

/**
 * Cuts at commas outside strings and inner lists. A piece is parsed afterwards, and one that this cut got wrong (a
 * Display String with a backslash, say) parses to none or several members, so a wrong cut refuses and never accepts.
 */
function splitMembers(raw: string): string[] {
  if (!raw.includes(",")) return [trimSpace(raw)];
  const pieces: string[] = [];
  let start = 0;
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i];
    if (quoted && character === "\\") i++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      pieces.push(raw.slice(start, i));
      start = i + 1;
    }
  }
  pieces.push(raw.slice(start));
  return pieces.map(trimSpace);
}

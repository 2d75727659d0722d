/** Compares two schemas as the one sees them who sends or gets what they describe. */
import { compareKeywords } from "./keywords.ts";
import { isNode, nodeOf, resolved, textsOf } from "./types.ts";
import type { Json, Node, Walk } from "./types.ts";

/** Notes every difference between two schemas, through references, once for each pair of them on the way down. */
export function compareSchemas(walk: Walk, before: Json, after: Json, at: string, way: readonly string[] = []): void {
  const pair = `${refOf(before)} ${refOf(after)}`;
  const key = `${walk.direction} ${pair}`;
  if (refOf(after) !== "" && (way.includes(pair) || walk.clean.has(key))) return;
  const noted = walk.noted();
  const where = refOf(after) === "" ? at : nameOf(refOf(after));
  const further = refOf(after) === "" ? way : [...way, pair];
  const old = resolved(walk.before, before);
  const now = resolved(walk.after, after);
  compareKeywords(walk, old, now, where);
  compareProperties(walk, old, now, where, further);
  compareRequired(walk, old, now, where);
  compareExtra(walk, old["additionalProperties"], now["additionalProperties"], where, further);
  if (isNode(old["items"]) && isNode(now["items"])) {
    compareSchemas(walk, old["items"], now["items"], `${where}/[]`, further);
  } else if (isNode(old["items"]) !== isNode(now["items"])) walk.note("breaking", where, "items changed");
  for (const keyword of ["oneOf", "anyOf", "allOf"]) compareBranches(walk, keyword, old, now, where, further);
  if (refOf(after) !== "" && walk.noted() === noted) walk.clean.add(key);
}

function compareProperties(walk: Walk, old: Node, now: Node, where: string, way: readonly string[]): void {
  const had = nodeOf(old["properties"]);
  const has = nodeOf(now["properties"]);
  const required = textsOf(now["required"]);
  for (const [name, schema] of Object.entries(had)) {
    if (has[name] === undefined) walk.note("breaking", `${where}/${name}`, "removed");
    else compareSchemas(walk, schema, has[name], `${where}/${name}`, way);
  }
  for (const name of Object.keys(has)) {
    if (had[name] !== undefined) continue;
    const must = walk.direction === "in" && required.includes(name);
    walk.note(must ? "breaking" : "additive", `${where}/${name}`, must ? "added and required" : "added");
  }
}

function compareRequired(walk: Walk, old: Node, now: Node, where: string): void {
  const [had, has] = [textsOf(old["required"]), textsOf(now["required"])];
  const known = nodeOf(old["properties"]);
  const still = nodeOf(now["properties"]);
  const [newly, formerly] =
    walk.direction === "in" ? (["breaking", "additive"] as const) : (["additive", "breaking"] as const);
  for (const name of has.filter((each) => !had.includes(each) && known[each] !== undefined)) {
    walk.note(newly, `${where}/${name}`, "became required");
  }
  for (const name of had.filter((each) => !has.includes(each) && still[each] !== undefined)) {
    walk.note(formerly, `${where}/${name}`, "is no longer required");
  }
}

/** Fields that are not named: closing refuses what was sent; answers may gain fields, which is promised. */
function compareExtra(walk: Walk, old: Json, now: Json, where: string, way: readonly string[]): void {
  if (isNode(old) && isNode(now)) return compareSchemas(walk, old, now, `${where}/*`, way);
  const [wasOpen, isOpen] = [old !== false, now !== false];
  if (wasOpen && !isOpen)
    walk.note(walk.direction === "in" ? "breaking" : "additive", where, "closed to further fields");
  if (!wasOpen && isOpen) walk.note("additive", where, "opened to further fields");
}

/** Alternatives are told apart by their tag, else by their name, else by their place. */
function compareBranches(walk: Walk, key: string, old: Node, now: Node, where: string, way: readonly string[]): void {
  const [had, has] = [branchesOf(old, key), branchesOf(now, key)];
  for (const [tag, schema] of had) {
    const other = has.get(tag);
    if (other === undefined) walk.note("breaking", where, `${key} lost ${tag}`);
    else compareSchemas(walk, schema, other, `${where}/${tag}`, way);
  }
  const gained = [...has.keys()].filter((tag) => !had.has(tag));
  if (gained.length === 0) return;
  const welcome = key !== "allOf" && (walk.direction === "in" || now["x-grows"] === true);
  walk.note(welcome ? "additive" : "breaking", where, `${key} gained ${gained.join(", ")}`);
}

function branchesOf(schema: Node, key: string): Map<string, Json> {
  const list = schema[key];
  if (!Array.isArray(list)) return new Map();
  const mapping = Object.entries(nodeOf(nodeOf(schema["discriminator"])["mapping"]));
  return new Map(
    list.map((branch: Json, at) => {
      const ref = refOf(branch);
      const tag = mapping.find(([, target]) => target === ref)?.[0];
      return [tag ?? (ref === "" ? String(at) : nameOf(ref)), branch];
    }),
  );
}

function refOf(value: Json): string {
  const ref = nodeOf(value)["$ref"];
  return typeof ref === "string" ? ref : "";
}

function nameOf(ref: string): string {
  return ref.slice(ref.lastIndexOf("/") + 1);
}

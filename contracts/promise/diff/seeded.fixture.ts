/** Places in a bundle that seeded changes go to. */
import type { Level, Node } from "./types.ts";

/** What is done, what it means, how it is done, and the words that tell of it. */
export type Seeded = [what: string, level: Level, change: (document: Node) => void, words: string];

/** The part of the bundle at a path of member names; throws when there is none. */
export function at(document: Node, ...path: string[]): Node {
  return path.reduce<Node>((node, name) => {
    if (node[name] === undefined) throw new Error(`no ${name} in ${path.join("/")}`);
    return node[name] as Node;
  }, document);
}
/** A schema of the bundle. */
export const schema = (document: Node, name: string): Node => at(document, "components", "schemas", name);
/** An operation of the bundle. */
export const operation = (document: Node, verb: string, path: string): Node => at(document, "paths", path, verb);
/** A list to change. */
export const listIn = (node: Node, key: string): unknown[] => node[key] as unknown[];
/** Takes a member away; throws when it is not there. */
export const without = (node: Node, key: string): void => {
  if (!Reflect.has(node, key)) throw new Error(`nothing to remove: ${key}`);
  Reflect.deleteProperty(node, key);
};

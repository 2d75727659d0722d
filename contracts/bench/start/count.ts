/** How many validators Ajv makes: it is the one that calls `new Function("self", …)`. */
let count = 0;

globalThis.Function = new Proxy(Function, {
  construct(target, args: string[], newTarget) {
    if (args[0] === "self") count += 1;
    return Reflect.construct(target, args, newTarget) as object;
  },
});

export function compiledCount(): number {
  return count;
}

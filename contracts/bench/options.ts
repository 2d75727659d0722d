/** A number of the command line, or the end of the program with a line that says what is wrong. */
export function numberOf(name: string, text: string, { min, max, whole = true }: NumberBounds): number {
  const value = Number(text);
  if (text !== "" && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  process.stderr.write(`--${name} must be a ${whole ? "whole " : ""}number from ${min} to ${max}\n`);
  process.exit(2);
}

export interface NumberBounds {
  min: number;
  max: number;
  whole?: boolean;
}

/** A step of the arithmetic. */
export interface Row {
  what: string;
  how: string;
  value: string;
}

export function row(what: string, how: string, value: string): Row {
  return { what, how, value };
}

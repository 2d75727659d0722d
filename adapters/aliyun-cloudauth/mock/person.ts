const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkDigits = "10X98765432";

/** Whether a resident identity number has 18 characters, a day of the calendar, and the right check digit (GB 11643). */
export function isIdentityNumber(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text) || Number.isNaN(birthOf(text).getTime())) return false;
  const sum = weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return checkDigits[sum % 11] === text[17];
}

/** Whether the vendor would call this a name. */
export function isName(text: string): boolean {
  return /\p{L}/u.test(text) && !/\p{Cc}/u.test(text) && [...text].length <= 32;
}

/** Full years of age. */
export function ageOf(identityNumber: string, now: Date): number {
  const birth = birthOf(identityNumber);
  const years = now.getUTCFullYear() - birth.getUTCFullYear();
  const isBefore = now.toISOString().slice(5, 10) < birth.toISOString().slice(5, 10);
  return isBefore ? years - 1 : years;
}

function birthOf(identityNumber: string): Date {
  const [year, month, day] = [identityNumber.slice(6, 10), identityNumber.slice(10, 12), identityNumber.slice(12, 14)];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${year}-${month}-${day}`);
  return isReal ? date : new Date(Number.NaN);
}

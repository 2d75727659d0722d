const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const checkDigits = "10X98765432";

/** Whether a resident identity number has 18 characters, a day of the year, and the right check digit (GB 11643). */
export function isIdCard(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const month = Number(text.slice(10, 12));
  const day = Number(text.slice(12, 14));
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const sum = weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return checkDigits[sum % 11] === text[17];
}

/** Whether the vendor would call this a name: 1 to 32 characters, letters among them. */
export function isName(text: string): boolean {
  return /\p{L}/u.test(text) && !/\p{Cc}/u.test(text) && [...text].length <= 32;
}

/** AWS's bounds of the waiting period before a key is deleted. */
const LEAST_DAYS = 7;
const MOST_DAYS = 30;

/** What was typed as whole days within the bounds; null for anything else. */
export function deletionDays(typed: string): number | null {
  return wholeNumber(typed, LEAST_DAYS, MOST_DAYS);
}

export function wholeNumber(typed: string, least: number, most: number): number | null {
  if (!/^\d{1,6}$/.test(typed.trim())) return null;
  const number = Number(typed);
  return number >= least && number <= most ? number : null;
}

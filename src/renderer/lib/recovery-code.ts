/** The groups of a recovery code as it is shown: parts between dashes or spaces. */
export function recoveryGroups(code: string): string[] {
  return code.split(/[-\s]+/).filter(Boolean);
}

/** Two different groups to ask for, in reading order. `random` answers a number in [0, 1). */
export function chooseGroups(count: number, random: () => number): [number, number] {
  const first = Math.floor(random() * count);
  const step = 1 + Math.floor(random() * (count - 1));
  const second = (first + step) % count;
  return first < second ? [first, second] : [second, first];
}

/** Whether what was typed is the group, whatever the case or the spaces around it. */
export function groupMatches(typed: string, group: string | undefined): boolean {
  return group !== undefined && typed.trim().toUpperCase() === group.toUpperCase();
}

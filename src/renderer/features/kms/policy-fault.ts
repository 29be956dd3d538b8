/** Line and column, from 1, in a sentence like `Line 3, column 5: …`, which is how the policy engine begins its refusals; null in any other. */
export function readFaultPosition(message: string): { line: number; column: number } | null {
  const found = /\bline (\d+), column (\d+)/i.exec(message);
  return found === null ? null : { line: Number(found[1]), column: Number(found[2]) };
}

import { KeyholdError } from '../../contract/errors.ts';

/** Where something stands in a document; both count from 1, columns in UTF-16 units as editors count them. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong: not JSON at all, JSON that is no policy, or longer than the place it is for allows. */
export type PolicyFault = 'syntax' | 'grammar' | 'size';

/** The only error that parsing a policy throws. `reason` is AWS's sentence where AWS has one (IAM's `MalformedPolicyDocument`). */
export class MalformedPolicyError extends KeyholdError {
  readonly fault: PolicyFault;
  readonly reason: string;
  readonly position: Position;

  constructor(fault: PolicyFault, reason: string, position: Position) {
    super('InvalidInput', `Line ${position.line}, column ${position.column}: ${reason}`, {
      fault,
      reason,
      ...position,
    });
    this.fault = fault;
    this.reason = reason;
    this.position = position;
  }
}

export function positionAt(text: string, offset: number): Position {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

/** The error for JSON that is no policy, pointing at `offset` of `text`. */
export function malformed(text: string, offset: number, reason: string): MalformedPolicyError {
  return new MalformedPolicyError('grammar', reason, positionAt(text, offset));
}

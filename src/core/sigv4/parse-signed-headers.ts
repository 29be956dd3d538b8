import { readBefore } from '../read-before.ts';
import { SigV4Error, type SigV4ErrorCode } from './errors.ts';

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** What is wrong with it, or nothing. */
type Fault = 'name' | 'order' | 'host' | undefined;

const reading = readBefore((text: string): { names: readonly string[]; fault: Fault } => {
  const names = text.split(';');
  return { names, fault: faultOf(names) };
});

function faultOf(names: readonly string[]): Fault {
  let previous = '';
  for (const name of names) {
    if (!HEADER_NAME.test(name)) return 'name';
    if (name <= previous) return 'order';
    previous = name;
  }
  return names.includes('host') ? undefined : 'host';
}

/**
 * The names of signed headers: lower case, ascending, each once, `host` among them.
 * @throws SigV4Error with the code given, `SignatureDoesNotMatch` where `host` is missing.
 */
export function parseSignedHeaders(text: string, code: SigV4ErrorCode): readonly string[] {
  const { names, fault } = reading(text);
  switch (fault) {
    case undefined:
      return names;
    case 'name':
      throw new SigV4Error(code, 'SignedHeaders must list lower-case header names separated by semicolons.');
    case 'order':
      throw new SigV4Error(code, 'SignedHeaders must be in ascending order, each name once.');
    case 'host':
      throw new SigV4Error(
        'SignatureDoesNotMatch',
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
      );
  }
}

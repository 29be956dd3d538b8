import { KeyholdError } from '../../../contract/errors.ts';
import { fieldsOf } from '../input.ts';
import type { HsmOutput } from '../protocol.ts';
import type { TokenState } from '../state.ts';
import { loadObject, requireNotExpired } from '../use-object.ts';

export function openToken(state: TokenState, input: unknown): HsmOutput<'openToken'> {
  const fields = fieldsOf(input, 'input', ['key']);
  const { attributes, material } = loadObject(state, fields['key']);
  if (attributes.class !== 'data') throw new KeyholdError('HsmRefused', 'Keys never leave the vault.');
  requireNotExpired(state, attributes);
  return { token: new Uint8Array(material) };
}

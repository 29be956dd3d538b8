import { KeyholdError } from '../../../contract/errors.ts';
import { base64Bytes } from '../../crypto/base64-bytes.ts';
import { deriveSmtpPassword } from '../../crypto/smtp-password.ts';
import { wipe } from '../../crypto/wipe.ts';
import { admitTouched } from '../gates/admit-touched.ts';
import { fieldsOf, invalid, matchOf } from '../input.ts';
import type { CachedObject } from '../object-cache.ts';
import type { HsmOutput } from '../protocol.ts';
import { replyKeyOf, sealReply } from '../secret-input.ts';
import { sshPrivatePem } from '../ssh-key.ts';
import type { TokenState } from '../state.ts';
import { loadObject, requireNotExpired, requireUsage } from '../use-object.ts';
import { isPassword } from '../way-in.ts';
import { ownersSlot } from './check-secret.ts';

const REGION = /^[a-z]{2}(-[a-z0-9]+)+-\d{1,2}$/;

export async function revealCredential(state: TokenState, input: unknown): Promise<HsmOutput<'revealCredential'>> {
  const fields = fieldsOf(input, 'input', ['key', 'smtpRegion', 'secret', 'slots', 'enrolled', 'replyKey']);
  const replyKey = replyKeyOf(fields['replyKey']);
  const region =
    fields['smtpRegion'] === undefined
      ? undefined
      : matchOf(fields['smtpRegion'], 'smtpRegion', REGION, 'a region, like eu-central-1');
  const object = revealable(state, fields['key'], region);
  if (isPassword(fields['secret'])) {
    await admitTouched(state, { op: 'revealCredential', object: object.attributes.id }, input, {
      enrolled: fields['enrolled'],
    });
  }
  const { slot } = await ownersSlot(state, fields['secret'], fields['slots']);
  if (slot === null) {
    throw new KeyholdError('WrongSecret', 'This does not open the vault. Check it and try again.');
  }
  // The cache may have let go of it meanwhile.
  const credential = shownOf(revealable(state, fields['key'], region), region);
  try {
    return { credential: await sealReply(replyKey, 'credential', credential), slot };
  } finally {
    wipe(credential);
  }
}

function revealable(state: TokenState, key: unknown, region: string | undefined): CachedObject {
  const object = loadObject(state, key);
  const { attributes } = object;
  requireNotExpired(state, attributes);
  if (attributes.spec === 'AWS_SECRET_ACCESS_KEY') {
    if (region === undefined) throw new KeyholdError('HsmRefused', 'This secret never leaves the vault.');
    requireUsage(attributes, 'sigv4');
    requireAllowed(attributes.policy, region);
    return object;
  }
  if (region !== undefined) throw invalid('smtpRegion', 'absent, except for an access key');
  if (attributes.spec === 'SERVICE_PASSWORD' || attributes.spec === 'SSH_RSA_4096') return object;
  throw new KeyholdError('HsmRefused', 'This secret never leaves the vault.');
}

/** A key that may not sign for Amazon SES, or not in this region, is not to be used there by way of a password either. */
function requireAllowed({ services, regions }: CachedObject['attributes']['policy'], region: string): void {
  if (services !== undefined && !services.includes('ses')) {
    throw new KeyholdError('HsmRefused', 'This key may not be used for Amazon SES.');
  }
  if (regions !== undefined && !regions.includes(region)) {
    throw new KeyholdError('HsmRefused', 'This key may not be used in that region.');
  }
}

/** A copy, which is the caller's to wipe. */
function shownOf({ attributes: { spec }, material }: CachedObject, region: string | undefined): Uint8Array {
  if (region !== undefined) {
    const password = deriveSmtpPassword(material, region);
    try {
      return base64Bytes(password);
    } finally {
      wipe(password);
    }
  }
  return spec === 'SSH_RSA_4096' ? sshPrivatePem(material) : new Uint8Array(material);
}

import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { RotationRecord } from './record.ts';

type Wanted = Pick<RotationRecord, 'account' | 'mfaSerial' | 'user'>;

/** `arn:aws:iam::123456789012:mfa/alice` */
const VIRTUAL = /^arn:[\w-]+:iam::(\d{12}):mfa\/(?:.*\/)?([^/]+)$/;

/** The authenticator entry with the codes of the user's MFA device: the one that was named, or the one of that name, or the only one of the account. */
export function deviceOf(session: Session, { account, mfaSerial, user }: Wanted): Found<'otpDevice'> | undefined {
  const usable = session.things.all('otpDevice').filter(({ value }) => value.enrolling === undefined);
  if (mfaSerial !== undefined) return usable.find(({ value }) => value.mfaSerial === mfaSerial);
  const { accountId } = session.things.must('account', account);
  const ofAccount = usable.filter(({ value }) => VIRTUAL.exec(value.mfaSerial ?? '')?.[1] === accountId);
  const ofUser = ofAccount.filter(({ value }) => VIRTUAL.exec(value.mfaSerial ?? '')?.[2] === user?.name);
  const [device, ...others] = ofUser.length > 0 ? ofUser : ofAccount;
  return others.length === 0 ? device : undefined;
}

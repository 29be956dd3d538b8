import { quotedName } from '../../contract/quoted-name.ts';
import type { OtpDevice } from '../../contract/totp.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { countDown } from './wait-for-code.ts';

export interface EnrollOptions {
  profile?: string;
  user?: string;
  name?: string;
  resume?: string;
  cancel?: string;
}

/** `keyhold totp enroll-aws`: a virtual MFA device for an IAM user, from nothing to in use. */
export async function enrollAws(cli: Cli, options: EnrollOptions): Promise<void> {
  if (options.cancel !== undefined) {
    const name = options.cancel;
    await touched(cli, () => cli.call('totp.enrollCancel', { name }));
    cli.print(
      { cancelled: name },
      () => `The enrolment of ${name} is taken back: its device is forgotten here and in its account.\n`,
    );
    return;
  }
  const device = await finish(cli, options.resume ?? (await begin(cli, options)));
  cli.print(device, () => `${device.name} is in use: ${device.mfaSerial ?? ''}\n`);
}

async function begin(cli: Cli, { profile, user, name }: EnrollOptions): Promise<string> {
  if (profile === undefined) throw usageError('Say with --profile who asks for it, or go on with --resume NAME.');
  const wanted = {
    profile,
    ...(user === undefined ? {} : { userName: user }),
    ...(name === undefined ? {} : { name }),
  };
  const device = await touched(cli, () => cli.call('totp.enrollBegin', wanted));
  cli.note(`${device.mfaSerial ?? device.name} is made. It wants two codes in a row.`);
  return device.name;
}

async function finish(cli: Cli, name: string): Promise<OtpDevice> {
  try {
    for (;;) {
      const answer = await touched(cli, () => cli.call('totp.enrollStep', { name }));
      if (answer.outcome === 'done') return answer.device;
      const which = answer.have === 1 ? 'Got the first code. The second one comes in' : 'The first code comes in';
      await countDown(cli, which, cli.now() + answer.waitMs);
    }
  } catch (error) {
    cli.note(`Go on with: keyhold totp enroll-aws --resume ${quotedName(name)}   or take it back with --cancel`);
    throw error;
  }
}

/** The access key that asks may want a touch. */
function touched<T>(cli: Cli, run: () => Promise<T>): Promise<T> {
  return withPrompts(cli, ['gate'], run);
}

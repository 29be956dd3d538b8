import { KeyholdError } from '../../contract/errors.ts';
import type { OtpCodes } from '../../contract/totp.ts';
import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { Cancelled } from '../errors.ts';
import { type AuthorizeOptions, BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';
import { type AddOptions, addDevice } from '../totp/add-device.ts';
import { type EnrollOptions, enrollAws } from '../totp/enroll-aws.ts';
import { exportDevice } from '../totp/export-device.ts';
import { type ImportOptions, importDevices } from '../totp/import-devices.ts';
import { codeToUse } from '../totp/wait-for-code.ts';
import { BY_COUNTER_ALONE, devicesText, shownText, sorted } from '../totp/words.ts';

interface CodeOptions {
  show?: boolean;
  next?: boolean;
  wait?: boolean;
}

export const define: Define = (command, cli) => {
  leaf(command, 'list', 'list what makes one-time codes', ['keyhold totp list', 'keyhold totp list --json']).action(
    async () => {
      const { devices } = await cli.call('totp.list', {});
      cli.print({ devices: sorted(devices) }, () => devicesText(cli, devices));
    },
  );

  leaf(command, 'code <name>', 'a code to use; nobody gets the same one again', [
    'keyhold totp code github',
    'keyhold totp code github --show   # only look at it',
    'aws sts get-session-token --serial-number "$ARN" --token-code "$(keyhold totp code alice)"',
  ])
    .option('--show', 'look at the present and the next code without using one')
    .option('--next', 'look at the next code alone')
    .option('--no-wait', 'fail at once where the present code has been used, instead of waiting for the next')
    .action((name: string, options: CodeOptions) => showOrUse(cli, name, options));

  leaf(command, 'add [name]', 'put the secret of one-time codes into the vault', [
    'keyhold totp add github --qr screenshot.png',
    'pbpaste | keyhold totp add github --uri -',
    'keyhold totp add bank --digits 8 --algorithm SHA256   # asks for the secret',
  ])
    .option('--uri <address>', 'an otpauth:// address; - reads it from standard input, where no other program sees it')
    .option('--qr <file>', 'a picture (PNG or JPEG) of its QR code')
    .option('--secret-stdin', 'read the secret (base32) from standard input, first line')
    .option('--issuer <text>', 'who issued it')
    .option('--account <text>', 'for which account there')
    .option('--algorithm <name>', 'SHA1 (the default), SHA256 or SHA512')
    .option('--digits <number>', '6 (the default), 7 or 8')
    .option('--period <seconds>', 'how long a code is valid (default: 30)')
    .option('--hotp', 'codes by counter instead of by time')
    .option('--counter <number>', 'the first counter to use (default: 0)')
    .option('--favourite', 'list it first')
    .option('--mfa-serial <arn>', 'the AWS MFA device that it is')
    .action((name: string | undefined, options: AddOptions) => addDevice(cli, name, options));

  leaf(command, 'import <files...>', 'take over what another authenticator has exported', [
    'keyhold totp import aegis-export.json --dry-run',
    'keyhold totp import google-1.png google-2.png',
  ])
    .option('--dry-run', 'only show what would come in')
    .option('--export-password-file <file>', 'read the password of an encrypted export from a file, first line')
    .option('-y, --yes', 'do not ask before importing')
    .action((files: string[], options: ImportOptions) => importDevices(cli, files, options));

  leaf(command, 'export <name>', 'print the otpauth:// address, after the vault’s password', [
    'keyhold totp export github | qrencode -t ansiutf8',
  ])
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option('--pin-file <file>', 'read the PIN of the security key from a file, first line')
    .action((name: string, options: AuthorizeOptions) => exportDevice(cli, name, options));

  defineChanges(command, cli);

  leaf(command, 'enroll-aws', 'give an IAM user a virtual MFA device whose secret lives in the vault', [
    'keyhold totp enroll-aws --profile prod',
    'keyhold totp enroll-aws --profile admin --user alice --name alice-keyhold',
  ])
    .option('--profile <name>', 'who asks for it: its access key at AWS, or a local account in this vault')
    .option('--user <name>', 'the IAM user it is for (default: the one whose key it is)')
    .option('--name <name>', 'what to call it, here and in its account (default: the user’s name)')
    .option('--resume <name>', 'go on with an enrolment that is not complete')
    .option('--cancel <name>', 'take an enrolment back that is not complete')
    .action((options: EnrollOptions) => enrollAws(cli, options));
};

function defineChanges(command: Parameters<Define>[0], cli: Cli): void {
  leaf(command, 'rename <name> <new-name>', 'call it something else', [
    'keyhold totp rename github "github work"',
  ]).action(async (name: string, rename: string) => {
    const device = await cli.call('totp.update', { name, rename });
    cli.print(device, () => `${name} is called ${device.name} now.\n`);
  });

  leaf(command, 'edit <name>', 'change what is said of it', [
    'keyhold totp edit alice --mfa-serial arn:aws:iam::123456789012:mfa/alice',
  ])
    .option('--issuer <text>', 'who issued it')
    .option('--account <text>', 'for which account there')
    .option('--favourite', 'list it first')
    .option('--no-favourite', 'list it among the others')
    .option('--mfa-serial <arn>', 'the AWS MFA device that it is')
    .action(async (name: string, options: Pick<AddOptions, 'issuer' | 'account' | 'favourite' | 'mfaSerial'>) => {
      const device = await cli.call('totp.update', {
        name,
        ...(options.issuer === undefined ? {} : { issuer: options.issuer }),
        ...(options.account === undefined ? {} : { label: options.account }),
        ...(options.favourite === undefined ? {} : { favourite: options.favourite }),
        ...(options.mfaSerial === undefined ? {} : { mfaSerial: options.mfaSerial }),
      });
      cli.print(device, () => `${device.name} is changed.\n`);
    });

  leaf(command, 'remove <name>', 'destroy its secret; the issuer is not told', ['keyhold totp remove old'])
    .option('--abandon', 'also where its enrolment is not complete; its account keeps the device')
    .option('-y, --yes', 'do not ask')
    .action(async (name: string, options: { abandon?: boolean; yes?: boolean }) => {
      if (options.yes !== true) {
        const person = cli.needTerminal('Add --yes to destroy it without being asked.');
        const question = `Destroy the secret of ${name}? Codes for it can then be made nowhere else, unless you exported it.`;
        if (!(await person.confirm(question, false))) throw new Cancelled();
      }
      await cli.call('totp.remove', { name, ...(options.abandon === true ? { abandon: true } : {}) });
      cli.print(
        { removed: name },
        () => `${name} is removed. Its issuer still asks for codes until you turn that off there.\n`,
      );
    });
}

async function showOrUse(cli: Cli, name: string, options: CodeOptions): Promise<void> {
  if (options.show === true || options.next === true) {
    const { codes, drift } = await cli.call('totp.codes', { names: [name] });
    warn(cli, drift);
    const [found] = codes;
    if (found === undefined) throw new KeyholdError('NotFound', `There is no authenticator entry called ${name}.`);
    if (options.show === true) cli.print(found, () => shownText(found, cli.now()));
    else printNext(cli, name, found);
    return;
  }
  const answer = options.wait === false ? await cli.call('totp.use', { name }) : await codeToUse(cli, name);
  if (answer.outcome === 'wait') {
    const seconds = Math.ceil(answer.waitMs / 1000);
    throw new KeyholdError('InUse', `The present code of ${name} has been used. The next one comes in ${seconds} s.`, {
      waitMs: answer.waitMs,
    });
  }
  warn(cli, answer.drift);
  cli.print(answer, () => `${answer.code}\n`);
}

/** A code or an error: what a script reads here, it types somewhere. */
function printNext(cli: Cli, name: string, { next, usableFrom }: OtpCodes): void {
  if (next !== null) cli.print(next, () => `${next.code}\n`);
  else if (usableFrom === null) throw new KeyholdError('Unsupported', `${BY_COUNTER_ALONE} leave --next out.`);
  else throw new KeyholdError('InUse', `The next code of ${name} has been used already. Ask again when it has passed.`);
}

function warn(cli: Cli, drift: { warning?: string | undefined } | null): void {
  if (drift?.warning !== undefined) cli.note(drift.warning);
}

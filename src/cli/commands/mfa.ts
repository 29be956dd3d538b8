import type { Cli } from '../cli.ts';
import { type Define, leaf } from '../command.ts';
import { usageError } from '../errors.ts';
import { type AuthorizeOptions, authorized, BY_KEY, BY_RECOVERY_CODE } from '../security-keys/authorized.ts';
import { touchAloneNote } from '../security-keys/way-notes.ts';
import { withPins } from '../security-keys/with-pins.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { credentialsText, devicesText, infoText, keysText } from '../security-keys/words.ts';
import { otpSlotOf, type YubikeySlot, yubikeySlotOption } from '../security-keys/yubikey-slot.ts';
import { definePin } from './mfa-pin.ts';

const DEVICE = ['--device <id>', 'which of several devices (keyhold mfa devices)'] as const;
const PIN_FILE = ['--pin-file <file>', 'read the security key’s PIN from a file, first line'] as const;

interface DeviceOptions {
  device?: string;
  pinFile?: string;
}

/** `keyhold mfa devices | info | enroll | keys | rename | remove | test | credentials | pin | reset`. */
export const define: Define = (command, cli) => {
  defineDevices(command, cli);
  defineKeys(command, cli);
  definePin(command, cli);

  leaf(command, 'reset', 'erase a security key: its PIN and all its credentials, other sites’ too', [
    'keyhold mfa reset',
    'keyhold mfa reset --device 4f1d2c3b4a5e6f70',
  ])
    .option(...DEVICE)
    .action(async (options: DeviceOptions) => {
      const named = options.device === undefined ? {} : { device: options.device };
      const { device } = await cli.call('mfa.info', { ...named, kind: 'fido' });
      const person = cli.needTerminal('A reset has to be confirmed by a person.');
      person.say(`${device.name} loses its PIN and every credential on it, those of other sites too.\n`);
      const confirm = await person.ask(`Type its name (${device.name}) to erase it: `);
      if (confirm !== device.name) throw usageError('That is not its name. Nothing was erased.');
      await withPrompts(cli, ['reset'], () => cli.call('mfa.reset', { device: device.id, confirm }));
      cli.print({ reset: device.id }, () => `${device.name} is as new.\n`);
    });
};

function defineDevices(command: Parameters<Define>[0], cli: Cli): void {
  leaf(command, 'devices', 'list the security keys that are plugged in', ['keyhold mfa devices']).action(async () => {
    const found = await cli.call('mfa.devices', {});
    if (found.problem !== undefined) cli.note(found.problem);
    cli.print(found, () => devicesText(found.devices, cli));
  });

  leaf(command, 'info', 'say what a security key can do, and how its PIN is', ['keyhold mfa info'])
    .option(...DEVICE)
    .action(async ({ device }: DeviceOptions) => {
      const found = await withPrompts(cli, ['manage'], () =>
        cli.call('mfa.info', device === undefined ? {} : { device }),
      );
      cli.print(found, () => infoText(found));
    });

  leaf(command, 'test [name]', 'try a security key: it has to be touched, and to answer rightly', [
    'keyhold mfa test',
    'keyhold mfa test blue',
    'keyhold mfa test --yubikey-slot 2',
  ])
    .option(...DEVICE)
    .option(...PIN_FILE)
    .addOption(yubikeySlotOption('try the HMAC-SHA1 challenge-response of a YubiKey'))
    .action(async (name: string | undefined, options: DeviceOptions & { yubikeySlot?: YubikeySlot }) => {
      const otp = options.yubikeySlot === undefined ? {} : { otpSlot: otpSlotOf(options.yubikeySlot) };
      const tested = await withPrompts(cli, ['test'], () =>
        withPins(cli, options, (pins) =>
          cli.callSealed('mfa.test', async (seal) => ({
            ...(name === undefined ? {} : { name }),
            ...otp,
            ...(await pins.subject(seal)),
          })),
        ),
      );
      cli.print(tested, () => `${tested.message}\n`);
    });

  leaf(command, 'credentials', 'list the credentials that are kept on a security key', ['keyhold mfa credentials'])
    .option(...DEVICE)
    .option(...PIN_FILE)
    .option('--remove <credential-id>', 'remove this one')
    .action(async (options: DeviceOptions & { remove?: string }) => {
      const credentialId = options.remove;
      if (credentialId !== undefined) {
        await withPrompts(cli, ['manage'], () =>
          withPins(cli, options, (pins) =>
            cli.callSealed('mfa.removeCredential', async (seal) => ({ credentialId, ...(await pins.subject(seal)) })),
          ),
        );
        cli.print({ removed: credentialId }, () => 'The credential is removed.\n');
        return;
      }
      const found = await withPrompts(cli, ['manage'], () =>
        withPins(cli, options, (pins) => cli.callSealed('mfa.credentials', (seal) => pins.subject(seal))),
      );
      cli.print(found, () => credentialsText(found, cli));
    });
}

function defineKeys(command: Parameters<Define>[0], cli: Cli): void {
  leaf(command, 'enroll <name>', 'make a credential on a security key and remember it under this name', [
    'keyhold mfa enroll blue',
    'keyhold vault slot add-key blue    # then let it open the vault',
  ])
    .option(...DEVICE)
    .option(...PIN_FILE)
    .option('--no-verification', 'a touch is enough for it: no PIN, no fingerprint')
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .action(async (name: string, options: AuthorizeOptions & { verification?: boolean }) => {
      const key = await authorized(cli, options, ['enroll'], (proof, pins) =>
        cli.callSealed('mfa.enroll', async (seal) => ({
          name,
          ...(options.verification === false ? { userVerification: false } : {}),
          ...(await pins.subject(seal)),
          authorize: await proof(seal),
        })),
      );
      if (!key.userVerification && key.canUnlock && options.verification !== false) cli.note(touchAloneNote(key.name));
      if (key.alwaysPin === true) cli.note(`${key.name} wants its PIN for everything (alwaysUv): no gate can use it.`);
      cli.print(key, () => `${key.name} is enrolled (${key.model}, credential ${key.credentialId.slice(0, 16)}…).\n`);
    });

  leaf(command, 'keys', 'list the security keys that the vault knows', ['keyhold mfa keys']).action(async () => {
    const { keys } = await cli.call('mfa.keys', {});
    cli.print({ keys }, () => keysText(keys, cli));
  });

  leaf(command, 'rename <name> <new-name>', 'rename a security key', ['keyhold mfa rename blue red']).action(
    async (name: string, rename: string) => {
      const key = await cli.call('mfa.rename', { name, rename });
      cli.print(key, () => `${name} is called ${key.name} now.\n`);
    },
  );

  leaf(command, 'remove <name>', 'forget a security key, e.g. one that was lost', [
    'keyhold mfa remove blue',
    'keyhold mfa remove blue --by-recovery-code',
  ])
    .option(...BY_RECOVERY_CODE)
    .option(...BY_KEY)
    .option(...PIN_FILE)
    .action(async (name: string, options: AuthorizeOptions) => {
      await authorized(cli, options, [], (proof) =>
        cli.callSealed('mfa.removeKey', async (seal) => ({ name, authorize: await proof(seal) })),
      );
      cli.print({ removed: name }, () => `${name} is forgotten. Its credential is still on the device itself.\n`);
    });
}

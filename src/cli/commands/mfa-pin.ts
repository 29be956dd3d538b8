import type { Command } from 'commander';
import { wipe } from '../../client/import/credential-values.ts';
import type { Cli } from '../cli.ts';
import { leaf } from '../command.ts';

interface PinOptions {
  device?: string;
  pinFile?: string;
  newPinFile?: string;
}

const FEWEST_CHARACTERS = 4;

/** `keyhold mfa pin`: the first one, or another. */
export function definePin(command: Command, cli: Cli): void {
  leaf(command, 'pin', 'give a security key its first PIN, or change it', ['keyhold mfa pin'])
    .option('--device <id>', 'which of several devices (keyhold mfa devices)')
    .option('--pin-file <file>', 'read the present PIN from a file, first line')
    .option('--new-pin-file <file>', 'read the new PIN from a file, first line')
    .action(async (options: PinOptions) => {
      const { device, info } = await cli.call(
        'mfa.info',
        options.device === undefined ? {} : { device: options.device },
      );
      const isSet = info.kind === 'fido' && info.pin === 'set';
      const tries = info.kind === 'fido' && info.pinRetries !== null && isSet ? ` (${info.pinRetries} tries left)` : '';
      const least = (info.kind === 'fido' ? info.minPinLength : null) ?? FEWEST_CHARACTERS;
      const current = isSet
        ? await cli.withPasswordFile(options.pinFile, () => cli.password(`Present PIN of ${device.name}${tries}: `))
        : undefined;
      let pin: Uint8Array | undefined;
      try {
        const wanted = await cli.withPasswordFile(options.newPinFile, () =>
          cli.password(`New PIN of ${device.name}: `, {
            onceMore: 'The same again: ',
            refuse: async (typed) => (charactersOf(typed) < least ? `A PIN has at least ${least} characters.` : null),
          }),
        );
        pin = wanted;
        if (current === undefined) {
          await cli.callSealed('mfa.setPin', async (seal) => ({
            device: device.id,
            pin: await seal('security-key-pin', wanted),
          }));
        } else {
          await cli.callSealed('mfa.changePin', async (seal) => ({
            device: device.id,
            current: await seal('security-key-pin', current),
            pin: await seal('security-key-pin', wanted),
          }));
        }
      } finally {
        wipe(current, pin);
      }
      cli.print({ device: device.id }, () => `The PIN of ${device.name} is ${isSet ? 'changed' : 'set'}.\n`);
    });
}

/** As CTAP counts them, code points, of UTF-8; a string of a PIN could not be wiped. */
function charactersOf(utf8: Uint8Array): number {
  return utf8.reduce((count, byte) => ((byte & 0xc0) === 0x80 ? count : count + 1), 0);
}

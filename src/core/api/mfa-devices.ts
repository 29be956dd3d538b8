import { KeyholdError } from '../../contract/errors.ts';
import { viewDevice } from '../security-keys/devices.ts';
import { slotInfo } from '../vault/slot-descriptor.ts';
import type { Handlers } from './handler.ts';

export const mfaDeviceHandlers: Handlers<'mfa.devices' | 'mfa.ways' | 'mfa.prompts' | 'mfa.cancel'> = {
  'mfa.devices': async ({ core }) => {
    const { devices } = core.securityKeys;
    try {
      const seen = await devices.list();
      devices.watch(seen);
      return { devices: seen.map(viewDevice) };
    } catch (error) {
      // A page about keys that cannot be looked for still has something to say.
      if (error instanceof KeyholdError) return { devices: [], problem: error.message };
      throw error;
    }
  },

  'mfa.ways': ({ core }) => ({
    ways: (core.lifecycle.openedVault()?.slots() ?? []).flatMap(({ descriptor }) => slotInfo(descriptor) ?? []),
  }),

  'mfa.prompts': ({ core }) => ({ prompts: core.securityKeys.prompts.list() }),

  'mfa.cancel': ({ core }, { prompt }) => ({ cancelled: core.securityKeys.prompts.cancel(prompt) }),
};

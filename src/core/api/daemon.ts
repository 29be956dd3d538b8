import type { Handlers } from './handler.ts';

export const daemonHandlers: Handlers<'status.get' | 'hsm.sealKey' | 'ca.export' | 'ui.open' | 'daemon.stop'> = {
  'status.get': ({ core }) => core.status(),

  'hsm.sealKey': async ({ core }) => {
    const { sealKeyId, publicKey } = await core.lifecycle.hsm().call('sealKey', {});
    return { sealKeyId, publicKey: Buffer.from(publicKey).toString('base64') };
  },

  'ca.export': ({ core, actor }) => {
    core.session();
    return core.shell.exportCa(actor);
  },

  'ui.open': ({ core }, { file }) => core.shell.openUi(file),

  'daemon.stop': ({ core, actor }) => {
    core.shell.stop(`asked by ${actor}`);
    return {};
  },
};

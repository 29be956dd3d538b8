import type { Handlers } from './handler.ts';

export const daemonHandlers: Handlers<
  'status.get' | 'hsm.sealKey' | 'ca.export' | 'ca.rotate' | 'ui.open' | 'daemon.stop'
> = {
  'status.get': ({ core }) => core.status(),

  'hsm.sealKey': async ({ core }) => {
    const { sealKeyId, publicKey } = await core.lifecycle.hsm().call('sealKey', {});
    return { sealKeyId, publicKey: Buffer.from(publicKey).toString('base64') };
  },

  'ca.export': ({ core, actor }) => {
    core.session();
    return core.shell.exportCa(actor);
  },

  'ca.rotate': async ({ core, actor }, { now }) => {
    core.session();
    await core.shell.doorSettled();
    const rotated = await core.shell.rotateCa(actor);
    const open = core.shell.door().httpsEndpoint !== null;
    if (open && now) await core.shell.applyDoor({ port: undefined, https: true });
    return { ...rotated, doorKeepsPrevious: open && !now };
  },

  'ui.open': ({ core }, { file }) => core.shell.openUi(file),

  'daemon.stop': ({ core, actor }) => {
    core.shell.stop(`asked by ${actor}`);
    return {};
  },
};

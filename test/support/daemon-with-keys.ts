import { parseArgs } from 'node:util';
import { resolveHome } from '../../src/daemon/home.ts';
import { startDaemon } from '../../src/daemon/serve.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { createAuthenticator } from '../device/authenticator.ts';
import { createFakeHid, type FakePlug } from '../device/fake-hid.ts';
import { createYubiKey } from '../device/yubikey.ts';
import type { KeyCommand, KeyName, KeyReply } from './emulated-keys.ts';

/**
 * The daemon as `src/daemon/main.ts` starts it, but with emulated security keys in place of the system's HID devices. Its parent plugs them in and touches them by messages. All are
 * pulled out at the start.
 */
process.umask(0o077);
const { values } = parseArgs({ options: { port: { type: 'string' } } });
const fido = (product: string, serialNumber: string) =>
  createAuthenticator({ clock: systemClock, description: { manufacturer: 'Emulated', product, serialNumber } });
const blue = fido('Blue Key', 'B1');
const red = fido('Red Key', 'R1');
const yubikey = createYubiKey({
  clock: systemClock,
  serial: 7_654_321,
  slots: { 2: { key: new Uint8Array(20).fill(7), touch: true } },
});
const hid = createFakeHid();
const plugs: Record<KeyName, FakePlug> = { blue: hid.add(blue), red: hid.add(red), yubikey: hid.add(yubikey) };
for (const plug of Object.values(plugs)) plug.unplug();

function obey({ key, act }: KeyCommand): KeyReply {
  const plug = plugs[key];
  const device = key === 'blue' ? blue : key === 'red' ? red : yubikey;
  switch (act) {
    case 'plug':
      plug.plug();
      break;
    case 'unplug':
      plug.unplug();
      break;
    case 'hold':
      plug.held = true;
      break;
    case 'release':
      plug.held = false;
      break;
    case 'approve':
      device.control.touch = 'approve';
      break;
    case 'wait':
      device.control.touch = 'delay';
      device.control.touchDelay = null;
      break;
    case 'press':
      device.control.press();
      break;
    case 'look':
      break;
  }
  return { awaitsTouch: device.state.awaitsTouch };
}

const daemon = await startDaemon({
  home: resolveHome(),
  shell: 'serve',
  web: true,
  kdf: 'floor',
  hid,
  port: Number(values.port ?? 0),
  echo: (line) => process.stderr.write(line),
  onStopRequest: () => void end(),
});
async function end(): Promise<void> {
  await daemon.stop();
  process.exit();
}
process.once('SIGTERM', () => void end());
process.on('message', (message: { id: number; command: KeyCommand }) => {
  process.send?.({ id: message.id, reply: obey(message.command) });
});
process.stdout.write(`${JSON.stringify({ endpoint: daemon.endpoint, ui: daemon.ui, pid: process.pid })}\n`);

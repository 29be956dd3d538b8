import { KeyholdError } from '../../contract/errors.ts';
import type { ShellBridge } from '../../contract/wire.ts';
import { isDaemonEvent, readAnswer } from './answer.ts';
import type { Transport } from './transport.ts';

/** The desktop shell: the preload script's bridge. The daemon lives as long as the window, so the connection is always up. */
export function createElectronTransport(bridge: ShellBridge): Transport {
  return {
    call: async (method, params) => readAnswer(await bridge.call(method, params)),
    async filePart(part, bytes) {
      const out = readAnswer(await bridge.filePart(part, bytes));
      if (out instanceof Uint8Array) return new Uint8Array(out);
      throw new KeyholdError('Internal', 'Keyhold answered in a form this page does not know. Reload the page.');
    },
    subscribe(listener) {
      listener.connection('up');
      return bridge.subscribe((event) => {
        if (isDaemonEvent(event)) listener.event(event);
      });
    },
    async holdInClipboard(code, seconds) {
      return readAnswer(await bridge.holdInClipboard(code, seconds)) === 'cleared' ? 'cleared' : 'changed';
    },
    reconnect() {},
  };
}

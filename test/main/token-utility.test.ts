import { beforeEach, expect, test, vi } from 'vitest';
import { utilityToken } from '../../src/main/token-utility.ts';
import { FakeUtilityProcess, resetFakeElectron } from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

beforeEach(resetFakeElectron);

test('starts the token bundle apart from the app, with the variables that the module needs and none of the app’s', () => {
  vi.stubEnv('NODE_OPTIONS', '--inspect');
  vi.stubEnv('HOME', '/home/somebody');
  const channel = utilityToken('/app/dist/main/token-process.js')({ SOFTHSM2_CONF: '/x' });
  const child = FakeUtilityProcess.all.at(-1);
  expect(child?.modulePath).toBe('/app/dist/main/token-process.js');
  expect(child?.args).toEqual([]);
  expect(child?.options).toMatchObject({
    serviceName: 'Keyhold token',
    stdio: ['ignore', 'ignore', 'ignore'],
    execArgv: [],
  });
  expect(child?.options).toHaveProperty('env.SOFTHSM2_CONF', '/x');
  expect(child?.options).toHaveProperty('env.HOME', '/home/somebody');
  expect(child?.options).not.toHaveProperty('env.NODE_OPTIONS');
  const received: unknown[] = [];
  channel.onFrames((frames) => received.push(frames));
  channel.send([{ id: 1, op: 'replyKey', input: {} }]);
  expect(child?.posted).toEqual([[{ id: 1, op: 'replyKey', input: {} }]]);
  child?.emit('message', [{ id: 1, output: {} }]);
  expect(received).toEqual([[{ id: 1, output: {} }]]);
  vi.unstubAllEnvs();
});

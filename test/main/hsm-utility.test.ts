import { spawn } from 'node:child_process';
import { beforeEach, expect, test, vi } from 'vitest';
import { utilityHsm } from '../../src/main/hsm-utility.ts';
import { FakeUtilityProcess, resetFakeElectron } from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

beforeEach(resetFakeElectron);

function start(): { channel: ReturnType<ReturnType<typeof utilityHsm>>; child: FakeUtilityProcess } {
  const channel = utilityHsm('/app/dist/main/hsm-process.js')();
  const child = FakeUtilityProcess.all.at(-1);
  if (child === undefined) throw new Error('No utility process was started.');
  return { channel, child };
}

test('starts the HSM’s bundle without arguments, flags or environment', () => {
  vi.stubEnv('NODE_OPTIONS', '--inspect');
  const { child } = start();
  expect(child.modulePath).toBe('/app/dist/main/hsm-process.js');
  expect(child.args).toEqual([]);
  expect(child.options).toEqual({
    serviceName: 'Keyhold HSM',
    stdio: ['ignore', 'ignore', 'inherit'],
    execArgv: [],
    env: {},
  });
  vi.unstubAllEnvs();
});

test('frames go both ways; what is not a list of frames is dropped', () => {
  const { channel, child } = start();
  const received: unknown[] = [];
  channel.onFrames((frames) => received.push(frames));
  channel.send([{ id: 1, op: 'sealKey', input: {} }]);
  expect(child.posted).toEqual([[{ id: 1, op: 'sealKey', input: {} }]]);
  child.emit('message', [{ id: 1, output: {} }]);
  child.emit('message', 'not frames');
  expect(received).toEqual([[{ id: 1, output: {} }]]);
});

test('an exit is told once, also to who asks later, and nothing is sent after it', () => {
  const { channel, child } = start();
  const told: unknown[] = [];
  channel.onExit((info) => told.push(info));
  child.emit('exit', 70);
  channel.onExit((info) => told.push(info));
  channel.send([{ id: 1, op: 'sealKey', input: {} }]);
  expect(told).toEqual([
    { code: 70, signal: null },
    { code: 70, signal: null },
  ]);
  expect(child.posted).toEqual([]);
});

test('kill ends the process for certain: one that ignores SIGTERM is gone, and kill waits for it', async () => {
  const stubborn = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"]);
  const { channel, child } = start();
  child.pid = stubborn.pid;
  stubborn.once('exit', () => child.emit('exit', 9));
  const told: unknown[] = [];
  channel.onExit((info) => told.push(info));
  await channel.kill();
  expect(stubborn.signalCode).toBe('SIGKILL');
  expect(told).toEqual([{ code: null, signal: 'SIGKILL' }]);
  await channel.kill();
});

test('kill before the process has started ends it as soon as it has', async () => {
  const { channel, child } = start();
  const victim = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  victim.once('exit', () => child.emit('exit', 9));
  const killed = channel.kill();
  child.pid = victim.pid;
  child.emit('spawn');
  await killed;
  expect(victim.signalCode).toBe('SIGKILL');
});
